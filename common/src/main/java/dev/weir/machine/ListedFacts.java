package dev.weir.machine;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Facts in a list. */
final class ListedFacts<F> extends Facts<F> {
    private static final int LEAST = 4;

    private final List<F> items;
    private final int width = words();
    private long[] words;

    ListedFacts(Machine<F, ?> machine, List<F> items) {
        super(machine);
        this.items = items;
        words = new long[Math.max(LEAST, items.size()) * width];
        for (int i = 0; i < items.size(); i++) {
            note(i, items.get(i));
        }
        count();
    }

    private ListedFacts(ListedFacts<F> from, List<F> items) {
        super(from);
        this.items = items;
        words = from.words.clone();
    }

    @Override
    public Facts<F> copy(UnaryOperator<List<F>> copied) {
        return new ListedFacts<>(this, copied.apply(items));
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public F get(int at) {
        return items.get(at);
    }

    @Override
    protected long word(int at, int word) {
        return words[at * width + word];
    }

    @Override
    protected void put(int at, F fact) {
        int size = items.size();
        items.add(at, fact);
        if (words.length < (size + 1) * width) {
            words = Arrays.copyOf(words, 2 * size * width);
        }
        System.arraycopy(words, at * width, words, (at + 1) * width, (size - at) * width);
        note(at, fact);
    }

    private void note(int at, F fact) {
        for (int word = 0; word < width; word++) {
            words[at * width + word] = word(fact, word);
        }
    }

    @Override
    protected void drop(int at) {
        items.remove(at);
        System.arraycopy(words, (at + 1) * width, words, at * width, (items.size() - at) * width);
    }

    @Override
    public void clear() {
        super.clear();
        items.clear();
    }
}
