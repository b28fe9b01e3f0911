package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.machine.InMemory;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeadMachineTest {
    private static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");

    private final InMemory<Signal, Signal> pipeline = new InMemory<>(new LeadMachine(), Signal.TABLE);

    private static Instant week(int week) {
        return MONDAY.plus(Duration.ofDays(7L * week));
    }

    /** A stage that is slow from one week to another, so that deals wait beyond the usual. */
    private static Signal slow(
            String stage, String breakdown, String value, int from, @Nullable Integer until, double extra) {
        return new Signal(
                stage + breakdown + value + from,
                Signal.BOTTLENECK,
                "sales/" + stage,
                "dwell/sales/" + stage,
                breakdown,
                value,
                null,
                week(from),
                until == null ? null : week(until),
                5e4,
                "{\"noticed_at\":\"" + week(from + 2)
                        + "\",\"from\":4.0,\"to\":9.0,\"days_lost_per_deal\":5.0,\"extra_wip\":" + extra
                        + ",\"fall\":0.55,\"surprise\":" + extra / 10 + "}",
                "d1",
                false);
    }

    private static Signal slow(String stage, int from, @Nullable Integer until, double extra) {
        return slow(stage, "(total)", "(total)", from, until, extra);
    }

    private static Signal deleted(Signal signal) {
        return Signal.of(signal.row(0).asDeleted(0));
    }

    private void take(Signal... signals) {
        for (Signal signal : signals) {
            pipeline.comes(LeadMachine.key(signal), signal);
        }
    }

    /** What stands: the stage, since when, until when, and who led before. */
    private List<String> moved() {
        return told(pipeline);
    }

    private static List<String> told(InMemory<Signal, Signal> pipeline) {
        return pipeline.rows().values().stream()
                .map(Signal::of)
                .map(s -> s.subject() + " " + weeks(s.startedAt()) + "-"
                        + (s.endedAt() == null ? "" : weeks(s.endedAt())))
                .sorted()
                .toList();
    }

    private static long weeks(Instant at) {
        return Duration.between(MONDAY, at).toDays() / 7;
    }

    @Test
    void oneSlowStageMovesNothingHoweverOftenItIsSlow() {
        take(slow("legal", 10, 14, 8), slow("legal", 20, null, 12), slow("legal", "segment", "smb", 10, 14, 8));
        assertThat(moved()).isEmpty();
    }

    @Test
    void aStageWhereMoreDealsWaitTakesTheLeadAndGivesItBack() {
        take(slow("legal", 10, null, 8), slow("proposal", 14, 20, 20));
        assertThat(moved()).containsExactly("sales/legal 20-", "sales/proposal 14-20");
    }

    @Test
    void aStageThatIsAboutAsSlowDoesNotTakeTheLead() {
        take(slow("legal", 10, 20, 8), slow("proposal", 14, null, 9.9));
        assertThat(moved()).as("until the one that leads recovers").containsExactly("sales/proposal 20-");
    }

    @Test
    void whatClearsInOneStageAndComesUpInTheNextHasMovedUnlessALongTimePasses() {
        take(slow("legal", 10, 14, 8), slow("proposal", 16, 18, 20), slow("legal", 30, null, 8));
        assertThat(moved()).containsExactly("sales/proposal 16-18");
    }

    @Test
    void itSaysWhereForWhomAndWhatItCosts() {
        take(
                slow("legal", 10, null, 8),
                slow("proposal", 14, null, 20),
                slow("proposal", "segment", "smb", 14, null, 19),
                slow("proposal", "segment", "ent", 14, null, 1),
                slow("proposal", "owner_id", "ana", 14, null, 9));
        assertThat(pipeline.rows()).hasSize(1);
        Signal signal = Signal.of(pipeline.rows().values().iterator().next());
        assertThat(signal.kind()).isEqualTo(Signal.BOTTLENECK_MOVED);
        assertThat(signal.breakdown()).isEqualTo("segment");
        assertThat(signal.value()).isEqualTo("smb");
        assertThat(signal.ownerId()).isEqualTo("ana");
        assertThat(signal.evidence())
                .contains(
                        "\"stage\":\"proposal\",\"before\":\"legal\"",
                        "\"days_lost_per_deal\":5.0,\"extra_wip\":20.0",
                        "\"extra_wip_of_segment\":19.0");
    }

    @Test
    void aLeadThatWasNeverSoIsTakenBack() {
        Signal proposal = slow("proposal", 14, null, 20);
        take(slow("legal", 10, null, 8), proposal);
        assertThat(moved()).hasSize(1);
        take(deleted(proposal));
        assertThat(moved()).isEmpty();
    }

    @Test
    void anyOrderOfTheSignalsEndsInTheSameLeads() {
        Seeds.hold(random -> {
            List<Signal> signals = new ArrayList<>();
            for (String stage : List.of("a", "b", "c")) {
                for (int n = random.nextInt(4); n > 0; n--) {
                    int from = random.nextInt(20);
                    Integer until = random.nextInt(3) == 0 ? null : Integer.valueOf(from + 1 + random.nextInt(9));
                    signals.add(slow(stage, from, until, 1 + random.nextInt(20)));
                }
            }
            InMemory<Signal, Signal> straight = new InMemory<>(new LeadMachine(), Signal.TABLE);
            signals.forEach(signal -> straight.comes("k", signal));
            List<Signal> distinct = new ArrayList<>();
            for (int i = 0; i < signals.size(); i++) {
                String id = signals.get(i).signalId();
                if (signals.subList(i + 1, signals.size()).stream()
                        .noneMatch(later -> later.signalId().equals(id))) {
                    distinct.add(signals.get(i)); // the newest of an id
                }
            }
            Collections.shuffle(distinct, random);
            InMemory<Signal, Signal> shuffled = new InMemory<>(new LeadMachine(), Signal.TABLE);
            distinct.forEach(signal -> shuffled.comes("k", signal));
            assertThat(shuffled.rows()).isEqualTo(straight.rows());
        });
    }
}
