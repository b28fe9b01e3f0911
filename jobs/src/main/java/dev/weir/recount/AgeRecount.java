package dev.weir.recount;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How visits end as they grow older: Kaplan and Meier, Aalen and Johansen, age by age.
 *
 * <p>An age is known as well as the tables keep it: the mean of all that lie in its bucket (gamma = 1.01 / 0.99), exits of a
 * bucket before those whom nobody sees any more; who lasts still has the age of the last full hour, and all who came in one
 * hour of the clock came at their mean.
 */
final class AgeRecount {
    static final List<String> WAYS = List.of("advanced", "returned", "won", "lost");
    private static final long HOUR = 3_600_000;
    private static final int[] HOURS = {0, 1, 4, 8};
    private static final int[] DAYS = {1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 60, 90, 120, 180, 270, 365, 730};

    private final TreeMap<Integer, List<Seen>> buckets = new TreeMap<>();

    /** One visit up to an age; {@code way} null when it had not ended by itself. */
    private record Seen(long age, @Nullable String way) {}

    AgeRecount(List<DealRecount.Visit> visits, long asOf) {
        Map<Long, List<Long>> entries = new HashMap<>();
        for (DealRecount.Visit visit : visits) {
            if (visit.out == null) {
                entries.computeIfAbsent(Math.floorDiv(visit.in, HOUR), hour -> new ArrayList<>())
                        .add(visit.in);
            } else {
                see(visit.out - visit.in, WAYS.contains(visit.exit) ? visit.exit : null);
            }
        }
        long until = Math.floorDiv(asOf, HOUR) * HOUR;
        entries.values().forEach(of -> {
            long mean = Math.floorDiv(of.stream().mapToLong(at -> at).sum(), of.size());
            of.forEach(at -> see(Math.max(0, until - mean), null));
        });
    }

    private void see(long age, @Nullable String way) {
        buckets.computeIfAbsent(bucket(age), b -> new ArrayList<>()).add(new Seen(age, way));
    }

    /** The bucket of an age in milliseconds. */
    static int bucket(long age) {
        return age == 0 ? 0 : 1 + (int) Math.floor(Math.log((double) age) / Math.log(1.01 / 0.99));
    }

    /** One row for each stretch of ages that anybody reached. */
    List<Cells> table() {
        List<Long> from = new ArrayList<>();
        for (int hours : HOURS) {
            from.add(hours * HOUR);
        }
        for (int days : DAYS) {
            from.add(days * 24L * HOUR);
        }
        List<Cells> rows = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            Long to = i + 1 < from.size() ? from.get(i + 1) : null;
            List<Seen> there = between(from.get(i), null);
            if (!there.isEmpty()) {
                rows.add(row(from.get(i), to, there));
            }
        }
        return rows;
    }

    /** Those whose bucket's mean lies at ages from one on, up to another. */
    private List<Seen> between(long from, @Nullable Long to) {
        List<Seen> between = new ArrayList<>();
        for (List<Seen> bucket : buckets.values()) {
            double mean = bucket.stream().mapToLong(Seen::age).average().orElseThrow();
            if (mean >= from && (to == null || mean < to)) {
                between.addAll(bucket);
            }
        }
        return between;
    }

    private Cells row(long from, @Nullable Long to, List<Seen> there) {
        List<Seen> within = between(from, to);
        long millis = 0;
        for (Seen seen : within) {
            millis += seen.age - from;
        }
        millis += to == null ? 0 : (there.size() - within.size()) * (to - from);
        Cells row = new Cells()
                .with("age_from_seconds", from / 1000)
                .with("age_to_seconds", to == null ? null : to / 1000)
                .with("at_risk", there.size())
                .with("at_risk_seconds", Math.max(0, millis) / 1000.0);
        for (String way : WAYS) {
            row.with(way, within.stream().filter(seen -> way.equals(seen.way)).count());
        }
        return curves(row, to == null ? Double.MAX_VALUE : to);
    }

    /** Adds what of all has ended, and how, before an age. */
    private Cells curves(Cells row, double before) {
        Map<String, Double> incidence = new HashMap<>();
        Map<String, Double> closed = new HashMap<>();
        double survival = 1;
        double atRisk = 0;
        double ever = 0;
        double over = 0;
        for (List<Seen> bucket : buckets.values()) {
            atRisk += bucket.size();
            ever += bucket.stream().filter(seen -> seen.way != null).count();
        }
        for (List<Seen> bucket : buckets.values()) {
            if (bucket.stream().mapToLong(Seen::age).average().orElseThrow() >= before) {
                break;
            }
            double ended = 0;
            for (Seen seen : bucket) {
                if (seen.way != null) {
                    incidence.merge(seen.way, survival / atRisk, Double::sum);
                    closed.merge(seen.way, 1 / ever, Double::sum);
                    ended++;
                }
            }
            survival *= (atRisk - ended) / atRisk;
            over += ended;
            atRisk -= bucket.size();
        }
        return row.with("survival", survival)
                .with("survival_closed", ever == 0 ? 1.0 : 1 - over / ever)
                .with("cif_won", incidence.getOrDefault("won", 0.0))
                .with("cif_lost", incidence.getOrDefault("lost", 0.0))
                .with("closed_won_share", closed.getOrDefault("won", 0.0))
                .with("closed_lost_share", closed.getOrDefault("lost", 0.0));
    }

    /** The share that has ended in a way at last. */
    double incidence(String way) {
        Object share = curves(new Cells(), Double.MAX_VALUE).values().get("cif_" + way);
        return share instanceof Double number ? number : 0;
    }
}
