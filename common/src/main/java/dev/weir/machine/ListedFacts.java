package dev.weir.machine;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Facts in a list. */
final class ListedFacts<F> extends Facts<F> {
    private static final int LEAST = 4;

    private final List<F> items;
    private long[] beside;

    ListedFacts(Machine<F, ?> machine, List<F> items) {
        super(machine);
        this.items = items;
        beside = new long[Math.max(LEAST, items.size()) * words];
        for (int i = 0; i < items.size(); i++) {
            note(i, items.get(i));
        }
        count();
    }

    private ListedFacts(ListedFacts<F> from, List<F> items) {
        super(from);
        this.items = items;
        beside = from.beside.clone();
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
        return beside[at * words + word];
    }

    @Override
    protected void put(int at, F fact) {
        int size = items.size();
        items.add(at, fact);
        if (beside.length < (size + 1) * words) {
            beside = Arrays.copyOf(beside, 2 * size * words);
        }
        System.arraycopy(beside, at * words, beside, (at + 1) * words, (size - at) * words);
        note(at, fact);
    }

    private void note(int at, F fact) {
        for (int word = 0; word < words; word++) {
            beside[at * words + word] = word(fact, word);
        }
    }

    @Override
    protected void drop(int at) {
        items.remove(at);
        System.arraycopy(beside, (at + 1) * words, beside, at * words, (items.size() - at) * words);
    }

    @Override
    public void clear() {
        super.clear();
        items.clear();
    }
}
