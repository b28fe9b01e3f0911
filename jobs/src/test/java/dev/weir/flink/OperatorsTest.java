package dev.weir.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.flink.Bells.Ring;
import dev.weir.machine.Cell;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.Horizon;
import dev.weir.machine.Keys;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OperatorsTest {
    private static final OutputTag<Row> ROWS = new OutputTag<>("rows", StreamTypes.ROW);
    private static final OutputTag<Difference<Ring>> FACTS =
            new OutputTag<>("facts", StreamTypes.difference(Ring.class));
    private static final long LIVE = Long.MAX_VALUE;

    /** Differences of bells, late, doubled, withdrawn, with a watermark (a Long) now and then. */
    private static List<Object> draw(Random random) {
        List<Object> script = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            String bell = "bell" + random.nextInt(3);
            int ring = random.nextInt(8);
            long at = ring * 7L + random.nextInt(2);
            script.add(
                    random.nextInt(4) == 0
                            ? Long.valueOf(i * 3L)
                            : random.nextInt(4) == 0
                                    ? Bells.leaves(bell, "r" + ring, at)
                                    : Bells.comes(bell, "r" + ring, at));
        }
        return script;
    }

    @Test
    void aMachineThatCrashesAfterEveryEventEndsInTheSameAnswer() throws Exception {
        for (int seed = 1; seed <= 20; seed++) {
            List<Object> script = draw(new Random(seed));
            Map<String, Object> straight = runMachine(script, false);
            assertThat(runMachine(script, true)).as("seed %s", seed).isEqualTo(straight);
            assertThat(straight.keySet()).anyMatch(key -> key.startsWith("gone"));
        }
    }

    private static Map<String, Object> runMachine(List<Object> script, boolean crash) throws Exception {
        var harness = machine(LIVE, null);
        Map<String, Object> standing = new TreeMap<>();
        for (Object happening : script) {
            if (crash) {
                // A checkpoint before: what is written as it was there must not be what has changed since.
                checkpoint(harness, 1);
            }
            if (happening instanceof Long watermark) {
                pass(harness, watermark);
            } else {
                harness.processElement(new StreamRecord<>(ring(happening)));
            }
            if (crash) {
                // The watermark is not part of state: a restored operator knows no time until the next one.
                OperatorSubtaskState state = checkpoint(harness, 2);
                take(harness, standing);
                harness.close();
                harness = machine(LIVE, state);
            }
        }
        pass(harness, 1_000);
        take(harness, standing);
        harness.close();
        return standing;
    }

    @Test
    void whenACommonFactComesOrGoesDoesNotMatter() throws Exception {
        int altered = 0;
        for (int seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            List<Object> script = draw(random);
            List<Object> late = new ArrayList<>(script);
            for (int i = 0; i < 4; i++) {
                int comes = random.nextInt(late.size());
                late.add(comes, Bells.comes("", "mute" + i, 10 + 10 * i));
                if (i != 2) {
                    late.add(
                            comes + 1 + random.nextInt(late.size() - comes), Bells.leaves("", "mute" + i, 10 + 10 * i));
                }
            }
            List<Object> early = new ArrayList<>(script);
            early.add(0, Bells.comes("", "mute2", 30));
            Map<String, Object> expected = runMachine(early, false);
            assertThat(runMachine(late, false)).as("seed %s", seed).isEqualTo(expected);
            assertThat(runMachine(late, true)).as("seed %s, crashing", seed).isEqualTo(expected);
            altered += expected.equals(runMachine(script, false)) ? 0 : 1;
        }
        assertThat(altered).as("where the one that stays alters anything").isGreaterThan(10);
    }

    @Test
    void whereAllFactsLeftThereIsNoStateAndNoTimer() throws Exception {
        var harness = machine(LIVE, null);
        List<Difference<Ring>> leaving = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String bell = "bell" + i % 3;
            harness.processElement(new StreamRecord<>(Bells.comes(bell, "r" + i, i)));
            leaving.add(Bells.leaves(bell, "r" + i, i));
            if (i == 12) {
                pass(harness, 12);
            }
        }
        assertThat(harness.numKeyedStateEntries()).isEqualTo(3);
        assertThat(harness.numEventTimeTimers()).isPositive();
        for (Difference<Ring> difference : leaving) {
            harness.processElement(new StreamRecord<>(difference));
        }
        assertThat(harness.numKeyedStateEntries()).isZero();
        pass(harness, 100);
        assertThat(harness.numEventTimeTimers()).isZero();
        assertThat(harness.numKeyedStateEntries()).isZero();
        harness.close();
    }

    @Test
    void deadlinesAreSaidTogetherBeforeABarrierAndAtTheEnd() throws Exception {
        var harness = machine(LIVE, null);
        Map<String, Object> standing = new TreeMap<>();
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "early", 1)));
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "late", 40)));
        for (long watermark = 2; watermark < 30; watermark++) {
            harness.processWatermark(watermark);
        }
        take(harness, standing);
        assertThat(standing.keySet()).noneMatch(key -> key.startsWith("gone"));
        harness.prepareSnapshotPreBarrier(1);
        take(harness, standing);
        assertThat(standing.keySet().stream().filter(key -> key.startsWith("gone")))
                .hasSize(1);
        harness.processWatermark(100);
        harness.getOperator().finish();
        take(harness, standing);
        assertThat(standing.keySet().stream().filter(key -> key.startsWith("gone")))
                .hasSize(2);
        harness.close();
    }

    /** Rings a little bell too since it is of a second version. */
    private record Renewed(Bells.Bell bell) implements Machine<Ring, Ring> {
        @Override
        public String id(Ring fact) {
            return bell.id(fact);
        }

        @Override
        public long time(Ring fact) {
            return bell.time(fact);
        }

        @Override
        public Ring prefer(Ring kept, Ring newcomer) {
            return bell.prefer(kept, newcomer);
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public boolean saysAnew() {
            return true;
        }

        @Override
        public void say(String key, List<Ring> facts, Step<Ring> step) {
            bell.say(key, facts, step);
            if (step.version() > 0) {
                step.sum(Keys.join("little", key), Cell.of(0, 0, 0), facts.size());
            }
        }
    }

    @Test
    void whatAnOlderVersionSaidIsSaidAnewBeforeTheFirstBarrier() throws Exception {
        Map<String, Object> standing = new TreeMap<>();
        var before = machine(LIVE, null);
        before.processElement(new StreamRecord<>(Bells.comes("bell", "a", 1)));
        before.processElement(new StreamRecord<>(Bells.comes("silent", "b", 2)));
        OperatorSubtaskState savepoint = checkpoint(before, 1);
        take(before, standing);
        before.close();

        var after = machine(new Renewed(new Bells.Bell()), LIVE, savepoint, Sealing.NEVER);
        after.processElement(new StreamRecord<>(Bells.comes("bell", "c", 3)));
        after.processElement(new StreamRecord<>(Bells.comes("new", "d", 4)));
        after.prepareSnapshotPreBarrier(2);
        savepoint = after.snapshot(2, 2);
        take(after, standing);
        after.close();
        after = machine(new Renewed(new Bells.Bell()), LIVE, savepoint, Sealing.NEVER);
        pass(after, 1_000);
        take(after, standing);
        after.close();

        Map<String, Object> straight = new TreeMap<>();
        var anew = machine(new Renewed(new Bells.Bell()), LIVE, null, Sealing.NEVER);
        anew.processElement(new StreamRecord<>(Bells.comes("bell", "a", 1)));
        anew.processElement(new StreamRecord<>(Bells.comes("silent", "b", 2)));
        anew.processElement(new StreamRecord<>(Bells.comes("bell", "c", 3)));
        anew.processElement(new StreamRecord<>(Bells.comes("new", "d", 4)));
        pass(anew, 1_000);
        take(anew, straight);
        anew.close();
        assertThat(standing).isEqualTo(straight);
        assertThat(standing).containsKey("sum " + Keys.join("little", "silent"));
    }

    @Test
    void theEndOfInputFiresNoDeadlinePastTheEndOfItsHistory() throws Exception {
        for (long end : new long[] {25, LIVE}) {
            var harness = machine(end, null);
            harness.processElement(new StreamRecord<>(Bells.comes("bell", "early", 10)));
            harness.processElement(new StreamRecord<>(Bells.comes("bell", "late", 20)));
            pass(harness, 15);
            pass(harness, Long.MAX_VALUE);
            Map<String, Object> standing = new TreeMap<>();
            take(harness, standing);
            assertThat(standing.keySet().stream().filter(key -> key.startsWith("gone")))
                    .as("a history up to %s", end)
                    .hasSize(end == 25 ? 1 : 0);
            harness.close();
        }
    }

    @Test
    void whoeverGoesOnFromTheSavepointOfADrainWaitsForTheDeadlinesThatItRang() throws Exception {
        var drained = machine(LIVE, null);
        drained.processElement(new StreamRecord<>(Bells.comes("bell", "early", 10)));
        drained.processElement(new StreamRecord<>(Bells.comes("silent", "late", 20)));
        pass(drained, 15);
        pass(drained, Long.MAX_VALUE);
        OperatorSubtaskState savepoint = drained.snapshot(1, 1);
        drained.close();

        var next = machine(LIVE, savepoint);
        next.setProcessingTime(1);
        pass(next, 22);
        pass(next, 100);
        Map<String, Object> standing = new TreeMap<>();
        take(next, standing);
        assertThat(standing.keySet().stream().filter(key -> key.startsWith("gone")))
                .hasSize(2);
        next.close();
    }

    @Test
    void everyRecordIsCountedOnceWhereItCameIn() throws Exception {
        var harness = machine(LIVE, null);
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "a", 1)));
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "a", 1)));
        harness.processElement(new StreamRecord<>(Bells.leaves("bell", "a", 1)));
        harness.prepareSnapshotPreBarrier(1);
        Sums ledger = new Sums();
        for (Delta delta : harness.extractOutputValues()) {
            if (delta.group.startsWith(LedgerTally.KIND)) {
                ledger.plus(delta.sums);
            }
        }
        assertThat(ledger.get(Cell.of(0, 0, 1))).as("accepted").isEqualTo(1);
        assertThat(ledger.get(Cell.of(0, 0, 2))).as("duplicate").isEqualTo(1);
        harness.close();
    }

    @Test
    void ofKeysThatWaitToBeToldThereAreNotTooMany() throws Exception {
        var harness = machine(LIVE, null);
        for (int bell = 1; bell < MachineOperator.MOST_UNTOLD; bell++) {
            harness.processElement(new StreamRecord<>(Difference.sent("bell" + bell, true, new Ring("r", 1))));
        }
        assertThat(harness.extractOutputValues()).isEmpty();
        harness.processElement(new StreamRecord<>(Difference.sent("bell0", true, new Ring("r", 1))));
        assertThat(harness.extractOutputValues()).hasSize(MachineOperator.MOST_UNTOLD);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(harness.extractOutputValues()).hasSize(MachineOperator.MOST_UNTOLD);
        harness.close();
    }

    @Test
    void whatIsSentOnTwoWaysIsThereOnceAlsoAfterACrashBetweenThem() throws Exception {
        Difference<Ring> one = Difference.sent("bell", true, new Ring("r", 3));
        Difference<Ring> oneGoes = Difference.sent("bell", false, new Ring("r", 3));
        Difference<Ring> other = Difference.sent("bell", true, new Ring("r", 5));
        for (List<Difference<Ring>> way :
                List.of(List.of(one, other, oneGoes), List.of(other, one, oneGoes), List.of(one, oneGoes, other))) {
            Map<String, Object> standing = new TreeMap<>();
            var harness = machine(LIVE, null);
            for (Difference<Ring> difference : way) {
                harness.processElement(new StreamRecord<>(difference));
                OperatorSubtaskState state = checkpoint(harness, 1);
                take(harness, standing);
                harness.close();
                harness = machine(LIVE, state);
            }
            harness.close();
            assertThat(standing).containsKey("fact tower" + new Ring("r", 5)).hasSize(2);
        }
    }

    @Test
    void aKeyThatWasSealedKeepsWhatItSaidAndTakesNoMore() throws Exception {
        Sealing sealing = new Sealing(
                new Horizon(50),
                (position, fact, upTo) ->
                        Row.of(Bells.GONE, "", upTo, "expired", position.topic(), Long.toString(position.offset())));
        Map<String, Object> standing = new TreeMap<>();
        var harness = machine(LIVE, null, sealing);
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "a", 1)));
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "b", 20)));
        pass(harness, 69);
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "late but in time", 2)));
        take(harness, standing);
        Map<String, Object> before = new TreeMap<>(standing);
        pass(harness, 70);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        harness = machine(LIVE, state, sealing);
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "too late", 3)));
        harness.processElement(new StreamRecord<>(Bells.comes("bell", "too late", 3)));
        harness.processElement(new StreamRecord<>(Difference.sent("bell", true, new Ring("sent", 4))));
        harness.processElement(new StreamRecord<>(Bells.comes("another", "c", 5)));
        pass(harness, 71);
        Sums ledger = new Sums();
        harness.extractOutputValues().stream()
                .filter(delta -> delta.group.startsWith(LedgerTally.KIND))
                .forEach(delta -> ledger.plus(delta.sums));
        assertThat(ledger.get(Cell.of(0, 0, 5))).as("expired").isEqualTo(2);
        assertThat(ledger.get(Cell.of(0, 0, 1))).as("accepted").isEqualTo(1);
        assertThat(said(harness.getSideOutput(ROWS)))
                .extracting(row -> row.getValue().toString())
                .contains("gone[expired, bells, 3]")
                .anyMatch(row -> row.startsWith("data_issue[bells, sealed, bell bell"));
        take(harness, standing);
        before.forEach((key, value) -> {
            if (!key.startsWith("sum " + LedgerTally.KIND)) {
                assertThat(standing).as(key).containsEntry(key, value);
            }
        });
        harness.close();
    }

    @Test
    void preSumsLeaveBeforeABarrierAndTheEnd() throws Exception {
        OneInputStreamOperatorTestHarness<Delta, Delta> harness =
                new OneInputStreamOperatorTestHarness<>(new PreSum((group, sums, out) -> out.accept(group, sums)));
        harness.open();
        harness.processElement(new StreamRecord<>(delta("a", 1)));
        harness.processElement(new StreamRecord<>(delta("a", 2)));
        harness.processElement(new StreamRecord<>(delta("b", 5)));
        harness.processElement(new StreamRecord<>(delta("b", -5)));
        assertThat(harness.getOutput()).isEmpty();
        harness.processWatermark(7);
        assertThat(harness.getOutput()).containsExactly(new Watermark(7));
        harness.prepareSnapshotPreBarrier(1);
        assertThat(harness.extractOutputValues()).hasToString("[" + delta("a", 3) + "]");

        harness.processElement(new StreamRecord<>(delta("a", 4)));
        harness.prepareSnapshotPreBarrier(2);
        assertThat(harness.extractOutputValues()).hasToString("[" + delta("a", 3) + ", " + delta("a", 4) + "]");

        harness.processElement(new StreamRecord<>(delta("c", 1)));
        harness.getOperator().finish();
        assertThat(harness.extractOutputValues()).hasSize(3);
        harness.close();
    }

    @Test
    void aPreSumThatHoldsTooMuchLetsItGoBeforeABarrier() throws Exception {
        OneInputStreamOperatorTestHarness<Delta, Delta> harness =
                new OneInputStreamOperatorTestHarness<>(new PreSum((group, sums, out) -> out.accept(group, sums)));
        harness.open();
        long added = 0;
        for (long major = 0; harness.getOutput().isEmpty(); major++) {
            assertThat(major).as("cells held").isLessThan(2_000_000);
            Sums sums = new Sums();
            sums.add(Cell.of(major, 0, 0), 1);
            harness.processElement(new StreamRecord<>(new Delta("g" + major % 7, sums)));
            added++;
        }
        harness.prepareSnapshotPreBarrier(1);
        long left = harness.extractOutputValues().stream()
                .mapToLong(delta -> delta.sums.size)
                .sum();
        assertThat(left).isEqualTo(added);
        harness.close();
    }

    @Test
    void aTallyThatCrashesAfterEveryBarrierEndsInTheSameRows() throws Exception {
        for (int seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            List<Object> script = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                script.add(
                        random.nextInt(4) == 0
                                ? (Object) Long.valueOf(i * 2L)
                                : delta(Keys.join("rung", "bell" + random.nextInt(3)), random.nextInt(5) - 2));
            }
            assertThat(runTally(script, true)).as("seed %s", seed).isEqualTo(runTally(script, false));
        }
    }

    private static Map<String, String> runTally(List<Object> script, boolean crash) throws Exception {
        var harness = tally(LIVE, null);
        Map<String, String> standing = new TreeMap<>();
        for (Object happening : script) {
            if (happening instanceof Long watermark) {
                harness.processWatermark(watermark);
            } else {
                harness.processElement(new StreamRecord<>((Delta) happening));
            }
            if (crash) {
                harness.prepareSnapshotPreBarrier(1);
                OperatorSubtaskState state = harness.snapshot(1, 1);
                stand(harness.extractOutputValues(), standing);
                harness.close();
                harness = tally(LIVE, state);
            }
        }
        harness.processWatermark(35);
        harness.prepareSnapshotPreBarrier(2);
        harness.processWatermark(1_000);
        harness.getOperator().finish();
        stand(harness.extractOutputValues(), standing);
        harness.close();
        return standing;
    }

    @Test
    void aTallySaysARowWhenItChangesAndTakesItBackWhenItIsGone() throws Exception {
        var harness = tally(LIVE, null);
        harness.processElement(new StreamRecord<>(delta(Keys.join("rung", "bell"), 2)));
        harness.prepareSnapshotPreBarrier(1);
        assertThat(harness.extractOutputValues()).as("no time yet").isEmpty();
        harness.processWatermark(5);
        harness.prepareSnapshotPreBarrier(2);
        harness.prepareSnapshotPreBarrier(3);
        assertThat(harness.extractOutputValues()).hasToString("[rung[bell, 0, 2, false]]");
        harness.processWatermark(10);
        harness.prepareSnapshotPreBarrier(4);
        assertThat(harness.extractOutputValues()).as("time alone").last().hasToString("rung[bell, 0, 2, true]");
        harness.processElement(new StreamRecord<>(delta(Keys.join("rung", "bell"), -2)));
        harness.prepareSnapshotPreBarrier(5);
        assertThat(harness.extractOutputValues()).hasSize(3).last().hasToString("deleted rung[bell, 0, null, null]");
        assertThat(harness.numKeyedStateEntries()).isZero();
        harness.close();
    }

    /** Two bells of one tower: while the second is silent, the first says so in its place. */
    private static final class Tower implements Tally {
        @Override
        public String owner(String group) {
            return "tower";
        }

        @Override
        public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
            return NEVER;
        }

        @Override
        public long rows(
                String group, Sums sums, Function<String, @Nullable Sums> others, long asOf, Consumer<Row> out) {
            boolean first = group.endsWith("first");
            long rings = sums.get(Cell.of(1, 0, 0));
            if (first ? rings == 0 : rings > 0) {
                out.accept(Row.of(Bells.RUNG, "", asOf, "second", "0", Long.toString(rings), "true"));
            }
            return NEVER;
        }
    }

    @Test
    void aRowThatAGroupTakesBackMayBeSaidByAnotherOfItsOwnerAtOnce() throws Exception {
        var harness = tower(null);
        harness.processWatermark(5);
        Map<String, String> standing = new TreeMap<>();
        for (int rings : List.of(1, -1, 1, -1)) {
            ring(harness, rings, standing.isEmpty());
            harness.prepareSnapshotPreBarrier(1);
            standing.clear();
            stand(List.copyOf(harness.extractOutputValues()), standing);
            assertThat(standing.values()).containsExactly("rung[second, 0, " + Math.max(0, rings) + ", true]");
        }
        harness.close();
    }

    @Test
    void soItMayWhereTheJobStartedAgainBeforeAnythingWasSaid() throws Exception {
        Map<String, String> standing = new TreeMap<>();
        var harness = tower(null);
        harness.processWatermark(5);
        ring(harness, 1, true);
        harness.prepareSnapshotPreBarrier(1);
        stand(harness.extractOutputValues(), standing);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        harness = tower(state);
        ring(harness, -1, false);
        harness.prepareSnapshotPreBarrier(2);
        assertThat(harness.extractOutputValues()).as("no time yet").isEmpty();
        state = harness.snapshot(2, 2);
        harness.close();

        harness = tower(state);
        harness.processWatermark(5);
        harness.prepareSnapshotPreBarrier(3);
        stand(harness.extractOutputValues(), standing);
        assertThat(standing.values()).containsExactly("rung[second, 0, 0, true]");
        harness.close();
    }

    /** Both bells ring, or take it back; the first is there for good from the beginning. */
    private static void ring(
            KeyedOneInputStreamOperatorTestHarness<String, Delta, Row> harness, int rings, boolean begins)
            throws Exception {
        for (String bell : List.of("first", "second")) {
            Sums sums = new Sums();
            sums.add(Cell.of(1, 0, 0), rings);
            sums.add(Cell.of(0, 0, 0), bell.equals("first") && begins ? 1 : 0);
            harness.processElement(new StreamRecord<>(new Delta(Keys.join("rung", bell), sums)));
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Delta, Row> tower(
            @Nullable OperatorSubtaskState state) throws Exception {
        return tally(new Tower(), delta -> "tower", LIVE, state);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> machine(
            long end, @Nullable OperatorSubtaskState state) throws Exception {
        return machine(end, state, Sealing.NEVER);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> machine(
            long end, @Nullable OperatorSubtaskState state, Sealing sealing) throws Exception {
        return machine(new Bells.Bell(), end, state, sealing);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> machine(
            Machine<Ring, Ring> machine, long end, @Nullable OperatorSubtaskState state, Sealing sealing)
            throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KnowingOperator<>(
                        "bells",
                        "bell",
                        machine,
                        FlatType.of(Ring.class),
                        StreamTypes.memory(Ring.class),
                        ROWS,
                        FACTS,
                        new AsOf(end),
                        sealing),
                difference -> difference.key,
                Types.STRING);
        harness.setup(
                StreamTypes.DELTA.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        return harness;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Delta, Row> tally(
            long end, @Nullable OperatorSubtaskState state) throws Exception {
        return tally(new Bells.Rung(), delta -> delta.group, end, state);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Delta, Row> tally(
            Tally tally, KeySelector<Delta, String> owner, long end, @Nullable OperatorSubtaskState state)
            throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new TallyOperator(
                        new java.util.HashMap<>(Map.of("rung", tally)),
                        new java.util.HashMap<>(Map.of("rung", Bells.RUNG)),
                        new AsOf(end)),
                owner,
                Types.STRING);
        harness.setup(
                StreamTypes.ROW.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        return harness;
    }

    /** Time passes up to a barrier. */
    /** As a job does: what waits is said before the barrier. */
    private static OperatorSubtaskState checkpoint(
            KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> harness, long id) throws Exception {
        harness.prepareSnapshotPreBarrier(id);
        return harness.snapshot(id, id);
    }

    private static void pass(
            KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> harness, long watermark)
            throws Exception {
        harness.processWatermark(watermark);
        harness.prepareSnapshotPreBarrier(1);
    }

    /** Adds up what a harness said: net sums, the rows that stand, how often a fact is there. */
    private static void take(
            KeyedOneInputStreamOperatorTestHarness<String, Difference<Ring>, Delta> harness,
            Map<String, Object> standing) {
        for (Delta delta : harness.extractOutputValues()) {
            Sums net = ((Sums) standing.getOrDefault("sum " + delta.group, new Sums())).copy();
            net.plus(delta.sums);
            put(standing, "sum " + delta.group, net.isZero() ? null : net);
        }
        for (StreamRecord<Row> row : said(harness.getSideOutput(ROWS))) {
            put(
                    standing,
                    row.getValue().key(Bells.GONE),
                    row.getValue().deleted() ? null : row.getValue().toString());
        }
        for (StreamRecord<Difference<Ring>> fact : said(harness.getSideOutput(FACTS))) {
            String key = "fact " + fact.getValue().key + fact.getValue().fact;
            int net = (int) standing.getOrDefault(key, 0) + (fact.getValue().comes ? 1 : -1);
            put(standing, key, net == 0 ? null : Integer.valueOf(net));
        }
    }

    private static <T> Collection<StreamRecord<T>> said(@Nullable Collection<StreamRecord<T>> records) {
        return records == null ? List.of() : records;
    }

    private static void put(Map<String, Object> standing, String key, @Nullable Object value) {
        if (value == null) {
            standing.remove(key);
        } else {
            standing.put(key, value);
        }
    }

    private static void stand(List<Row> rows, Map<String, String> standing) {
        for (Row row : rows) {
            String key = row.key(Bells.RUNG);
            if (row.deleted()) {
                standing.remove(key);
            } else {
                standing.put(key, row.toString());
            }
        }
    }

    private static Delta delta(String group, long amount) {
        Sums sums = new Sums();
        sums.add(Cell.of(0, 0, 0), amount);
        return new Delta(group, sums);
    }

    @SuppressWarnings("unchecked")
    private static Difference<Ring> ring(Object happening) {
        return (Difference<Ring>) happening;
    }
}
