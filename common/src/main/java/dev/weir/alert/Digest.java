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
 * The signals about one receiver's deals as one alert a working morning: what is new since the last, and all that stands.
 *
 * <p>A morning without news has no digest. The newest digest of a receiver is the one that stands; it resolves the one before,
 * and is resolved when all its deals have moved. A digest whose news was never so is retracted. Its id is of the receiver and
 * the day, so it is the same whenever it is computed, and a late signal corrects the digest in which it belongs.
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

    /** One digest before it is known which comes next. */
    private record Issue(
            long morning, int news, int standing, @Nullable Instant allEnded, List<Signal> longest) {}

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
                List<Signal> longest = standing.stream().limit(NAMED).toList();
                issues.add(new Issue(
                        morning.getKey(),
                        fresh.size(),
                        standing.size(),
                        ending.last().endedAt(),
                        longest));
            }
        }
        for (int i = 0; i < issues.size(); i++) {
            Instant next = i + 1 < issues.size() ? Instant.ofEpochMilli(issues.get(i + 1).morning) : null;
            step.row(AlertTables.ALERT, row(key, issues.get(i), next, step.asOf()));
        }
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
        for (Signal signal : issue.longest) {
            Map<String, @Nullable Object> deal = new LinkedHashMap<>();
            deal.put("subject", signal.subject());
            deal.put("stage", Json.read(signal.evidence()).get("stage"));
            deal.put("stalled_since", signal.startedAt().toString());
            deals.add(deal);
        }
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        evidence.put("deals", (long) issue.standing);
        evidence.put("news", (long) issue.news);
        evidence.put("longest", deals);
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
        String sentence = "Taken back, later facts show it was not so: "
                + (never.size() == 1 ? "a deal stands" : never.size() + " deals stand") + " still.";
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
        Signal first = issue.longest.get(0);
        String[] subject = first.subject().split("/", 2);
        return (issue.standing == 1 ? "A deal stands" : issue.standing + " deals stand") + " still"
                + (issue.news == issue.standing ? "" : ", " + issue.news + " of them new")
                + "; the longest is " + subject[subject.length - 1] + " in pipeline " + subject[0] + ", stalled since "
                + day(first.startedAt()) + ".";
    }

    private LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, zone);
    }
}
