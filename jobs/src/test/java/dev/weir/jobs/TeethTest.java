package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that cannot fail are none: each bug here is planted in the source of a class, compiled, put before the good class in
 * a JVM of its own, and must be caught by the test that is named. {@code scripts/teeth} runs it.
 */
class TeethTest {
    private static final String COMMON = "../common/src/main/java/dev/weir/";
    private static final String JOBS = "src/main/java/dev/weir/";
    private static final String SIMULATION =
            "dev.weir.io.SimulationTest#whateverHappensOnTheWayTheTablesSayWhatARecountSays";

    /** A bug: in this source, this text becomes that one; the test that must fail then. */
    record Bug(String name, String source, String good, String bad, String caughtBy) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bug> bugs() {
        return Stream.of(
                new Bug(
                        "what is late is dropped",
                        JOBS + "flink/MachineOperator.java",
                        "        if (kept == null) {",
                        "        if (machine.time(Objects.requireNonNull(difference.fact))"
                                + " < (watermark == null ? Long.MIN_VALUE : watermark.getTimestamp())) return; if (kept == null) {",
                        SIMULATION),
                new Bug(
                        "an upsert without a guard",
                        JOBS + "io/Upsert.java",
                        " WHERE excluded.revision > t.revision",
                        "",
                        "dev.weir.io.OutboxTest#anOlderSubmissionCannotOverwriteANewerOne"),
                new Bug(
                        "of two rows of a key the first is published",
                        JOBS + "io/OutboxWriter.java",
                        ".put(sound.key(table), sound)",
                        ".putIfAbsent(sound.key(table), sound)",
                        SIMULATION),
                new Bug(
                        "a dead letter is not counted",
                        JOBS + "io/KafkaInputs.java",
                        "                count(received.position, Fate.DEAD_LETTERED);\n",
                        "",
                        SIMULATION),
                new Bug(
                        "the decoder throws at what it cannot read",
                        JOBS + "io/Receiver.java",
                        "        if (event == null) {\n",
                        "        if (event == null) {\n            java.util.Objects.requireNonNull(event);\n",
                        SIMULATION),
                new Bug(
                        "the timer of a deadline is not set",
                        JOBS + "flink/MachineOperator.java",
                        "        if (wake != Step.NEVER) {",
                        "        if (wake == Step.NEVER) {",
                        SIMULATION),
                new Bug(
                        "the timer of a deadline is deleted again",
                        JOBS + "flink/MachineOperator.java",
                        "registerEventTimeTimer(VoidNamespace.INSTANCE, wake);",
                        "deleteEventTimeTimer(VoidNamespace.INSTANCE, wake);",
                        SIMULATION),
                new Bug(
                        "who knows a common fact already is not told of it",
                        JOBS + "flink/KnowingOperator.java",
                        "        knows(next);",
                        "",
                        "dev.weir.flink.OperatorsTest#whenACommonFactComesOrGoesDoesNotMatter"),
                new Bug(
                        "facts are kept as they come",
                        COMMON + "machine/Step.java",
                        "facts.add(at >= 0 ? at : -at - 1, fact);",
                        "facts.add(at >= 0 ? at : facts.size(), fact);",
                        "dev.weir.machine.StepLawTest#*"),
                new Bug(
                        "an operator has no uid",
                        JOBS + "flink/Flow.java",
                        "        deltas.add(summed.uid(uid).name(uid));",
                        "        deltas.add(summed.name(uid));",
                        "dev.weir.io.StateLockTest#uidsAndStateAreThoseOfTheLock"),
                new Bug(
                        "the state of a machine is renamed",
                        JOBS + "flink/MachineOperator.java",
                        "\"memory\", memoryType",
                        "\"facts\", memoryType",
                        "dev.weir.io.StateLockTest#uidsAndStateAreThoseOfTheLock"),
                new Bug(
                        "a pre-sum holds on over a barrier",
                        JOBS + "flink/PreSum.java",
                        "    public void prepareSnapshotPreBarrier(long checkpointId) {\n        release();",
                        "    public void prepareSnapshotPreBarrier(long checkpointId) {",
                        SIMULATION),
                new Bug(
                        "a deadline is stamped with now",
                        COMMON + "cycletime/DealMachine.java",
                        "Instant.ofEpochMilli(still.stalledAt()),",
                        "Instant.ofEpochMilli(Math.max(still.stalledAt(), step.asOf())),",
                        SIMULATION),
                new Bug(
                        "those who converted early are mature",
                        COMMON + "conversion/FunnelMachine.java",
                        "                mature,\n",
                        "                mature || walk.reachedAt()[walk.reachedAt().length - 1] >= 0,\n",
                        "dev.weir.conversion.FunnelMachineTest#anAttemptIsMatureFromItsLimitOn"),
                new Bug(
                        "the payload that came last counts",
                        COMMON + "event/DealResolver.java",
                        "return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;",
                        "return newcomer;",
                        SIMULATION),
                new Bug(
                        "a row that is no more is not taken back",
                        JOBS + "flink/TallyOperator.java",
                        "            output.collect(new StreamRecord<>(deleted(key, at)));\n",
                        "",
                        SIMULATION),
                new Bug(
                        "revisions stand still",
                        JOBS + "io/OutboxWriter.java",
                        "firstRevision + lastCheckpoint + 1",
                        "firstRevision",
                        SIMULATION),
                new Bug(
                        "a restored writer begins with revision one",
                        JOBS + "io/OutboxWriter.java",
                        "this.lastCheckpoint = restoredCheckpoint;",
                        "this.lastCheckpoint = 0;",
                        SIMULATION),
                new Bug(
                        "a restored tally waits for news before it says what time changes",
                        JOBS + "flink/TallyOperator.java",
                        "due.put(entry.getKey(), Tally.ALWAYS);",
                        "",
                        SIMULATION),
                new Bug(
                        "time goes back when a job starts again",
                        COMMON + "machine/Step.java",
                        "memory.saidUpTo = Math.max(memory.saidUpTo, time);",
                        "memory.saidUpTo = time;",
                        "dev.weir.machine.StepLawTest#*"),
                new Bug(
                        "the identify that came last says who a visitor is",
                        COMMON + "conversion/IdentityMachine.java",
                        "        for (Observation fact : facts) {\n            if (fact.belongsTo",
                        "        List<Observation> last = new java.util.ArrayList<>(facts);"
                                + " java.util.Collections.reverse(last);"
                                + " for (Observation fact : last) {\n            if (fact.belongsTo",
                        SIMULATION),
                new Bug(
                        "an open window's rates stand still",
                        COMMON + "cycletime/FlowTally.java",
                        "return open || start > asOf ? ALWAYS : NEVER;",
                        "return open ? ALWAYS : start > asOf ? start : NEVER;",
                        "dev.weir.cycletime.TalliesTest#aTallySaysFromWhenOnTimeAloneChangesARow"),
                new Bug(
                        "rubbish moves time",
                        JOBS + "io/PartitionTime.java",
                        "        if (received.isDeadLetter()) {\n            return;\n        }\n",
                        "",
                        "dev.weir.io.PartitionTimeTest#*"),
                new Bug(
                        "a person has no account but the one that its event names",
                        COMMON + "conversion/Profiles.java",
                        "for (int place : accountOfPerson) {",
                        "for (int place : accountOfPerson.subList(0, 1)) {",
                        SIMULATION),
                new Bug(
                        "a completed funnel counts among won deals",
                        COMMON + "conversion/CreditMachine.java",
                        "            if (sale.win.isOfDeal()) {",
                        "            if (attribution != null) {",
                        SIMULATION));
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    @Test
    void everyBugIsInTheListOfTheReadme() throws Exception {
        String list = bugs().map(
                        bug -> "| " + bug.name() + " | `" + bug.source().replaceAll(".*/", "") + "` | `"
                                + bug.caughtBy().replaceAll("^.*\\.|#.*$", "") + "` |\n")
                .collect(Collectors.joining());
        assertThat(Files.readString(Path.of("README.md"))).contains(list);
    }

    @Test
    void everyBugCanBePlanted() throws Exception {
        for (Bug bug : bugs().toList()) {
            assertThat(Files.readString(Path.of(bug.source())))
                    .as(bug.name() + " has no place in " + bug.source() + " any more: give it another")
                    .contains(bug.good());
        }
    }

    @EnabledIfSystemProperty(named = "teeth", matches = "true")
    @ParameterizedTest(name = "{0}")
    @MethodSource("bugs")
    void isCaught(Bug bug) throws Exception {
        String source = Files.readString(Path.of(bug.source()));
        Overlay overlay = new Overlay(work);
        overlay.put(
                Path.of(bug.source().replace("../common/", "").replace("src/main/java/", "")),
                source.replace(bug.good(), bug.bad()));
        Path log = work.resolve("bite.log");
        int code = Overlay.run(
                overlay.classPath(), List.of("-Dsimulate.seeds=40"), log, Bite.class.getName(), bug.caughtBy());
        assertThat(code).as(bug.caughtBy() + " says: " + Files.readString(log)).isEqualTo(Bite.CAUGHT);
    }
}
