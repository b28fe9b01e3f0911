package dev.weir.machine;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one key, sorted by (time, id), each id once. Beside them lies what tells them apart: of each its time, the hash
 * of its id, its {@link Machine#mark}. The facts themselves lie all over the memory, or are bytes; most events look at none
 * but their own.
 */
public abstract class Facts<F> extends AbstractList<F> implements RandomAccess {
    /** Words before the marks: the time; the hash of the id, and a bit for those that do not speak for themselves. */
    private static final int FIRST_MARK = 2;

    protected final Machine<F, ?> machine;
    /** How many words stand beside a fact. */
    protected final int words;
    /** How many facts do not speak for themselves. */
    private int deciding;

    protected Facts(Machine<F, ?> machine) {
        this.machine = machine;
        words = FIRST_MARK + machine.marks();
    }

    /** The same facts, which may change without those. */
    protected Facts(Facts<F> from) {
        machine = from.machine;
        words = from.words;
        deciding = from.deciding;
    }

    /**
     * These facts, whatever they are kept in.
     *
     * @param facts sorted by (time, id), each id once; kept, and changed from here only
     */
    public static <F> Facts<F> of(Machine<F, ?> machine, List<F> facts) {
        return facts instanceof Facts<F> known ? known : new ListedFacts<>(machine, facts);
    }

    /**
     * Facts that may change without these.
     *
     * @param copied makes a list of them anew, where they are kept in one
     */
    public abstract Facts<F> copy(UnaryOperator<List<F>> copied);

    /** A word that stands beside a fact. */
    protected abstract long word(int at, int word);

    /** Keeps a fact in a place, and with it what {@link #word(Object, int)} says. */
    protected abstract void put(int at, F fact);

    /** Drops the fact of a place. */
    protected abstract void drop(int at);

    /** The word that stands beside this fact. */
    protected final long word(F fact, int word) {
        return switch (word) {
            case 0 -> machine.time(fact);
            case 1 -> (long) machine.id(fact).hashCode() << 1 | (machine.alone(fact) ? 0 : 1);
            default -> machine.mark(fact, word - FIRST_MARK);
        };
    }

    /** When a fact happened, epoch milliseconds. */
    public final long time(int at) {
        return word(at, 0);
    }

    /** The {@link Machine#mark} of a fact. */
    public final long mark(int at, int mark) {
        return word(at, FIRST_MARK + mark);
    }

    /** Counts those that are kept already. */
    protected final void count() {
        for (int at = 0; at < size(); at++) {
            deciding += decides(at) ? 1 : 0;
        }
    }

    @Override
    public final void add(int at, F fact) {
        put(at, fact);
        deciding += decides(at) ? 1 : 0;
    }

    @Override
    public final F remove(int at) {
        F fact = get(at);
        deciding -= decides(at) ? 1 : 0;
        drop(at);
        return fact;
    }

    @Override
    public void clear() {
        deciding = 0;
    }

    /** Whether each speaks for itself. */
    public boolean areAlone() {
        return deciding == 0;
    }

    private boolean decides(int at) {
        return (word(at, 1) & 1) != 0;
    }

    /** Where the fact with this time and id is or, as in a binary search, would be: {@code -place - 1}. */
    int find(long time, String id) {
        int at = firstFrom(time);
        for (; at < size() && time(at) == time; at++) {
            int order = machine.id(get(at)).compareTo(id);
            if (order >= 0) {
                return order == 0 ? at : -at - 1;
            }
        }
        return -at - 1;
    }

    /** Where the facts begin that happened at a time or after it. */
    public int firstFrom(long time) {
        int low = 0;
        int high = size();
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
        for (int i = size() - 1; i >= 0; i--) {
            if (word(i, 1) >> 1 == hash && machine.id(get(i)).equals(id)) {
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
        if (deciding == size() || decides(change.goes()) || decides(change.comes())) {
            return this;
        }
        if (deciding == 0) {
            return here == null ? List.of() : List.of(here);
        }
        List<F> concerned = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            if (decides(i) || (here != null && time(i) == machine.time(here) && get(i).equals(here))) {
                concerned.add(get(i));
            }
        }
        return concerned;
    }

    private boolean decides(@Nullable F fact) {
        return fact != null && !machine.alone(fact);
    }
}
