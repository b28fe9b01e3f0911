package dev.weir.alert;

import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.QuietTime;
import dev.weir.playbook.WorkCalendar;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of alerts on their way to people, and what people say of them.
 *
 * <p><b>Keys.</b> The incidents of one funnel or pipeline are one key, because they explain each other ({@link Explanations}),
 * and so do the verdicts on them. What is about deals is an alert by itself. An entry names an alert by its id, or many by
 * what they have in common, and nothing in it says which keys know them; so it is a fact of the alert's own key, where its
 * record is counted, and of every funnel and pipeline. There are few of them, and few entries.
 *
 * <p><b>When.</b> An alert waits from the moment it was noticed while there is maintenance, a silence that matches it, or
 * quiet time, one after the other ({@code deliver_after}). A silence that begins later holds back what is said of it from then
 * on. What is over when maintenance or a silence ends is not told at all.
 *
 * <p><b>What a rule is worth.</b> A rule is one kind of alert of one funnel or pipeline. Where less than half of its last ten
 * verdicts, on ten alerts, were {@code useful} when an alert was noticed, that alert goes into its team's digest.
 */
public final class Delivery implements Machine<DeskFact, Signal> {
    private final Alerts alerts;
    private final ZoneId zone;
    private final WorkCalendar calendar;
    private final Explanations explanations;

    public Delivery(Playbook playbook) {
        alerts = playbook.alerts();
        zone = playbook.zone();
        calendar = playbook.calendar();
        explanations = new Explanations(playbook);
    }

    /** The key of a raised alert. */
    public static String key(Alert alert) {
        return isAlone(alert) ? alone(alert.alertId()) : together(alert.definition());
    }

    private static boolean isAlone(Alert alert) {
        return alert.kind().equals(Signal.STALLED) || alert.kind().equals(Digest.KIND);
    }

    /** The keys that must know an entry; its record is counted at the first. */
    public static List<String> keys(DeskEntry entry, Set<String> definitions) {
        List<String> keys = new ArrayList<>();
        keys.add(alone(Objects.requireNonNullElse(entry.alertId(), "")));
        new TreeSet<>(definitions).forEach(definition -> keys.add(together(definition)));
        return keys;
    }

    /** The key of the one alert that an entry names. */
    public static String ownKey(DeskFact fact) {
        DeskEntry entry = fact.entry();
        return alone(entry == null || entry.alertId() == null ? "" : entry.alertId());
    }

    private static String alone(String alertId) {
        return Keys.join("alert", alertId);
    }

    private static String together(String definition) {
        return Keys.join("definition", definition);
    }

    @Override
    public String id(DeskFact fact) {
        return fact.id();
    }

    @Override
    public long time(DeskFact fact) {
        return fact.at().toEpochMilli();
    }

    /** A later telling of an alert takes the place of the earlier; of two entries the smaller text counts. */
    @Override
    public DeskFact prefer(DeskFact kept, DeskFact newcomer) {
        return newcomer.alert() != null || newcomer.toString().compareTo(kept.toString()) < 0 ? newcomer : kept;
    }

    @Override
    public void say(String key, List<DeskFact> facts, Step<Signal> step) {
        Answers answers = new Answers(facts);
        List<Alert> raised = new ArrayList<>();
        for (DeskFact fact : facts) {
            Alert alert = fact.alert();
            if (alert != null && !alert.deleted()) {
                raised.add(alert);
            }
        }
        for (Alert alert : raised) {
            Instant noticed = noticed(alert);
            Alert told = delivered(alert, noticed, answers, raised);
            step.row(AlertTables.ALERT, told.row(step.asOf()));
            String team = told.team();
            // What is about deals comes into digests by itself.
            if (Alert.DIGEST.equals(told.delivery()) && team != null && !isAlone(told)) {
                step.replacing(Digest.receiver(team, null), told.alertId(), Digest.item(told, noticed));
            }
        }
    }

    private Alert delivered(Alert alert, Instant noticed, Answers answers, List<Alert> raised) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>(Json.read(alert.evidence()));
        String delivery = alert.delivery();
        Instant after = null;
        Answers.Worth worth = answers.worth(alert.kind(), noticed);
        if (worth.isLittle() && Alert.PAGE.equals(delivery)) {
            delivery = Alert.DIGEST;
            evidence.put("rule", worth.evidence());
        }
        if (Alert.PAGE.equals(delivery)) {
            Wait wait = wait(alert, noticed, answers, evidence);
            after = wait.until.equals(noticed) ? null : wait.until;
            Instant ended = alert.endedAt();
            delivery = wait.held && ended != null && !ended.isAfter(wait.until) ? Alert.NONE : delivery;
        }
        Alert cause = explanations.of(alert, noticed, raised);
        if (cause != null) {
            delivery = Alert.NONE;
            evidence.put("inhibited_by", cause.alertId());
        }
        String by = answers.takenOnBy(alert);
        return alert.handled(
                by != null && alert.status().equals(Alert.FIRING) ? Alert.ACKNOWLEDGED : alert.status(),
                Json.object(evidence),
                answers.verdict(alert),
                delivery,
                after,
                by);
    }

    /** When the first of its signals was noticed, as the desk wrote it down; what is about a deal began when it was noticed. */
    private static Instant noticed(Alert alert) {
        try {
            return Json.read(alert.evidence()).get(AlertDesk.NOTICED) instanceof String text
                    ? Instant.parse(text)
                    : alert.startedAt();
        } catch (DateTimeException e) {
            return alert.startedAt();
        }
    }

    /**
     * How long people are not told.
     *
     * @param held whether somebody knew before, so that it is no news once it is over
     */
    private record Wait(Instant until, boolean held) {}

    /** From when it was noticed; what holds it back goes into the evidence. */
    private Wait wait(Alert alert, Instant noticed, Answers answers, Map<String, @Nullable Object> evidence) {
        QuietTime quiet = alerts.quiet();
        boolean waits = quiet != null && (quiet.critical() || !alert.severity().equals(AlertDesk.CRITICAL));
        String whole = alert.subject().split("/", 2)[0];
        Instant free = noticed;
        Instant before;
        boolean held = false;
        do {
            before = free;
            for (Alerts.Maintenance work : alerts.maintenance()) {
                if (work.isAbout(whole) && !free.isBefore(work.from()) && free.isBefore(work.until())) {
                    free = work.until();
                    evidence.put("maintenance", work.what());
                    held = true;
                }
            }
            Answers.Silence silence = answers.silence(alert, free);
            if (silence != null) {
                held |= !silence.from().isAfter(free);
                free = silence.until();
                evidence.put("silenced_by", silence.entry().by());
            }
            if (quiet != null && waits) {
                free = quiet.end(free, zone, calendar);
            }
        } while (free.isAfter(before));
        return new Wait(free, held);
    }
}
