package dev.weir.machine;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one key, sorted by (time, id), each id once. Beside them lies what tells them apart: of each its time, the hash
 * of its id, its {@link Machine#mark}. The facts themselves lie all over the memory, or are bytes; most events look at none
 * but their own.
 */
public final class Facts<F> extends AbstractList<F> implements RandomAccess {
    private static final int LEAST = 4;

    private final Machine<F, ?> machine;
    private final List<F> items;
    /** Words a fact, in this order: its time; the hash of its id, and a bit for those that do not speak for themselves; its marks. */
    private final int width;

    private long[] words;
    /** How many facts do not speak for themselves. */
    private int deciding;

    /**
     * These facts.
     *
     * @param items sorted by (time, id), each id once; it is kept, and changed from here only
     */
    public Facts(Machine<F, ?> machine, List<F> items) {
        this.machine = machine;
        this.items = items;
        width = 2 + machine.marks();
        words = new long[Math.max(LEAST, items.size()) * width];
        for (int i = 0; i < items.size(); i++) {
            note(i, items.get(i));
        }
    }

    private Facts(Facts<F> from, List<F> items) {
        machine = from.machine;
        this.items = items;
        width = from.width;
        words = from.words.clone();
        deciding = from.deciding;
    }

    /** These facts, whatever they are kept in. */
    public static <F> Facts<F> of(Machine<F, ?> machine, List<F> facts) {
        return facts instanceof Facts<F> known ? known : new Facts<>(machine, facts);
    }

    /** Facts that may change without these. */
    public Facts<F> copy(UnaryOperator<List<F>> copied) {
        return new Facts<>(this, copied.apply(items));
    }

    /** The facts as they are kept. */
    public List<F> items() {
        return items;
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public F get(int at) {
        return items.get(at);
    }

    /** When a fact happened, epoch milliseconds. */
    public long time(int at) {
        return words[at * width];
    }

    /** The {@link Machine#mark} of a fact. */
    public long mark(int at, int word) {
        return words[at * width + 2 + word];
    }

    @Override
    public void add(int at, F fact) {
        int size = items.size();
        items.add(at, fact);
        if (words.length < (size + 1) * width) {
            words = Arrays.copyOf(words, 2 * size * width);
        }
        System.arraycopy(words, at * width, words, (at + 1) * width, (size - at) * width);
        note(at, fact);
    }

    @Override
    public F remove(int at) {
        F fact = items.remove(at);
        deciding -= decides(at) ? 1 : 0;
        System.arraycopy(words, (at + 1) * width, words, at * width, (items.size() - at) * width);
        return fact;
    }

    @Override
    public void clear() {
        items.clear();
        deciding = 0;
    }

    private void note(int at, F fact) {
        boolean decides = !machine.alone(fact);
        deciding += decides ? 1 : 0;
        words[at * width] = machine.time(fact);
        words[at * width + 1] = (long) machine.id(fact).hashCode() << 1 | (decides ? 1 : 0);
        for (int word = 2; word < width; word++) {
            words[at * width + word] = machine.mark(fact, word - 2);
        }
    }

    /** Whether each speaks for itself. */
    public boolean areAlone() {
        return deciding == 0;
    }

    private boolean decides(int at) {
        return (words[at * width + 1] & 1) != 0;
    }

    /** Where the fact with this time and id is or, as in a binary search, would be: {@code -place - 1}. */
    int find(long time, String id) {
        int at = firstFrom(time);
        for (; at < items.size() && time(at) == time; at++) {
            int order = machine.id(items.get(at)).compareTo(id);
            if (order >= 0) {
                return order == 0 ? at : -at - 1;
            }
        }
        return -at - 1;
    }

    /** Where the facts begin that happened at a time or after it. */
    public int firstFrom(long time) {
        int low = 0;
        int high = items.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (time(middle) < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Where the fact with this id is, whenever it happened; -1 where there is none. */
    int find(String id) {
        int hash = id.hashCode();
        for (int i = items.size() - 1; i >= 0; i--) {
            if (words[i * width + 1] >> 1 == hash && machine.id(items.get(i)).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * What a machine needs to say of a change where most facts speak for themselves: of those only the one that goes or comes,
     * and all that decide about others. All of them, where one of the two decides about others.
     *
     * @param here the one of the two that is among these facts; null where none is
     */
    public List<F> concerned(Change<F> change, @Nullable F here) {
        if (deciding == items.size() || decides(change.goes()) || decides(change.comes())) {
            return this;
        }
        if (deciding == 0) {
            return here == null ? List.of() : List.of(here);
        }
        List<F> concerned = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            if (decides(i)
                    || (here != null
                            && time(i) == machine.time(here)
                            && items.get(i).equals(here))) {
                concerned.add(items.get(i));
            }
        }
        return concerned;
    }

    private boolean decides(@Nullable F fact) {
        return fact != null && !machine.alone(fact);
    }
}
