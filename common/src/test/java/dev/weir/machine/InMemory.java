package dev.weir.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs a machine without an engine: gives it differences and time, and adds up what it says.
 *
 * <p>It does for tests what Flink does for jobs: it remembers the facts of each key, wakes a key at its deadlines in the
 * order of time, and keeps what stands: the net of all sums, the rows not deleted, the facts other machines would hold.
 *
 * @param <F> the facts of the machine
 * @param <O> the facts it sends on
 */
public final class InMemory<F, O> {
    private Machine<F, O> machine;
    private final Map<String, Table> tables;
    private final Map<String, Memory<F>> memories = new TreeMap<>();
    private final Map<String, Long> wakes = new TreeMap<>();
    private final SortedMap<String, Sums> sums = new TreeMap<>();
    private final SortedMap<String, Row> rows = new TreeMap<>();
    private final Map<String, Map<O, Integer>> sent = new TreeMap<>();
    private final List<Row> said = new ArrayList<>();
    private final Step<O> step = new Step<>();
    private Consumer<Difference<O>> receiver = difference -> {};
    private long watermark = Long.MIN_VALUE;
    private boolean gathers;

    /** @param tables every table the machine says rows of */
    public InMemory(Machine<F, O> machine, Table... tables) {
        this.machine = machine;
        this.tables = Arrays.stream(tables).collect(Collectors.toMap(Table::name, Function.identity()));
    }

    /** Gives every fact that the machine sends to another, in the order in which it sends them. */
    public void sends(Consumer<Difference<O>> receiver) {
        this.receiver = receiver;
    }

    /** Goes on as another version of the machine from what is kept, as a job does that was stopped. */
    public void becomes(Machine<F, O> next) {
        machine = next;
        memories.values().forEach(memory -> memory.facts = new ArrayList<>(memory.facts));
        if (next.saysAnew()) {
            memories.forEach((key, memory) -> {
                if (step.sayAnew(next, key, memory)) {
                    collect(key);
                }
            });
        }
    }

    public Step.Outcome comes(String key, F fact) {
        return apply(new Difference<>(key, true, fact, null));
    }

    public Step.Outcome leaves(String key, F fact) {
        return apply(new Difference<>(key, false, fact, null));
    }

    public Step.Outcome apply(Difference<F> difference) {
        String key = difference.key;
        Memory<F> memory = memories.computeIfAbsent(key, k -> new Memory<>());
        if (step.follow(machine, memory, difference)) {
            if (!gathers) {
                catchUp(key);
            }
            return Step.Outcome.ACCEPTED;
        }
        catchUp(key);
        Step.Outcome outcome = step.advance(machine, key, memory, difference, watermark);
        collect(key);
        return outcome;
    }

    /** From now on what follows is told when time moves on. */
    public InMemory<F, O> gathering() {
        gathers = true;
        return this;
    }

    private void catchUp(String key) {
        if (memory(key).isUntold()) {
            step.catchUp(machine, key, memory(key), watermark);
            collect(key);
        }
    }

    /** Makes facts of all keys known in the place of those that were, and tells every key anew. */
    public void learns(List<F> common) {
        Machine<F, O> before = machine;
        machine = before.knowing(common);
        memories.forEach((key, memory) -> {
            step.learn(before, machine, key, memory, watermark);
            collect(key);
        });
    }

    /** Moves time on and wakes the keys whose deadlines it passes, earliest first. */
    public void watermark(long time) {
        watermark = Math.max(watermark, time);
        memories.keySet().forEach(this::catchUp);
        while (true) {
            String next = null;
            long earliest = Step.NEVER;
            for (Map.Entry<String, Long> wake : wakes.entrySet()) {
                if (wake.getValue() <= watermark && wake.getValue() < earliest) {
                    next = wake.getKey();
                    earliest = wake.getValue();
                }
            }
            if (next == null) {
                return;
            }
            wakes.remove(next);
            step.wake(machine, next, memory(next), earliest);
            collect(next);
        }
    }

    private void collect(String key) {
        long wake = memory(key).wake;
        if (wake != Step.NEVER) {
            wakes.merge(key, wake, Math::min);
        }
        Gatherings differences = new Gatherings();
        step.sums(differences::plus);
        differences.drain(machine::spread, (group, difference) -> {
            Sums sum = sums.computeIfAbsent(group, g -> new Sums());
            sum.plus(difference);
            if (sum.isZero()) {
                sums.remove(group);
            }
        });
        step.rows(row -> {
            said.add(row);
            Table table = tables.get(row.table());
            if (table == null) {
                throw new IllegalArgumentException("table " + row.table() + " was not named");
            }
            if (row.deleted()) {
                rows.remove(row.key(table));
            } else {
                rows.put(row.key(table), row);
            }
        });
        List<Difference<O>> facts = step.facts();
        for (Difference<O> difference : facts) {
            Map<O, Integer> held = sent.computeIfAbsent(difference.key, k -> new HashMap<>());
            held.merge(Objects.requireNonNull(difference.fact), difference.comes ? 1 : -1, (a, b) -> a + b);
            held.values().removeIf(copies -> copies == 0);
            if (held.isEmpty()) {
                sent.remove(difference.key);
            }
        }
        step.clear();
        facts.forEach(receiver);
    }

    /** What is kept of a key. */
    public Memory<F> memory(String key) {
        return Objects.requireNonNull(memories.get(key), () -> "no key " + key);
    }

    /** The net of all sums, by group, without those that are zero. */
    public SortedMap<String, Sums> sums() {
        return sums;
    }

    /** The net of one group; zero where nothing was added. */
    public Sums sums(String group) {
        return sums.getOrDefault(group, new Sums());
    }

    /** The rows that stand, by {@link Row#key}, each as of the same time: what it says is compared, not when. */
    public SortedMap<String, Row> rows() {
        SortedMap<String, Row> timeless = new TreeMap<>();
        rows.forEach((key, row) -> timeless.put(key, row.at(0)));
        return timeless;
    }

    /** Every row in the order in which it was said, deletions included. */
    public List<Row> said() {
        return said;
    }

    /** The facts that each owner holds, with the number of copies, which is 1 unless the machine errs. */
    public Map<String, Map<O, Integer>> sent() {
        return sent;
    }

    /** Everything that stands: equal for two runs that end in the same answer. */
    public Map<String, Object> standing() {
        return Map.of("sums", sums(), "rows", rows(), "sent", sent());
    }

    /** The rows that a tally says of the sums that stand, in the order of their text. */
    public List<Row> tallied(Tally tally, long asOf) {
        List<Row> all = new ArrayList<>();
        Map<String, Sums> others = sums;
        sums.forEach((group, sum) -> tally.rows(group, sum, others::get, asOf, all::add));
        all.sort((a, b) -> a.toString().compareTo(b.toString()));
        return all;
    }
}
