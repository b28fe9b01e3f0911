package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Heard;
import dev.weir.io.AlertFeed.Place;
import dev.weir.io.DeliveryLog;
import dev.weir.io.DeliveryLog.Memory;
import dev.weir.io.DeliveryLog.Told;
import dev.weir.io.DeliveryLog.Waiting;
import dev.weir.relay.Receiver.Filter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutgoingTest {
    private static final Filter ANY = new Filter(Set.of(), Set.of(), Set.of());
    private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

    private final Memory memory = new Memory(new HashMap<>(), new HashMap<>());
    private Outgoing outgoing = new Outgoing(ANY, true, memory);
    private long offset;

    private void hear(Alert alert) {
        outgoing.hear(new Heard(alert, place(offset++), false));
    }

    private static Place place(long offset) {
        return new Place("topic", 0, offset);
    }

    private Alert tell() {
        Waiting next = Objects.requireNonNull(outgoing.next(NOW), "nothing to tell");
        outgoing.succeeded(new Told(next.alert(), next.place(), "", NOW));
        return next.alert();
    }

    private void nothingToTell() {
        assertThat(outgoing.next(NOW)).isNull();
        assertThat(outgoing.waiting()).isZero();
    }

    @Test
    void whatWasToldIsNotToldAgainUnderAnyOffset() {
        hear(Alerts.firing("a"));
        assertThat(tell()).isEqualTo(Alerts.firing("a"));
        hear(Alerts.firing("a"));
        nothingToTell();
    }

    @Test
    void aRecordThatIsReadTwiceSaysNothingNew() {
        Alert resolved = Alerts.as(Alert.RESOLVED, Alerts.firing("a"));
        hear(Alerts.firing("a"));
        tell();
        hear(resolved);
        tell();
        outgoing.hear(new Heard(Alerts.firing("a"), place(0), false));
        nothingToTell();
        outgoing.hear(new Heard(Alerts.firing("a"), new Place("made again", 0, 0), false));
        assertThat(tell()).isEqualTo(Alerts.firing("a"));
    }

    @Test
    void ofWhatChangesWhileItWaitsOnlyTheNewestIsTold() {
        hear(Alerts.firing("a"));
        hear(Alerts.as(Alert.ACKNOWLEDGED, Alerts.firing("a")));
        hear(Alerts.as(Alert.RESOLVED, Alerts.firing("a")));
        assertThat(tell().status()).isEqualTo(Alert.RESOLVED);
        nothingToTell();
    }

    @Test
    void whatWasTakenBackBeforeAnybodyHeardOfItIsNotTold() {
        hear(Alerts.firing("a"));
        hear(Alerts.as(Alert.RETRACTED, Alerts.firing("a")));
        nothingToTell();
    }

    @Test
    void whatWasToldIsTakenBackAtOnceAlsoInQuietHours() {
        hear(Alerts.firing("a"));
        tell();
        hear(Alerts.alert("a", Alert.RETRACTED, "Taken back.", Alert.PAGE, NOW.plusSeconds(3600)));
        assertThat(tell().status()).isEqualTo(Alert.RETRACTED);
    }

    @Test
    void nobodyIsToldBeforeQuietHoursEnd() {
        Instant morning = NOW.plus(Duration.ofHours(8));
        hear(Alerts.alert("a", Alert.FIRING, "It broke.", Alert.PAGE, morning));
        assertThat(outgoing.next(morning.minusMillis(1))).isNull();
        assertThat(outgoing.next(morning)).isNotNull();
    }

    @Test
    void aReceiverThatIsNewHearsOfWhatStandsNotOfWhatIsPast() {
        outgoing.hear(new Heard(Alerts.firing("old"), place(0), true));
        outgoing.hear(new Heard(Alerts.as(Alert.RESOLVED, Alerts.firing("old")), place(1), true));
        outgoing.hear(new Heard(Alerts.firing("standing"), place(2), true));
        assertThat(tell().alertId()).isEqualTo("standing");
        nothingToTell();
    }

    @Test
    void onlyPagesAndDigestsAreTold() {
        hear(Alerts.alert("a", Alert.FIRING, "One deal stands still.", Alert.DIGEST, null));
        hear(Alerts.alert("b", Alert.FIRING, "In the tables only.", Alert.NONE, null));
        nothingToTell();
        hear(Alerts.alert("c", Alert.FIRING, "It broke.", Alert.PAGE, null));
        assertThat(tell().alertId()).isEqualTo("c");
    }

    @Test
    void aFilterNamesTeamsSeveritiesAndKindsAndWhatWasToldIsKeptTrueAllTheSame() {
        outgoing = new Outgoing(new Filter(Set.of("growth"), Set.of(), Set.of()), true, memory);
        hear(Alerts.firing("a"));
        nothingToTell();
        outgoing = new Outgoing(new Filter(Set.of("sales"), Set.of("warning"), Set.of("bottleneck")), true, memory);
        hear(Alerts.firing("b"));
        tell();
        outgoing = new Outgoing(new Filter(Set.of("growth"), Set.of(), Set.of()), true, memory);
        hear(Alerts.as(Alert.RETRACTED, Alerts.firing("b")));
        assertThat(tell().status()).isEqualTo(Alert.RETRACTED);
    }

    @Test
    void whoHearsOfNewsOnlyIsNotInterruptedForFigures() {
        outgoing = new Outgoing(ANY, false, memory);
        hear(Alerts.firing("a"));
        tell();
        hear(Alerts.alert("a", Alert.FIRING, "A deal takes 21 days in stage legal, it was 5.", null, null));
        hear(Alerts.as(Alert.ACKNOWLEDGED, Alerts.firing("a")));
        nothingToTell();
        hear(Alerts.as(Alert.RESOLVED, Alerts.firing("a")));
        assertThat(tell().status()).isEqualTo(Alert.RESOLVED);
    }

    @Test
    void aReceiverThatFailsIsLeftAloneForLongerEachTimeAndOneThatAsksForPeaceGetsIt() {
        hear(Alerts.firing("a"));
        Waiting one = Objects.requireNonNull(outgoing.next(NOW));
        outgoing.failed(one, NOW, "HTTP 500", null);
        assertThat(outgoing.next(NOW.plusMillis(999))).isNull();
        assertThat(outgoing.next(NOW.plusMillis(1000))).isEqualTo(one.failed("HTTP 500", NOW));
        for (int i = 0; i < 30; i++) {
            outgoing.failed(one, NOW, "HTTP 500", null);
        }
        assertThat(outgoing.next(NOW.plusSeconds(299))).isNull();
        assertThat(outgoing.next(NOW.plusSeconds(300))).isEqualTo(one.failed("HTTP 500", NOW));
        outgoing.failed(one, NOW, "HTTP 500", Duration.ofMinutes(20));
        assertThat(outgoing.next(NOW.plusSeconds(1199))).isNull();
        assertThat(outgoing.next(NOW.plusSeconds(1200))).isEqualTo(one.failed("HTTP 500", NOW));
    }

    @Test
    void oneAlertThatAReceiverNeverTakesDoesNotHoldUpItsOthers() {
        hear(Alerts.firing("a"));
        hear(Alerts.firing("b"));
        Waiting first = Objects.requireNonNull(outgoing.next(NOW));
        outgoing.failed(first, NOW, "HTTP 500", null);
        Waiting second = Objects.requireNonNull(outgoing.next(NOW.plusSeconds(1)));
        assertThat(second.alert().alertId()).isNotEqualTo(first.alert().alertId());
    }

    @Test
    void whatWaitsIsNotedOnceAndStruckWhenItWaitsNoMore() {
        hear(Alerts.firing("a"));
        assertThat(outgoing.toNote()).hasSize(1);
        assertThat(outgoing.toNote()).isEmpty();
        assertThat(outgoing.toStrike()).isEmpty();
        hear(Alerts.alert("a", Alert.FIRING, "Other figures.", null, null));
        assertThat(outgoing.toNote()).hasSize(1);
        outgoing.failed(Objects.requireNonNull(outgoing.next(NOW)), NOW, "HTTP 500", Duration.ofMinutes(20));
        assertThat(outgoing.toNote()).satisfiesExactly(waiting -> assertThat(waiting.failure())
                .isEqualTo(new DeliveryLog.Failure("HTTP 500", NOW)));
        assertThat(outgoing.toNote()).isEmpty();
        outgoing.rested();
        tell();
        assertThat(outgoing.toStrike()).containsExactly("a");
        assertThat(outgoing.toStrike()).isEmpty();
    }

    @Test
    void whatIsNotedAsToldAndAsWaitingWasTold() {
        Map<String, Told> told = new HashMap<>(Map.of("a", new Told(Alerts.firing("a"), place(3), "", NOW)));
        Map<String, Waiting> waiting = new HashMap<>(Map.of("a", new Waiting(Alerts.firing("a"), place(3))));
        outgoing = new Outgoing(ANY, true, new Memory(told, waiting));
        nothingToTell();
        assertThat(outgoing.toStrike()).containsExactly("a");
    }

    @Test
    void whatIsOverIsForgottenAfterALongTimeAndWhatStandsIsNot() {
        hear(Alerts.firing("stands"));
        tell();
        hear(Alerts.as(Alert.RESOLVED, Alerts.firing("over")));
        tell();
        assertThat(outgoing.forget(NOW.plus(Outgoing.REMEMBERED))).isEmpty();
        assertThat(outgoing.forget(NOW.plus(Outgoing.REMEMBERED).plusSeconds(1)))
                .containsExactly("over");
        assertThat(outgoing.standing()).hasSize(1);
    }
}
