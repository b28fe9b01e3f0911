package dev.weir.alert;

import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.WorkingTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one receiver is not told of singly as one alert a working morning: what is new since the last, and all that stands. Of an
 * owner, the deals that stand still; of a team, also the alerts that go into its digest, each as a signal with its summary.
 *
 * <p>A morning without news has no digest. The newest digest of a receiver is the one that stands; it resolves the one before,
 * and is resolved when all its deals have moved and all its alerts are over. A digest whose news was never so is retracted.
 * Its id is of the receiver and the day, so it is the same whenever it is computed, and a late signal corrects the digest in
 * which it belongs.
 *
 * <p>A signal that was deleted stays as a fact, as at the desk. Over {@link #limit} signals the earliest are kept.
 */
public final class Digest implements Machine<Signal, Signal> {
    /** Kind of its alerts. */
    public static final String KIND = "digest";

    /** Most deals that a digest names, the longest first; its counts are of all. */
    private static final int NAMED = 20;

    private final WorkingTime time;
    private final ZoneId zone;

    public Digest(Playbook playbook) {
        time = WorkingTime.of(playbook);
        zone = playbook.zone();
    }

    /** Who receives: a team, or else an owner, null for deals that no one owns. */
    static String receiver(@Nullable String team, @Nullable String owner) {
        return team != null ? Keys.join("team", team) : owner != null ? Keys.join("owner", owner) : "nobody";
    }

    @Override
    public String id(Signal signal) {
        return signal.signalId();
    }

    @Override
    public long time(Signal signal) {
        return signal.startedAt().toEpochMilli();
    }

    @Override
    public Signal prefer(Signal kept, Signal newcomer) {
        return newcomer;
    }

    /** An alert as a digest takes it. */
    static Signal item(Alert alert, Instant noticed) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        evidence.put("summary", alert.summary());
        return new Signal(
                alert.alertId(),
                alert.kind(),
                alert.subject(),
                alert.metric(),
                alert.breakdown(),
                alert.value(),
                alert.ownerId(),
                noticed,
                alert.endedAt(),
                null,
                Json.object(evidence),
                alert.definition(),
                alert.status().equals(Alert.RETRACTED));
    }

    /** What is new or stands of one sort. */
    private record Items(int news, List<Signal> standing) {
        List<Signal> named() {
            return standing.subList(0, Math.min(NAMED, standing.size()));
        }
    }

    /** One digest before it is known which comes next. */
    private record Issue(
            long morning,
            Items deals,
            Items alerts,
            @Nullable Instant allEnded) {}

    @Override
    public void say(String key, List<Signal> facts, Step<Signal> step) {
        SortedMap<Long, List<Signal>> news = new TreeMap<>();
        for (Signal signal : facts) {
            long morning = time.nextOpening(signal.startedAt().toEpochMilli() + 1);
            if (!endedBy(signal, morning)) {
                news.computeIfAbsent(morning, m -> new ArrayList<>()).add(signal);
            }
        }
        List<Issue> issues = new ArrayList<>();
        SortedSet<Signal> standing =
                new TreeSet<>(Comparator.comparing(Signal::startedAt).thenComparing(Signal::signalId));
        SortedSet<Signal> ending =
                new TreeSet<>(Comparator.comparing(Digest::end).thenComparing(Signal::signalId));
        for (Map.Entry<Long, List<Signal>> morning : news.entrySet()) {
            if (!step.due(morning.getKey())) {
                break;
            }
            while (!ending.isEmpty() && endedBy(ending.first(), morning.getKey())) {
                standing.remove(ending.first());
                ending.remove(ending.first());
            }
            List<Signal> fresh =
                    morning.getValue().stream().filter(s -> !s.deleted()).toList();
            standing.addAll(fresh);
            ending.addAll(fresh);
            if (fresh.isEmpty()) {
                step.row(AlertTables.ALERT, retracted(key, morning.getKey(), morning.getValue(), step.asOf()));
            } else {
                issues.add(new Issue(
                        morning.getKey(),
                        items(fresh, standing, true),
                        items(fresh, standing, false),
                        ending.last().endedAt()));
            }
        }
        for (int i = 0; i < issues.size(); i++) {
            Instant next = i + 1 < issues.size() ? Instant.ofEpochMilli(issues.get(i + 1).morning) : null;
            step.row(AlertTables.ALERT, row(key, issues.get(i), next, step.asOf()));
        }
    }

    private static Items items(List<Signal> fresh, SortedSet<Signal> standing, boolean deals) {
        return new Items(
                (int) fresh.stream().filter(s -> isDeal(s) == deals).count(),
                standing.stream().filter(s -> isDeal(s) == deals).toList());
    }

    private static boolean isDeal(Signal signal) {
        return signal.kind().equals(Signal.STALLED);
    }

    private static Instant end(Signal signal) {
        Instant ended = signal.endedAt();
        return ended == null ? Instant.MAX : ended;
    }

    private static boolean endedBy(Signal signal, long morning) {
        return !end(signal).isAfter(Instant.ofEpochMilli(morning));
    }

    private Row row(String key, Issue issue, @Nullable Instant next, long asOf) {
        Instant allEnded = issue.allEnded;
        Instant ended = next == null ? allEnded : allEnded == null || allEnded.isAfter(next) ? next : allEnded;
        List<Map<String, @Nullable Object>> deals = new ArrayList<>();
        for (Signal signal : issue.deals.named()) {
            Map<String, @Nullable Object> deal = new LinkedHashMap<>();
            deal.put("subject", signal.subject());
            deal.put("stage", Json.read(signal.evidence()).get("stage"));
            deal.put("stalled_since", signal.startedAt().toString());
            deals.add(deal);
        }
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        evidence.put("deals", (long) issue.deals.standing.size());
        evidence.put("news", (long) issue.deals.news + issue.alerts.news);
        evidence.put("longest", deals);
        if (!issue.alerts.standing.isEmpty()) {
            List<Map<String, @Nullable Object>> alerts = new ArrayList<>();
            for (Signal signal : issue.alerts.named()) {
                Map<String, @Nullable Object> alert = new LinkedHashMap<>();
                alert.put("alert_id", signal.signalId());
                alert.put("summary", Json.read(signal.evidence()).get("summary"));
                alerts.add(alert);
            }
            evidence.put("alerts", alerts);
        }
        return alert(
                key,
                issue.morning,
                ended == null ? Alert.FIRING : Alert.RESOLVED,
                sentence(issue),
                ended,
                Json.object(evidence),
                asOf);
    }

    private Row retracted(String key, long morning, List<Signal> never, long asOf) {
        long deals = never.stream().filter(Digest::isDeal).count();
        String sentence = "Taken back, later facts show it was not so: "
                + (deals == 0
                        ? "what it told of."
                        : (deals == 1 ? "a deal stands" : deals + " deals stand") + " still.");
        return alert(key, morning, Alert.RETRACTED, sentence, null, "{\"deals\":0,\"news\":0}", asOf);
    }

    private Row alert(
            String key,
            long morning,
            String status,
            String summary,
            @Nullable Instant ended,
            String evidence,
            long asOf) {
        List<String> receiver = Keys.split(key);
        String day = day(Instant.ofEpochMilli(morning)).toString();
        String name = receiver.size() < 2 ? null : receiver.get(1);
        boolean team = receiver.get(0).equals("team");
        return new Alert(
                        Hash.of("alert", KIND, key, day),
                        KIND,
                        "info",
                        status,
                        null,
                        null,
                        null,
                        (name == null ? "(unknown)" : name) + "/" + day,
                        team ? name : null,
                        team ? null : name,
                        summary,
                        Instant.ofEpochMilli(morning),
                        ended,
                        evidence,
                        null,
                        Alert.DIGEST,
                        null,
                        null,
                        null,
                        null,
                        null,
                        "",
                        false)
                .row(asOf);
    }

    private String sentence(Issue issue) {
        List<String> sentences = new ArrayList<>();
        if (!issue.deals.standing.isEmpty()) {
            sentences.add(sentence(issue.deals));
        }
        if (!issue.alerts.standing.isEmpty()) {
            int many = issue.alerts.standing.size();
            Signal newest = issue.alerts.standing.get(many - 1);
            sentences.add((many == 1 ? "An alert stands" : many + " alerts stand") + " that nobody was told of singly"
                    + news(issue.alerts) + (many == 1 ? ": " : "; the newest: ")
                    + Json.read(newest.evidence()).get("summary"));
        }
        return String.join(" ", sentences);
    }

    private String sentence(Items deals) {
        int many = deals.standing.size();
        Signal first = deals.standing.get(0);
        String[] subject = first.subject().split("/", 2);
        return (many == 1 ? "A deal stands" : many + " deals stand") + " still" + news(deals) + "; the longest is "
                + subject[subject.length - 1] + " in pipeline " + subject[0] + ", stalled since "
                + day(first.startedAt()) + ".";
    }

    private static String news(Items items) {
        return items.news == items.standing.size() ? "" : ", " + items.news + " of them new";
    }

    private LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, zone);
    }
}
