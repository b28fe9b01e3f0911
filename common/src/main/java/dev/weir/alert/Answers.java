package dev.weir.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people said of the alerts of one key. */
final class Answers {
    /** So many verdicts say what a rule is worth. */
    private static final int LAST = 10;

    private final Map<String, DeskEntry> acknowledged = new HashMap<>();
    private final Map<String, DeskEntry> verdicts = new HashMap<>();
    private final List<Silence> silences = new ArrayList<>();
    private final Map<String, List<DeskEntry>> byRule = new HashMap<>();

    /**
     * A silence as it was in the end.
     *
     * @param until the first instant after it
     */
    record Silence(DeskEntry entry, Instant until) {
        Instant from() {
            return entry.occurredAt();
        }
    }

    /**
     * What the last verdicts on a rule were.
     *
     * @param useful so many of the last {@code of}
     */
    record Worth(int useful, int of) {
        /** Less than half of ten are useful. */
        boolean isLittle() {
            return of == LAST && 2 * useful < of;
        }

        Map<String, Long> evidence() {
            Map<String, Long> evidence = new LinkedHashMap<>();
            evidence.put("useful", (long) useful);
            evidence.put("of", (long) of);
            return evidence;
        }
    }

    /** @param facts sorted by time */
    Answers(List<DeskFact> facts) {
        Map<String, String> rules = new HashMap<>();
        List<DeskEntry> unsilenced = new ArrayList<>();
        for (DeskFact fact : facts) {
            Alert alert = fact.alert();
            if (alert != null) {
                rules.put(alert.alertId(), alert.kind());
            }
            DeskEntry entry = fact.entry();
            if (entry != null && entry.kind().equals(DeskEntry.UNSILENCED)) {
                unsilenced.add(entry);
            }
        }
        for (DeskFact fact : facts) {
            DeskEntry entry = fact.entry();
            if (entry != null) {
                take(entry, unsilenced);
            }
        }
        verdicts.forEach((alertId, verdict) -> {
            String rule = rules.get(alertId);
            if (rule != null) {
                byRule.computeIfAbsent(rule, r -> new ArrayList<>()).add(verdict);
            }
        });
        byRule.values()
                .forEach(said ->
                        said.sort(Comparator.comparing(DeskEntry::occurredAt).thenComparing(DeskEntry::entryId)));
    }

    private void take(DeskEntry entry, List<DeskEntry> unsilenced) {
        String about = entry.alertId();
        Instant until = entry.until();
        if (entry.kind().equals(DeskEntry.SILENCED) && until != null) {
            for (DeskEntry end : unsilenced) {
                if (!end.occurredAt().isBefore(entry.occurredAt())
                        && end.occurredAt().isBefore(until)
                        && end.isAboutTheSameAs(entry)) {
                    until = end.occurredAt();
                }
            }
            silences.add(new Silence(entry, until));
        } else if (about != null && entry.kind().equals(DeskEntry.ACKNOWLEDGED)) {
            acknowledged.putIfAbsent(about, entry);
        } else if (about != null && entry.kind().equals(DeskEntry.VERDICT)) {
            verdicts.put(about, entry);
        }
    }

    /** Who took an alert on first; null where nobody did. */
    @Nullable String takenOnBy(Alert alert) {
        DeskEntry entry = acknowledged.get(alert.alertId());
        return entry == null ? null : entry.by();
    }

    /** The last verdict on an alert; null where there is none. */
    @Nullable String verdict(Alert alert) {
        DeskEntry entry = verdicts.get(alert.alertId());
        return entry == null ? null : entry.verdict();
    }

    /** What the rule of an alert had been worth, of the last verdict on each of its alerts, up to a moment. */
    Worth worth(String rule, Instant at) {
        List<DeskEntry> said = byRule.getOrDefault(rule, List.of()).stream()
                .filter(verdict -> !verdict.occurredAt().isAfter(at))
                .toList();
        List<DeskEntry> last = said.subList(Math.max(0, said.size() - LAST), said.size());
        int useful = (int) last.stream()
                .filter(verdict -> DeskEntry.USEFUL.equals(verdict.verdict()))
                .count();
        return new Worth(useful, last.size());
    }

    /** The silence that ends last of those that an alert that was noticed by then still meets; null where there is none. */
    @Nullable Silence silence(Alert alert, Instant noticed) {
        Instant ended = alert.endedAt();
        Silence last = null;
        for (Silence silence : silences) {
            if (noticed.isBefore(silence.until())
                    && (ended == null || silence.from().isBefore(ended))
                    && silence.from().isBefore(silence.until())
                    && silence.entry().matches(alert)
                    && (last == null || last.until().isBefore(silence.until()))) {
                last = silence;
            }
        }
        return last;
    }
}
