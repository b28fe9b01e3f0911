package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeliveryTest {
    private static final Instant MONDAY = Instant.parse("2026-03-02T10:00:00Z");

    private final InMemory<DeskFact, DeskFact> delivery = new InMemory<>(new Delivery(), AlertTables.ALERT);

    private void raise(Alert alert) {
        raise(delivery, alert);
    }

    private static void raise(InMemory<DeskFact, DeskFact> delivery, Alert alert) {
        delivery.comes(Delivery.key(alert), DeskFact.of(alert));
    }

    private void say(DeskEntry entry) {
        say(delivery, entry);
    }

    private static void say(InMemory<DeskFact, DeskFact> delivery, DeskEntry entry) {
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

    static Alert alert(String id, String kind, String subject, String status) {
        return new Alert(
                id,
                kind,
                "warning",
                status,
                "conversion/" + subject,
                "(total)",
                "(total)",
                subject,
                "web",
                null,
                "It fell.",
                MONDAY,
                status.equals(Alert.FIRING) ? null : MONDAY.plusSeconds(86_400),
                "{\"noticed_at\":\"2026-03-02T10:00:00Z\"}",
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

    private static DeskEntry acknowledged(String entryId, String alertId, String by) {
        return DeskEntry.acknowledged(entryId, MONDAY.plusSeconds(60), alertId, by, null);
    }

    private static DeskEntry verdict(String entryId, int minutes, String alertId, String verdict) {
        return DeskEntry.verdict(entryId, MONDAY.plusSeconds(60L * minutes), alertId, verdict, "ana", null);
    }

    @Test
    void anAlertThatSomeoneTookOnIsAcknowledgedByTheFirstWhoDid() {
        raise(alert("a1", Signal.CONVERSION_DROP, "signup/trial", Alert.FIRING));
        say(acknowledged("e2", "a1", "bob"));
        say(acknowledged("e1", "a1", "ana"));
        say(acknowledged("e3", "another", "eve"));

        assertThat(of("a1", "status")).isEqualTo(Alert.ACKNOWLEDGED);
        assertThat(of("a1", "acknowledged_by")).isEqualTo("ana");
    }

    @Test
    void whatHasEndedOrWasNeverSoStaysThatWhoeverTookItOn() {
        say(acknowledged("e1", "a1", "ana"));
        raise(alert("a1", Signal.CONVERSION_DROP, "signup/trial", Alert.RESOLVED));
        assertThat(of("a1", "status")).isEqualTo(Alert.RESOLVED);
        assertThat(of("a1", "acknowledged_by")).isEqualTo("ana");

        raise(alert("a1", Signal.CONVERSION_DROP, "signup/trial", Alert.RETRACTED));
        assertThat(of("a1", "status")).isEqualTo(Alert.RETRACTED);
    }

    @Test
    void theLastVerdictCounts() {
        raise(alert("a1", Signal.CONVERSION_DROP, "signup/trial", Alert.FIRING));
        say(verdict("e2", 20, "a1", DeskEntry.WRONG));
        say(verdict("e1", 10, "a1", DeskEntry.USEFUL));

        assertThat(of("a1", "verdict")).isEqualTo(DeskEntry.WRONG);
    }

    @Test
    void anAlertAboutOneDealIsAnsweredToo() {
        raise(alert("deal", Signal.STALLED, "sales/d1", Alert.FIRING));
        raise(alert("morning", Digest.KIND, "ana/2026-03-02", Alert.FIRING));
        say(acknowledged("e1", "deal", "ana"));
        say(acknowledged("e2", "morning", "ana"));

        assertThat(of("deal", "status")).isEqualTo(Alert.ACKNOWLEDGED);
        assertThat(of("morning", "status")).isEqualTo(Alert.ACKNOWLEDGED);
    }

    @Test
    void anAlertThatARecountNoLongerHasIsDeletedWhateverWasSaidOfIt() {
        Alert alert = alert("a1", Signal.CONVERSION_DROP, "signup/trial", Alert.FIRING);
        raise(alert);
        say(acknowledged("e1", "a1", "ana"));
        raise(Alert.of(alert.row(0).asDeleted(0)));

        assertThat(delivery.rows()).isEmpty();
    }

    @Test
    void theOrderInWhichAlertsAndAnswersComeDoesNotMatter() {
        Seeds.hold(random -> {
            List<Runnable> comings = new ArrayList<>();
            InMemory<DeskFact, DeskFact> shuffled = new InMemory<>(new Delivery(), AlertTables.ALERT);
            InMemory<DeskFact, DeskFact> straight = new InMemory<>(new Delivery(), AlertTables.ALERT);
            for (int i = 0; i < 12; i++) {
                String about = "a" + random.nextInt(3);
                DeskEntry entry = random.nextBoolean()
                        ? acknowledged("e" + random.nextInt(9), about, "p" + random.nextInt(3))
                        : verdict(
                                "e" + random.nextInt(9),
                                random.nextInt(5),
                                about,
                                DeskEntry.VERDICTS.get(random.nextInt(3)));
                say(straight, entry);
                comings.add(() -> say(shuffled, entry));
                comings.add(() -> say(shuffled, entry));
            }
            for (int i = 0; i < 3; i++) {
                Alert alert = alert("a" + i, Signal.CONVERSION_DROP, "signup/trial", Alert.FIRING);
                raise(straight, alert);
                comings.add(() -> raise(shuffled, alert));
            }
            Collections.shuffle(comings, random);
            comings.forEach(Runnable::run);
            assertThat(shuffled.rows()).isEqualTo(straight.rows());
        });
    }
}
