package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Change;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlertDeskTest {
    private static final AlertDesk DESK = new AlertDesk(
            new Alerts(
                    Map.of(),
                    List.of(
                            new Alerts.Route(Signal.STALLED, "owner", "digest"),
                            new Alerts.Route(Signal.CONVERSION_DROP, "shop", "digest", null, List.of("checkout")),
                            new Alerts.Route(
                                    Signal.CONVERSION_DROP, "web", "page", "https://wiki.example/conversion"))),
            ZoneOffset.UTC,
            List.of(
                    new Change(LocalDate.of(2026, 2, 18), "new form", "bob", null, null, List.of("signup/trial")),
                    new Change(LocalDate.of(2026, 2, 18), "new stage", null, null, null, List.of("sales")),
                    new Change(LocalDate.of(2026, 1, 18), "new prices", null, null, null, List.of())));

    private final Memory<Signal> memory = new Memory<>();
    private final Map<String, Row> alerts = new TreeMap<>();
    private final List<String> published = new ArrayList<>();

    private void take(Signal signal) {
        Step<Signal> step = new Step<>();
        step.advance(DESK, AlertDesk.incidentKey(signal), memory, true, signal, 0);
        step.rows(row -> {
            alerts.put(row.key(AlertTables.ALERT), row);
            published.add(of(row, "status") + (row.deleted() ? " deleted" : ""));
        });
    }

    private static @Nullable String of(Row row, String column) {
        return row.values()[AlertTables.ALERT.index(column)];
    }

    private Row only() {
        assertThat(alerts).hasSize(1);
        return alerts.values().iterator().next();
    }

    private static Signal drop(
            String value, String window, double from, double to, double surprise, @Nullable String ended) {
        return new Signal(
                value + window,
                Signal.CONVERSION_DROP,
                "signup/trial",
                "conversion/signup/trial",
                value.equals("(total)") ? "(total)" : value.equals("mobile") ? "properties.device" : "channel",
                value,
                null,
                Instant.parse("2026-02-19T00:00:00Z"),
                ended == null ? null : Instant.parse(ended),
                5e4,
                "{\"window_start\":\"" + window + "T00:00:00Z\",\"from\":" + from + ",\"to\":" + to + ",\"fall\":"
                        + (1 - to / from) + ",\"surprise\":" + surprise + "}",
                "d1",
                false);
    }

    private static Signal deleted(Signal s) {
        return changed(s, s.evidence(), true);
    }

    private static Signal with(Signal s, String evidence) {
        return changed(s, evidence, false);
    }

    private static Signal changed(Signal s, String evidence, boolean deleted) {
        return new Signal(
                s.signalId(),
                s.kind(),
                s.subject(),
                s.metric(),
                s.breakdown(),
                s.value(),
                s.ownerId(),
                s.startedAt(),
                s.endedAt(),
                s.score(),
                evidence,
                s.definition(),
                deleted);
    }

    private final Signal mobile = drop("mobile", "2026-02-21", 0.085, 0.0299, 9.1, null);
    private final Signal ads = drop("ads", "2026-02-20", 0.088, 0.045, 3.2, null);
    private final Signal total = drop("(total)", "2026-02-24", 0.09, 0.065, 5.5, null);

    @Test
    void manySignalsOfOneStepAreOneAlertThatNamesWhatBroke() {
        take(total);
        take(mobile);
        take(ads);
        Row alert = only();
        assertThat(of(alert, "status")).isEqualTo("firing");
        assertThat(of(alert, "severity")).isEqualTo("critical");
        assertThat(of(alert, "breakdown")).isEqualTo("properties.device");
        assertThat(of(alert, "value")).isEqualTo("mobile");
        assertThat(of(alert, "team")).isEqualTo("web");
        assertThat(of(alert, "summary"))
                .isEqualTo("Conversion to trial in funnel signup fell from 8.5 % to 3.0 % for device mobile since"
                        + " 2026-02-19. Likely cause: fewer of the same come through. Confidence 99 %.");
        assertThat(of(alert, "evidence")).contains("\"segments\":[{", "\"value\":\"ads\"", "(total)");
        assertThat(of(alert, "confidence")).isEqualTo("0.992");
        assertThat(of(alert, "delivery")).isEqualTo("page");
        assertThat(of(alert, "runbook")).isEqualTo("https://wiki.example/conversion");
    }

    @Test
    void whatTheBusinessChangedShortlyBeforeIsNamedWhereItMayHaveMovedTheSeries() {
        take(mobile);
        assertThat(of(only(), "evidence"))
                .contains("\"changes\":[{\"date\":\"2026-02-18\",\"what\":\"new form\",\"who\":\"bob\"}]");
    }

    @Test
    void whyAWholeFellIsUnknownWhereItHasNoParts() {
        take(total);
        assertThat(of(only(), "cause")).isEqualTo("unknown");
        assertThat(of(only(), "summary")).doesNotContain("cause");
    }

    @Test
    void aSmallFallIsAWarningAndATinyOneForInformation() {
        take(drop("mobile", "2026-02-21", 0.08, 0.07, 4, null));
        assertThat(of(only(), "severity")).isEqualTo("warning");
        AlertDeskTest other = new AlertDeskTest();
        other.take(drop("mobile", "2026-02-21", 0.080, 0.073, 4, null));
        assertThat(of(other.only(), "severity")).isEqualTo("info");
    }

    @Test
    void theWholeIsNamedOnlyWhenNoPartFellMuchFurther() {
        take(drop("(total)", "2026-02-24", 0.09, 0.065, 5.5, null));
        take(drop("mobile", "2026-02-21", 0.085, 0.04, 4, null));
        assertThat(of(only(), "value")).isEqualTo("mobile");
        AlertDeskTest alike = new AlertDeskTest();
        alike.take(drop("(total)", "2026-02-24", 0.09, 0.045, 5.5, null));
        alike.take(drop("mobile", "2026-02-21", 0.085, 0.04, 4, null));
        alike.take(drop("ads", "2026-02-21", 0.085, 0.01, 1, null));
        assertThat(of(alike.only(), "value")).isEqualTo("(total)");
        assertThat(of(alike.only(), "summary"))
                .isEqualTo(
                        "Conversion to trial in funnel signup fell from 9.0 % to 4.5 % since 2026-02-19. Confidence 99 %.");
    }

    @Test
    void whyTheWholeFellIsEvidenceWhicheverSegmentIsNamed() {
        String why = ",\"cause\":\"rate\",\"split_by\":\"properties.device\",\"rate_part\":-0.02,\"mix_part\":-0.001";
        take(with(total, total.evidence().replace("}", why + "}")));
        take(mobile);
        assertThat(of(only(), "value")).isEqualTo("mobile");
        assertThat(of(only(), "evidence")).contains(why);
        assertThat(of(only(), "summary")).doesNotContain("mix");
        assertThat(of(only(), "cause")).isEqualTo("rate");
    }

    @Test
    void aWholeThatFellByItsMixSaysSo() {
        take(with(
                total,
                total.evidence()
                        .replace(
                                "}",
                                ",\"cause\":\"mix\",\"split_by\":\"properties.device\",\"moved_most\":\"mobile\"}")));
        assertThat(of(only(), "summary"))
                .endsWith(
                        " since 2026-02-19. It is the mix: by device the rates stood and the shares changed, most that"
                                + " of mobile. Confidence 99 %.");
        assertThat(of(only(), "cause")).isEqualTo("mix");
    }

    @Test
    void anyOrderOfSignalsKeepsOneIdAndEndsInOneAlert() {
        take(total);
        Row first = only();
        take(mobile);
        take(ads);
        Row straight = only();
        assertThat(of(straight, "alert_id")).isEqualTo(of(first, "alert_id"));
        for (int seed = 0; seed < 50; seed++) {
            AlertDeskTest other = new AlertDeskTest();
            List<Signal> signals = new ArrayList<>(List.of(total, mobile, ads, mobile, total));
            Collections.shuffle(signals, new Random(seed));
            signals.forEach(other::take);
            assertThat(other.only().saysTheSameAs(straight)).as("seed %d", seed).isTrue();
            assertThat(other.published).as("seed %d", seed).containsOnly("firing");
        }
    }

    @Test
    void anAlertWhoseSignalsWereNeverSoIsTakenBackUnderItsId() {
        take(mobile);
        take(total);
        String id = of(only(), "alert_id");
        take(deleted(total));
        assertThat(of(only(), "status")).isEqualTo("firing");
        take(deleted(mobile));
        assertThat(of(only(), "alert_id")).isEqualTo(id);
        assertThat(of(only(), "status")).isEqualTo("retracted");
        assertThat(of(only(), "summary")).startsWith("Taken back");
        assertThat(only().deleted()).isFalse();
        take(mobile);
        assertThat(of(only(), "status")).isEqualTo("firing");
    }

    @Test
    void anAlertIsResolvedWhenAllOfItHasEnded() {
        take(mobile);
        take(ads);
        take(drop("mobile", "2026-02-21", 0.085, 0.0299, 9.1, "2026-03-01T00:00:00Z"));
        assertThat(of(only(), "status")).isEqualTo("firing");
        take(drop("ads", "2026-02-20", 0.088, 0.045, 3.2, "2026-03-02T00:00:00Z"));
        assertThat(of(only(), "status")).isEqualTo("resolved");
        assertThat(of(only(), "ended_at")).isEqualTo("2026-03-02T00:00:00Z");
        assertThat(of(only(), "summary"))
                .endsWith("until 2026-03-02. Likely cause: fewer of the same come through. Confidence 99 %.");
    }

    @Test
    void aMuchLaterFallIsAnAlertOfItsOwn() {
        take(drop("mobile", "2026-02-21", 0.085, 0.03, 9, "2026-03-01T00:00:00Z"));
        take(drop("mobile", "2026-06-21", 0.085, 0.03, 9, null));
        assertThat(alerts.values())
                .extracting(row -> of(row, "status"))
                .containsExactlyInAnyOrder("resolved", "firing");
    }

    @Test
    void aBottleneckThatMovedSaysFromWhereToWhere() {
        take(new Signal(
                "m1",
                Signal.BOTTLENECK_MOVED,
                "sales/legal",
                "dwell/sales/legal",
                "properties.segment",
                "enterprise",
                null,
                Instant.parse("2026-03-02T00:00:00Z"),
                Instant.parse("2026-04-06T00:00:00Z"),
                6e4,
                "{\"stage\":\"legal\",\"before\":\"proposal\",\"from\":5.92,\"to\":14.2,\"extra_wip\":23.6,\"fall\":0.58}",
                "d2",
                false));
        assertThat(of(only(), "summary"))
                .isEqualTo(
                        "The bottleneck of pipeline sales was stage legal, no longer proposal, for segment enterprise"
                                + " since 2026-03-02 until 2026-04-06: a deal takes 14.2 days there, it was 5.9 days; about 24 more"
                                + " deals will wait there than usual. Confidence 99 %.");
    }

    @Test
    void aBottleneckAndAStalledDealReadLikeSentences() {
        Signal legal = new Signal(
                "b1",
                Signal.BOTTLENECK,
                "sales/legal",
                "dwell/sales/legal",
                "properties.segment",
                "enterprise",
                null,
                Instant.parse("2026-03-02T00:00:00Z"),
                null,
                6e4,
                "{\"from\":5.92,\"to\":14.2,\"extra_wip\":23.6,\"fall\":0.58,\"surprise\":1.2}",
                "d2",
                false);
        take(legal);
        assertThat(of(only(), "summary"))
                .isEqualTo(
                        "A deal takes 14.2 days in stage legal of pipeline sales, it was 5.9 days, for segment"
                                + " enterprise since 2026-03-02; about 24 more deals will wait there than usual. Confidence 99 %.");
        AlertDeskTest other = new AlertDeskTest();
        Signal stalled = new Signal(
                "s1",
                Signal.STALLED,
                "sales/d12",
                null,
                null,
                null,
                "o7",
                Instant.parse("2026-01-17T00:00:00Z"),
                null,
                null,
                "{\"stage\":\"proposal\",\"entered_at\":\"2026-01-03T00:00:00Z\",\"stalled_after_seconds\":1209600}",
                "d2",
                false);
        other.take(stalled);
        assertThat(of(other.only(), "summary"))
                .isEqualTo("Deal d12 has not moved in pipeline sales from stage proposal since 2026-01-03, longer than"
                        + " the 14 days allowed.");
        other.take(with(
                stalled,
                "{\"stage\":\"proposal\",\"entered_at\":\"2026-01-03T00:00:00Z\",\"allowed\":\"10 business days\","
                        + "\"last_activity_at\":\"2026-01-05T00:00:00Z\",\"stalled_after_seconds\":288000}"));
        assertThat(of(other.only(), "summary"))
                .isEqualTo(
                        "Deal d12 in pipeline sales, stage proposal, has been quiet since its last meeting, reply or call"
                                + " on 2026-01-05, longer than the 10 business days allowed.");
        assertThat(of(other.only(), "owner_id")).isEqualTo("o7");
        assertThat(of(other.only(), "team")).isNull();
        other.take(deleted(stalled));
        assertThat(of(other.only(), "status")).isEqualTo("retracted");
    }

    private static Signal watched(String kind, String metric, String subject) {
        return new Signal(
                "v1",
                kind,
                subject,
                metric,
                "channel",
                "ads",
                null,
                Instant.parse("2026-03-02T00:00:00Z"),
                null,
                6e4,
                "{\"from\":96,\"to\":48.25,\"fall\":0.5,\"surprise\":1.2}",
                "d2",
                false);
    }

    @Test
    void aVolumeAndAnUnusualValueReadLikeSentences() {
        take(watched(Signal.VOLUME_DROP, "entered/signup/visit", "signup/visit"));
        assertThat(of(only(), "summary"))
                .isEqualTo(
                        "Only 48.3 a day reach visit in signup for channel ads since 2026-03-02, usual are 96.0. Confidence 99 %.");
        assertThat(of(only(), "severity")).isEqualTo("critical");
        AlertDeskTest other = new AlertDeskTest();
        other.take(watched(Signal.UNUSUAL, "wip/sales/legal", "sales/legal"));
        assertThat(of(other.only(), "summary"))
                .isEqualTo("The value of wip/sales/legal for channel ads on 2026-03-02 was 48.3, beyond all before;"
                        + " usual is 96.0.");
        assertThat(of(other.only(), "severity")).as("it pages nobody").isEqualTo("info");
    }

    @Test
    void aWinRateThatFellReadsLikeASentence() {
        take(new Signal(
                "w1",
                Signal.WIN_RATE_DROP,
                "sales",
                "win_rate/sales",
                "deal_type",
                "renewal",
                null,
                Instant.parse("2026-11-01T00:00:00Z"),
                null,
                6e4,
                "{\"from\":0.53,\"to\":0.371,\"fall\":0.3,\"surprise\":9.1}",
                "d2",
                false));
        assertThat(of(only(), "summary"))
                .isEqualTo("The win rate of pipeline sales fell from 53.0 % to 37.1 % for deal_type renewal since"
                        + " 2026-11-01. Likely cause: fewer of the same come through. Confidence 99 %.");
    }

    @Test
    void aRouteOfOneFunnelTakesItsAlertsAndTheNextThoseOfAllOthers() {
        take(total);
        assertThat(of(only(), "team")).isEqualTo("web");
        assertThat(of(only(), "delivery")).isEqualTo("page");
        alerts.clear();
        Signal checkout = new Signal(
                "c",
                total.kind(),
                "checkout/paid",
                total.metric(),
                total.breakdown(),
                total.value(),
                null,
                total.startedAt(),
                null,
                total.score(),
                total.evidence(),
                "d2",
                false);
        memory.facts.clear();
        take(checkout);
        assertThat(of(only(), "team")).isEqualTo("shop");
        assertThat(of(only(), "delivery")).isEqualTo("digest");
        assertThat(of(only(), "runbook")).isNull();
    }

    @Test
    void evidenceThatIsNoEvidenceStopsNothing() {
        for (String evidence : List.of("", "x", "{\"from\":1e999999999,\"window_start\":\"soon\"}")) {
            AlertDeskTest other = new AlertDeskTest();
            other.take(new Signal(
                    "b1",
                    Signal.BOTTLENECK,
                    "odd",
                    null,
                    null,
                    null,
                    null,
                    Instant.EPOCH,
                    null,
                    null,
                    evidence,
                    "",
                    false));
            assertThat(of(other.only(), "status")).isEqualTo("firing");
        }
    }
}
