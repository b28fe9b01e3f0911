package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.QuietTime;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeliveryTest {
    /** A Monday, as all that is noticed here is. */
    private static final Instant NOTICED = Instant.parse("2026-03-02T10:00:00Z");

    private static final Playbook PLAYBOOK = Playbooks.of(
            List.of(Playbooks.pipeline("sales", "lead offer won+ lost-", 0)),
            List.of(Playbooks.funnel("signup", "v t p", 1_000, List.of())));

    private InMemory<DeskFact, Signal> delivery = delivery(PLAYBOOK.alerts());

    private static InMemory<DeskFact, Signal> delivery(Alerts alerts) {
        return new InMemory<>(new Delivery(Playbooks.with(PLAYBOOK, alerts)), AlertTables.ALERT);
    }

    private void raise(Alert alert) {
        raise(delivery, alert);
    }

    private static void raise(InMemory<DeskFact, Signal> delivery, Alert alert) {
        delivery.comes(Delivery.key(alert), DeskFact.of(alert));
    }

    private void say(DeskEntry entry) {
        say(delivery, entry);
    }

    private static void say(InMemory<DeskFact, Signal> delivery, DeskEntry entry) {
        for (String key : Delivery.keys(entry, Set.of("d1", "d2"))) {
            delivery.comes(key, DeskFact.of(entry));
        }
    }

    private @Nullable String of(String alertId, String column) {
        for (Row row : delivery.rows().values()) {
            if (alertId.equals(row.values()[0])) {
                return row.values()[AlertTables.ALERT.index(column)];
            }
        }
        throw new AssertionError("no alert " + alertId);
    }

    private static Alert drop(String id) {
        return alert(id, Signal.CONVERSION_DROP, "signup/t", "(total)", Duration.ZERO, null);
    }

    private static Alert ended(String id, Duration after) {
        return alert(id, Signal.CONVERSION_DROP, "signup/t", "(total)", Duration.ZERO, after);
    }

    /** An alert that was noticed so long after {@link #NOTICED}, began a day before, and ended so long after it was noticed. */
    private static Alert alert(
            String id, String kind, String subject, String value, Duration later, @Nullable Duration ended) {
        Instant noticed = NOTICED.plus(later);
        return new Alert(
                id,
                kind,
                "warning",
                ended == null ? Alert.FIRING : Alert.RESOLVED,
                "conversion/" + subject,
                value.equals("(total)") ? "(total)" : "device",
                value,
                subject,
                "web",
                null,
                "It fell.",
                noticed.minus(Duration.ofDays(1)),
                ended == null ? null : noticed.plus(ended),
                "{\"first_noticed_at\":\"" + noticed + "\"}",
                null,
                Alert.PAGE,
                null,
                null,
                null,
                null,
                null,
                "d1",
                false);
    }

    private static Alert with(Alert alert, String severity, String status) {
        Row row = alert.row(0);
        row.values()[AlertTables.ALERT.index("severity")] = severity;
        row.values()[AlertTables.ALERT.index("status")] = status;
        return Alert.of(row);
    }

    private static DeskEntry acknowledged(String entryId, String alertId, String by) {
        return DeskEntry.acknowledged(entryId, NOTICED.plusSeconds(60), alertId, by, null);
    }

    private static DeskEntry verdict(String entryId, int minutes, String alertId, String verdict) {
        return DeskEntry.verdict(entryId, NOTICED.plusSeconds(60L * minutes), alertId, verdict, "ana", null);
    }

    private static DeskEntry silence(String id, String kind, int fromHour, @Nullable Integer untilHour, String device) {
        return new DeskEntry(
                id,
                NOTICED.plus(Duration.ofHours(fromHour)),
                kind,
                null,
                Signal.CONVERSION_DROP,
                null,
                "device",
                device,
                null,
                null,
                untilHour == null ? null : NOTICED.plus(Duration.ofHours(untilHour)),
                null,
                "bob",
                null);
    }

    // What people say.

    @Test
    void anAlertThatSomeoneTookOnIsAcknowledgedByTheFirstWhoDid() {
        raise(drop("a1"));
        say(acknowledged("e2", "a1", "bob"));
        say(acknowledged("e1", "a1", "ana"));
        say(acknowledged("e3", "another", "eve"));

        assertThat(of("a1", "status")).isEqualTo(Alert.ACKNOWLEDGED);
        assertThat(of("a1", "acknowledged_by")).isEqualTo("ana");
    }

    @Test
    void whatHasEndedOrWasNeverSoStaysThatWhoeverTookItOn() {
        say(acknowledged("e1", "a1", "ana"));
        raise(ended("a1", Duration.ofDays(1)));
        assertThat(of("a1", "status")).isEqualTo(Alert.RESOLVED);
        assertThat(of("a1", "acknowledged_by")).isEqualTo("ana");

        raise(with(drop("a1"), "warning", Alert.RETRACTED));
        assertThat(of("a1", "status")).isEqualTo(Alert.RETRACTED);
    }

    @Test
    void theLastVerdictCounts() {
        raise(drop("a1"));
        say(verdict("e2", 20, "a1", DeskEntry.WRONG));
        say(verdict("e1", 10, "a1", DeskEntry.USEFUL));

        assertThat(of("a1", "verdict")).isEqualTo(DeskEntry.WRONG);
    }

    @Test
    void anAlertAboutOneDealIsAnsweredToo() {
        raise(alert("deal", Signal.STALLED, "sales/d1", "(total)", Duration.ZERO, null));
        raise(alert("morning", Digest.KIND, "ana/2026-03-02", "(total)", Duration.ZERO, null));
        say(acknowledged("e1", "deal", "ana"));
        say(acknowledged("e2", "morning", "ana"));

        assertThat(of("deal", "status")).isEqualTo(Alert.ACKNOWLEDGED);
        assertThat(of("morning", "status")).isEqualTo(Alert.ACKNOWLEDGED);
    }

    @Test
    void anAlertThatARecountNoLongerHasIsDeletedWhateverWasSaidOfIt() {
        raise(drop("a1"));
        say(acknowledged("e1", "a1", "ana"));
        raise(Alert.of(drop("a1").row(0).asDeleted(0)));

        assertThat(delivery.rows()).isEmpty();
    }

    // Silences.

    @Test
    void aSilencedAlertWaitsForTheEndOfTheSilence() {
        say(silence("s", DeskEntry.SILENCED, -5, 48, "mobile"));
        raise(alert("mobile", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, null));
        raise(alert("desktop", Signal.CONVERSION_DROP, "signup/t", "desktop", Duration.ZERO, null));
        raise(alert("volume", Signal.VOLUME_RISE, "signup/t", "mobile", Duration.ZERO, null));

        assertThat(of("mobile", "deliver_after")).isEqualTo("2026-03-04T10:00:00Z");
        assertThat(of("mobile", "delivery")).isEqualTo(Alert.PAGE);
        assertThat(of("mobile", "evidence")).contains("\"silenced_by\":\"bob\"");
        assertThat(of("desktop", "deliver_after")).isNull();
        assertThat(of("volume", "deliver_after")).isNull();
    }

    @Test
    void whatIsOverWhenASilenceEndsIsNotTold() {
        say(silence("s", DeskEntry.SILENCED, -5, 48, "mobile"));
        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, Duration.ofDays(2)));
        assertThat(of("a", "delivery")).isEqualTo(Alert.NONE);

        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, Duration.ofHours(49)));
        assertThat(of("a", "delivery")).isEqualTo(Alert.PAGE);
    }

    @Test
    void aSilenceThatComesLaterHoldsBackWhatIsSaidFromThenOn() {
        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, null));
        say(silence("s", DeskEntry.SILENCED, 20, 48, "mobile"));
        assertThat(of("a", "deliver_after")).isEqualTo("2026-03-04T10:00:00Z");

        // It was told before, so its end is told too.
        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, Duration.ofHours(30)));
        assertThat(of("a", "delivery")).isEqualTo(Alert.PAGE);

        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, Duration.ofHours(19)));
        assertThat(of("a", "deliver_after")).isNull();
    }

    @Test
    void aSilenceEndsEarlierWhenSomeoneSaysSoOfTheSame() {
        say(silence("s", DeskEntry.SILENCED, -5, 48, "mobile"));
        say(silence("other", DeskEntry.UNSILENCED, -2, null, "desktop"));
        raise(alert("a", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, null));
        assertThat(of("a", "deliver_after")).isEqualTo("2026-03-04T10:00:00Z");

        say(silence("e", DeskEntry.UNSILENCED, 7, null, "mobile"));
        assertThat(of("a", "deliver_after")).isEqualTo("2026-03-02T17:00:00Z");
        say(silence("e2", DeskEntry.UNSILENCED, -2, null, "mobile"));
        assertThat(of("a", "deliver_after")).isNull();
    }

    @Test
    void oneAlertIsSilencedByItsId() {
        raise(drop("a1"));
        raise(drop("a2"));
        say(DeskEntry.silenced("s", NOTICED, "a1", NOTICED.plus(Duration.ofDays(1)), "ana", null));

        assertThat(of("a1", "deliver_after")).isEqualTo("2026-03-03T10:00:00Z");
        assertThat(of("a2", "deliver_after")).isNull();
    }

    // Quiet time and maintenance.

    @Test
    void inQuietTimeAllButCriticalAlertsWait() {
        QuietTime quiet = new QuietTime(LocalTime.of(9, 0), LocalTime.of(12, 0), false, false);
        delivery = delivery(new Alerts(Map.of(), List.of(), quiet, List.of()));
        raise(drop("a1"));
        raise(with(drop("a2"), "critical", Alert.FIRING));
        assertThat(of("a1", "deliver_after")).isEqualTo("2026-03-02T12:00:00Z");
        assertThat(of("a2", "deliver_after")).isNull();

        delivery = delivery(
                new Alerts(Map.of(), List.of(), new QuietTime(quiet.from(), quiet.to(), false, true), List.of()));
        raise(with(drop("a2"), "critical", Alert.FIRING));
        assertThat(of("a2", "deliver_after")).isEqualTo("2026-03-02T12:00:00Z");
    }

    @Test
    void whatWasNoticedDuringMaintenanceWaitsAndThenForTheEndOfQuietTime() {
        delivery = delivery(new Alerts(
                Map.of(),
                List.of(),
                new QuietTime(LocalTime.of(20, 0), LocalTime.of(7, 0), true, false),
                List.of(new Alerts.Maintenance(
                        NOTICED.minusSeconds(60),
                        NOTICED.plus(Duration.ofHours(11)),
                        "CRM moves",
                        List.of("signup")))));
        raise(drop("a1"));
        raise(alert("other", Signal.VOLUME_DROP, "sales/lead", "(total)", Duration.ZERO, null));
        raise(ended("over", Duration.ofHours(11)));

        assertThat(of("a1", "deliver_after")).isEqualTo("2026-03-03T07:00:00Z");
        assertThat(of("a1", "evidence")).contains("\"maintenance\":\"CRM moves\"");
        assertThat(of("other", "deliver_after")).isNull();
        assertThat(of("over", "delivery")).isEqualTo(Alert.NONE);
    }

    // What a rule is worth.

    @Test
    void aRuleThatWasUsefulLessThanHalfOfTenTimesGoesToTheDigestFromThenOn() {
        for (int i = 0; i < 10; i++) {
            raise(drop("a" + i));
            say(verdict("e" + i, i, "a" + i, i < 4 ? DeskEntry.USEFUL : i < 8 ? DeskEntry.KNOWN : DeskEntry.WRONG));
        }
        raise(alert("next", Signal.CONVERSION_DROP, "signup/p", "mobile", Duration.ofMinutes(9), null));
        raise(alert("other-kind", Signal.VOLUME_RISE, "signup/t", "(total)", Duration.ofDays(1), null));

        assertThat(of("a0", "delivery")).as("was told before").isEqualTo(Alert.PAGE);
        assertThat(of("other-kind", "delivery")).isEqualTo(Alert.PAGE);
        raise(alert("next", Signal.CONVERSION_DROP, "signup/v", "mobile", Duration.ofMinutes(9), null));
        assertThat(of("next", "delivery")).isEqualTo(Alert.DIGEST);
        assertThat(of("next", "evidence")).contains("\"rule\":{\"useful\":4,\"of\":10}");

        say(verdict("f9", 9, "a9", DeskEntry.USEFUL));
        assertThat(of("next", "delivery")).as("half of ten").isEqualTo(Alert.PAGE);
    }

    @Test
    void whatGoesToTheDigestOfATeamIsInIt() {
        InMemory<Signal, Signal> digest = new InMemory<>(new Digest(PLAYBOOK), AlertTables.ALERT);
        delivery.sends(digest::apply);
        digest.watermark(NOTICED.plus(Duration.ofDays(3)).toEpochMilli());
        for (int i = 0; i < 10; i++) {
            raise(drop("a" + i));
            say(verdict("e" + i, 1, "a" + i, DeskEntry.WRONG));
        }
        Alert low = alert("low", Signal.VOLUME_RISE, "signup/v", "(total)", Duration.ZERO, null);
        raise(low);
        assertThat(digest.rows()).as("pages are in no digest").isEmpty();

        raise(alert("next", Signal.CONVERSION_DROP, "signup/v", "mobile", Duration.ofHours(1), null));
        assertThat(digest.rows().values()).singleElement().satisfies(row -> {
            assertThat(row.values()[AlertTables.ALERT.index("team")]).isEqualTo("web");
            assertThat(row.values()[AlertTables.ALERT.index("subject")]).isEqualTo("web/2026-03-03");
            assertThat(row.values()[AlertTables.ALERT.index("summary")])
                    .isEqualTo("An alert stands that nobody was told of singly: It fell.");
            assertThat(row.values()[AlertTables.ALERT.index("evidence")]).contains("\"alert_id\":\"next\"");
        });

        say(verdict("f1", 2, "a1", DeskEntry.USEFUL));
        for (int i = 2; i < 6; i++) {
            say(verdict("f" + i, 2, "a" + i, DeskEntry.USEFUL));
        }
        assertThat(digest.rows()).as("half of ten is enough").isEmpty();
    }

    @Test
    void nineVerdictsSayNothingYet() {
        for (int i = 0; i < 9; i++) {
            raise(drop("a" + i));
            say(verdict("e" + i, i, "a" + i, DeskEntry.WRONG));
            say(verdict("f" + i, i, "a" + i, DeskEntry.WRONG));
        }
        raise(alert("next", Signal.CONVERSION_DROP, "signup/v", "(total)", Duration.ofDays(1), null));

        assertThat(of("next", "delivery")).isEqualTo(Alert.PAGE);
    }

    // What explains what.

    @Test
    void aFallOfALaterStepIsExplainedByThatOfAnEarlierOneInTheSameSegment() {
        raise(alert("trial", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, null));
        raise(alert("paid", Signal.CONVERSION_DROP, "signup/p", "mobile", Duration.ofDays(2), null));
        raise(alert("desktop", Signal.CONVERSION_DROP, "signup/p", "desktop", Duration.ofDays(2), null));
        raise(alert("fewer", Signal.VOLUME_DROP, "signup/t", "mobile", Duration.ofDays(1), null));
        raise(alert("more", Signal.VOLUME_RISE, "signup/p", "mobile", Duration.ofDays(1), null));

        assertThat(of("trial", "delivery")).isEqualTo(Alert.PAGE);
        assertThat(of("paid", "delivery")).isEqualTo(Alert.NONE);
        assertThat(of("paid", "evidence")).contains("\"inhibited_by\":\"trial\"");
        assertThat(of("fewer", "delivery")).isEqualTo(Alert.NONE);
        assertThat(of("desktop", "delivery")).isEqualTo(Alert.PAGE);
        assertThat(of("more", "delivery")).isEqualTo(Alert.PAGE);
    }

    @Test
    void theWholeExplainsASegmentAndTheFirstStepAllThatFollow() {
        raise(alert("visits", Signal.VOLUME_DROP, "signup/v", "(total)", Duration.ZERO, null));
        raise(alert("trial", Signal.VOLUME_DROP, "signup/t", "mobile", Duration.ZERO, null));
        raise(alert("paid", Signal.VOLUME_DROP, "signup/p", "mobile", Duration.ZERO, null));

        assertThat(of("trial", "evidence")).contains("\"inhibited_by\":\"visits\"");
        assertThat(of("paid", "evidence")).contains("\"inhibited_by\":\"visits\"");
        assertThat(of("visits", "delivery")).isEqualTo(Alert.PAGE);
    }

    @Test
    void whatIsOverOrWasNeverSoOrCameLaterExplainsNothing() {
        raise(alert("over", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ZERO, Duration.ofHours(1)));
        raise(alert("paid", Signal.CONVERSION_DROP, "signup/p", "mobile", Duration.ofDays(2), null));
        assertThat(of("paid", "delivery")).isEqualTo(Alert.PAGE);

        raise(with(
                alert("never", Signal.CONVERSION_DROP, "signup/v", "mobile", Duration.ZERO, null),
                "warning",
                Alert.RETRACTED));
        raise(alert("later", Signal.CONVERSION_DROP, "signup/t", "mobile", Duration.ofDays(9), null));
        assertThat(of("paid", "delivery")).isEqualTo(Alert.PAGE);
    }

    @Test
    void aSlowStageExplainsWhyFewerArriveBehindItButNoOtherSlowStage() {
        raise(alert("lead", Signal.BOTTLENECK, "sales/lead", "(total)", Duration.ZERO, null));
        raise(alert("slow", Signal.BOTTLENECK, "sales/offer", "(total)", Duration.ZERO, null));
        raise(alert("fewer", Signal.VOLUME_DROP, "sales/offer", "(total)", Duration.ZERO, null));

        assertThat(of("slow", "delivery")).isEqualTo(Alert.PAGE);
        assertThat(of("fewer", "delivery")).isEqualTo(Alert.NONE);
    }

    @Test
    void thatAStageIsTheBottleneckNowIsOneIncidentWithItsHavingGotSlowForWhoeverIsToldOfBoth() {
        raise(alert("moved", Signal.BOTTLENECK_MOVED, "sales/offer", "mobile", Duration.ofDays(7), null));
        raise(alert("other", Signal.BOTTLENECK, "sales/lead", "(total)", Duration.ZERO, null));
        assertThat(of("moved", "delivery")).isEqualTo(Alert.PAGE);

        raise(alert("slow", Signal.BOTTLENECK, "sales/offer", "(total)", Duration.ZERO, null));
        assertThat(of("slow", "delivery")).isEqualTo(Alert.PAGE);
        assertThat(of("moved", "delivery")).isEqualTo(Alert.NONE);
        assertThat(of("moved", "evidence")).contains("\"inhibited_by\":\"slow\"");

        Row told = alert("slow", Signal.BOTTLENECK, "sales/offer", "(total)", Duration.ZERO, null)
                .row(0);
        told.values()[AlertTables.ALERT.index("team")] = "deal-desk";
        raise(Alert.of(told));
        assertThat(of("moved", "delivery")).as("another team is told of that").isEqualTo(Alert.PAGE);
    }

    // The order law.

    @Test
    void theOrderInWhichAlertsAndAnswersComeDoesNotMatter() {
        Alerts alerts = new Alerts(
                Map.of(), List.of(), new QuietTime(LocalTime.of(20, 0), LocalTime.of(7, 0), true, false), List.of());
        Seeds.hold(200, random -> {
            List<Runnable> comings = new ArrayList<>();
            InMemory<DeskFact, Signal> shuffled = delivery(alerts);
            InMemory<DeskFact, Signal> straight = delivery(alerts);
            for (int i = 0; i < 30; i++) {
                DeskEntry entry = drawn(random);
                say(straight, entry);
                comings.add(() -> say(shuffled, entry));
                comings.add(() -> say(shuffled, entry));
            }
            for (int i = 0; i < 12; i++) {
                Alert alert = alert(
                        "a" + i,
                        random.nextBoolean() ? Signal.CONVERSION_DROP : Signal.VOLUME_DROP,
                        "signup/" + List.of("v", "t", "p").get(random.nextInt(3)),
                        random.nextBoolean() ? "(total)" : "mobile",
                        Duration.ofHours(random.nextInt(100)),
                        random.nextBoolean() ? null : Duration.ofHours(random.nextInt(100)));
                raise(straight, alert);
                comings.add(() -> raise(shuffled, alert));
            }
            Collections.shuffle(comings, random);
            comings.forEach(Runnable::run);
            assertThat(shuffled.rows()).isEqualTo(straight.rows());
        });
    }

    private static DeskEntry drawn(Random random) {
        String id = "e" + random.nextInt(25);
        String about = "a" + random.nextInt(12);
        int hours = random.nextInt(100);
        return switch (random.nextInt(5)) {
            case 0 -> acknowledged(id, about, "p" + random.nextInt(3));
            case 1 -> silence(id, DeskEntry.SILENCED, hours, hours + 1 + random.nextInt(50), "mobile");
            case 2 -> silence(id, DeskEntry.UNSILENCED, hours, null, "mobile");
            default -> verdict(id, 60 * hours, about, DeskEntry.VERDICTS.get(random.nextInt(3)));
        };
    }
}
