package dev.weir.recount;

import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stages window by window, each number counted anew over all visits: stage_flow, stage_cohort, stage_hazard,
 * stage_queue, bottleneck. */
final class StageRecount {
    private static final double DAY = 86_400_000.0;
    private static final long HOUR = 3_600_000;
    private static final int BASELINE = 8;
    static final String JOB = "cycle-time";

    private final Recount recount;
    private final Playbook playbook;
    private final long asOf;
    private final Calendar calendar;

    StageRecount(Recount recount, Playbook playbook, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    void count(List<DealRecount.Visit> visits) {
        for (Pipeline pipeline : playbook.pipelines()) {
            List<DealRecount.Visit> of = visits.stream()
                    .filter(visit -> visit.pipeline.equals(pipeline.name()))
                    .toList();
            List<Grain> grains = new ArrayList<>(pipeline.windows());
            grains.add(Grain.ALL);
            Map<List<String>, List<DealRecount.Visit>> series = new LinkedHashMap<>();
            for (DealRecount.Visit visit : of) {
                series.computeIfAbsent(List.of("(total)", "(total)"), s -> new ArrayList<>())
                        .add(visit);
                visit.breakdowns.forEach(
                        (field, value) -> series.computeIfAbsent(List.of(field, value), s -> new ArrayList<>())
                                .add(visit));
            }
            series.forEach(
                    (breakdown, its) -> grains.forEach(grain -> new Series(pipeline, grain, breakdown, its).say()));
        }
    }

    /** Kinds of exits that say nothing about the stage. */
    private static boolean removed(DealRecount.Visit visit) {
        return visit.out != null
                && List.of("merged", "moved_pipeline", "deleted").contains(visit.exit);
    }

    /** The visits of one breakdown value of a pipeline, in windows of one grain. */
    private final class Series {
        private final Pipeline pipeline;
        private final Grain grain;
        private final List<String> breakdown;
        private final Map<Integer, List<DealRecount.Visit>> byStage = new TreeMap<>();
        private final Map<Integer, List<double[]>> before = new HashMap<>();
        private long first = Long.MAX_VALUE;

        Series(Pipeline pipeline, Grain grain, List<String> breakdown, List<DealRecount.Visit> visits) {
            this.pipeline = pipeline;
            this.grain = grain;
            this.breakdown = breakdown;
            for (DealRecount.Visit visit : visits) {
                byStage.computeIfAbsent(visit.place, p -> new ArrayList<>()).add(visit);
                first = Math.min(first, visit.in);
            }
        }

        void say() {
            long start = calendar.start(grain, first);
            while (start <= asOf) {
                long end = calendar.end(grain, start);
                flow(start, end);
                bottleneck(start, end);
                queue(start, end);
                if (end <= asOf) {
                    points(start, end);
                }
                cohort(start, end);
                start = end;
            }
        }

        private Cells row(int place, long start, long end) {
            String stage = place < pipeline.stages().size()
                    ? pipeline.stages().get(place).name()
                    : place == 1_001 ? "(before history)" : "(unknown)";
            return calendar.window(new Cells(), grain, start, end, asOf)
                    .with("pipeline", pipeline.name())
                    .with("grain", grain.name().toLowerCase(Locale.ROOT))
                    .with("breakdown", breakdown.get(0))
                    .with("value", breakdown.get(1))
                    .with("stage", stage);
        }

        private static long number(List<DealRecount.Visit> visits, Predicate<DealRecount.Visit> which) {
            return visits.stream().filter(which).count();
        }

        private static long entered(List<DealRecount.Visit> visits, long start, long end) {
            return number(visits, v -> v.in >= start && v.in < end);
        }

        private static List<DealRecount.Visit> exited(List<DealRecount.Visit> visits, long start, long end) {
            return visits.stream()
                    .filter(v -> v.out != null && v.out >= start && v.out < end)
                    .toList();
        }

        private static long waiting(List<DealRecount.Visit> visits, long end) {
            return number(visits, v -> v.in < end && (v.out == null || v.out >= end));
        }

        /** Milliseconds of all visits within the window and up to T. */
        private long atRisk(List<DealRecount.Visit> visits, long start, long end) {
            long sum = 0;
            for (DealRecount.Visit visit : visits) {
                long until = Math.min(Math.min(end, asOf), visit.out == null ? Long.MAX_VALUE : visit.out);
                sum += Math.max(0, until - Math.max(start, visit.in));
            }
            return sum;
        }

        private boolean quiet(List<DealRecount.Visit> visits, long start, long end) {
            return entered(visits, start, end) == 0
                    && exited(visits, start, end).isEmpty()
                    && waiting(visits, end) == 0
                    && atRisk(visits, start, end) == 0;
        }

        private void flow(long start, long end) {
            byStage.forEach((place, visits) -> {
                if (quiet(visits, start, end)) {
                    return;
                }
                List<DealRecount.Visit> exited = exited(visits, start, end);
                List<Long> dwell = exited.stream()
                        .map(v -> Objects.requireNonNull(v.out) - v.in)
                        .toList();
                Cells row = row(place, start, end)
                        .with("entered", entered(visits, start, end))
                        .with("exited", (long) exited.size())
                        .with("removed", number(exited, StageRecount::removed))
                        .with("wip_end", waiting(visits, end))
                        .with("at_risk_seconds", atRisk(visits, start, end) / 1000.0)
                        .with(
                                "dwell_seconds_sum",
                                dwell.stream().mapToLong(d -> d).sum() / 1000.0)
                        .with("dwell_p50_seconds", Durations.p50(dwell))
                        .with("dwell_p90_seconds", Durations.p90(dwell))
                        .with("dwell_p99_seconds", Durations.p99(dwell));
                for (String exit : List.of("advanced", "returned", "won", "lost")) {
                    row.with(exit, number(exited, v -> exit.equals(v.exit)));
                }
                recount.add("stage_flow", row);
            });
        }

        /** How long deals take and how many wait, and how many came to the first stage. */
        private void points(long start, long end) {
            byStage.forEach((place, visits) -> {
                if (place < pipeline.stages().size()) {
                    Cells row = row(place, start, end);
                    String stage =
                            pipeline.name() + "/" + pipeline.stages().get(place).name();
                    double exits = number(exited(visits, start, end), v -> !removed(v));
                    recount.point(JOB, "dwell/" + stage, row, "duration", exits, atRisk(visits, start, end) / DAY);
                    recount.point(JOB, "wip/" + stage, row, "value", (double) waiting(visits, end), 1);
                    if (place == 0) {
                        double came = entered(visits, start, end);
                        recount.point(JOB, "arrivals/" + stage, row, "count", came, (end - start) / DAY);
                    }
                }
            });
        }

        private void queue(long start, long end) {
            double days = grain == Grain.ALL ? 0 : Math.max(0, Math.min(end, asOf) - start) / DAY;
            byStage.forEach((place, visits) -> {
                if (quiet(visits, start, end)) {
                    return;
                }
                List<DealRecount.Visit> exited = exited(visits, start, end);
                long arrivals = entered(visits, start, end);
                int exits = exited.size();
                double atRisk = atRisk(visits, start, end) / DAY;
                double chance = Chance.ofTwoAlike(exits, arrivals);
                long most = mostInOneHour(exited, start);
                boolean week = grain == Grain.WEEK;
                recount.add(
                        "stage_queue",
                        row(place, start, end)
                                .with("arrivals", arrivals)
                                .with("exits", (long) exits)
                                .with("wip_start", waiting(visits, start))
                                .with("wip_end", waiting(visits, end))
                                .with("wip_mean", days > 0 ? atRisk / days : null)
                                .with("arrival_rate", days > 0 ? arrivals / days : null)
                                .with("exit_rate", days > 0 ? exits / days : null)
                                .with("wait_days", exits > 0 ? atRisk / exits : null)
                                .with("stationary_p", chance)
                                .with("is_stationary", chance >= 0.01)
                                .with(
                                        "clearing_days",
                                        days > 0 && exits > 0 ? waiting(visits, end) / (exits / days) : null)
                                .with("fifo_breaches", grain == Grain.ALL ? null : overtook(visits, start, end))
                                .with("exits_in_one_hour", week ? most : null)
                                .with("is_batched", (week && exits >= 6) ? Boolean.valueOf(2 * most > exits) : null));
            });
        }

        /** Exits of visits that began in a later window than the oldest that waits on. */
        private @Nullable Long overtook(List<DealRecount.Visit> visits, long start, long end) {
            long oldest = Long.MAX_VALUE;
            for (DealRecount.Visit visit : visits) {
                if (visit.in < end && (visit.out == null || visit.out >= end)) {
                    oldest = Math.min(oldest, calendar.start(grain, visit.in));
                }
            }
            long since = oldest;
            return number(exited(visits, start, end), visit -> calendar.start(grain, visit.in) > since);
        }

        private static long mostInOneHour(List<DealRecount.Visit> exited, long start) {
            Map<Long, Long> hours = new HashMap<>();
            exited.forEach(
                    visit -> hours.merge((Objects.requireNonNull(visit.out) - start) / 3_600_000, 1L, Long::sum));
            return hours.values().stream().mapToLong(n -> n).max().orElse(0);
        }

        private void bottleneck(long start, long end) {
            List<Integer> mapped = byStage.keySet().stream()
                    .filter(p -> p < pipeline.stages().size())
                    .toList();
            double days = grain == Grain.ALL ? 0 : Math.max(0, Math.min(end, asOf) - start) / DAY;
            Map<Integer, Double> load = new LinkedHashMap<>();
            Map<Integer, @Nullable Double> lost = new LinkedHashMap<>();
            Map<Integer, @Nullable Double> extra = new LinkedHashMap<>();
            for (int place : mapped) {
                List<DealRecount.Visit> visits = Objects.requireNonNull(byStage.get(place));
                double atRisk = atRisk(visits, start, end) / DAY;
                load.put(place, atRisk);
                Double daysLost =
                        daysLost(place, atRisk, exited(visits, start, end).size());
                lost.put(place, daysLost);
                extra.put(place, daysLost == null || days <= 0 ? null : entered(visits, start, end) / days * daysLost);
            }
            double all = load.values().stream().mapToDouble(l -> l).sum();
            List<Integer> byLoad = new ArrayList<>(mapped);
            byLoad.sort(Comparator.comparingDouble(p -> -load.getOrDefault(p, 0.0)));
            List<Integer> byChange = new ArrayList<>(mapped);
            byChange.removeIf(p -> extra.get(p) == null);
            byChange.sort(Comparator.comparingDouble(p -> -Objects.requireNonNull(extra.get(p))));
            for (int place : mapped) {
                List<DealRecount.Visit> visits = Objects.requireNonNull(byStage.get(place));
                if (!quiet(visits, start, end)) {
                    recount.add(
                            "bottleneck",
                            row(place, start, end)
                                    .with("load_rank", byLoad.indexOf(place) + 1)
                                    .with("change_rank", extra.get(place) == null ? null : byChange.indexOf(place) + 1)
                                    .with("load_share", all > 0 ? load.getOrDefault(place, 0.0) / all : null)
                                    .with("extra_wip", extra.get(place))
                                    .with("wip", (double) waiting(visits, end))
                                    .with("arrival_rate", days > 0 ? entered(visits, start, end) / days : null)
                                    .with(
                                            "exit_rate",
                                            days > 0
                                                    ? exited(visits, start, end).size() / days
                                                    : null)
                                    .with("days_lost_per_deal", lost.get(place)));
                }
            }
            for (int place : mapped) {
                List<DealRecount.Visit> visits = Objects.requireNonNull(byStage.get(place));
                before.computeIfAbsent(place, p -> new ArrayList<>()).add(new double[] {
                    load.getOrDefault(place, 0.0), exited(visits, start, end).size()
                });
            }
        }

        /** Days at risk per exit, less the same of the windows before; null where either has no exit. */
        private @Nullable Double daysLost(int place, double atRisk, int exits) {
            List<double[]> windows = before.getOrDefault(place, List.of());
            List<double[]> baseline = windows.subList(Math.max(0, windows.size() - BASELINE), windows.size());
            double days = baseline.stream().mapToDouble(w -> w[0]).sum();
            double left = baseline.stream().mapToDouble(w -> w[1]).sum();
            return grain == Grain.ALL || exits == 0 || left == 0 ? null : Double.valueOf(atRisk / exits - days / left);
        }

        private static double sum(List<Long> millis) {
            return millis.stream().mapToLong(m -> m).sum() / 1000.0;
        }

        /** All time spent for each exit; who is there still counts up to the last full hour. */
        private @Nullable Object exposure(List<DealRecount.Visit> cohort, List<Long> exits) {
            if (exits.isEmpty()) {
                return null;
            }
            double seconds = 0;
            for (DealRecount.Visit visit : cohort) {
                long until = visit.out == null ? asOf / 3_600_000 * 3_600_000 : visit.out;
                seconds += Math.max(0, until - visit.in) / 1000.0;
            }
            // Entries of one hour are kept by their mean, in whole milliseconds.
            double loose = cohort.size() / 1000.0 / exits.size();
            return new Cells.Between(seconds / exits.size() - loose, seconds / exits.size() + loose);
        }

        private void cohort(long start, long end) {
            byStage.forEach((place, visits) -> {
                List<DealRecount.Visit> cohort =
                        visits.stream().filter(v -> v.in >= start && v.in < end).toList();
                if (cohort.isEmpty()) {
                    return;
                }
                Stage stage =
                        place < pipeline.stages().size() ? pipeline.stages().get(place) : null;
                List<DealRecount.Visit> mature = cohort.stream()
                        .filter(v ->
                                stage != null && v.in + stage.maturesAfter().toMillis() <= asOf)
                        .toList();
                List<Long> exits = new ArrayList<>();
                List<Long> ages = new ArrayList<>();
                for (DealRecount.Visit visit : cohort) {
                    boolean over = visit.out != null && !removed(visit);
                    (over ? exits : ages).add((visit.out == null ? asOf : visit.out) - visit.in);
                }
                AgeRecount byAge = new AgeRecount(cohort, asOf);
                if (grain == Grain.ALL) {
                    byAge.table().forEach(age -> recount.add("stage_hazard", age.and(row(place, start, end))));
                }
                recount.add(
                        "stage_cohort",
                        row(place, start, end)
                                .with("entered", (long) cohort.size())
                                .with("mature_entered", (long) mature.size())
                                .with("mature_advanced", number(mature, v -> "advanced".equals(v.exit)))
                                .with("mature_won", number(mature, v -> "won".equals(v.exit)))
                                .with("mature_lost", number(mature, v -> "lost".equals(v.exit)))
                                .with("km_p50_seconds", Durations.median(exits, ages, HOUR))
                                .with("closed", (long) exits.size())
                                .with("open", (long) ages.size())
                                .with("closed_won", number(cohort, v -> "won".equals(v.exit)))
                                .with("closed_lost", number(cohort, v -> "lost".equals(v.exit)))
                                .with("closed_p50_seconds", Durations.p50(exits))
                                .with("closed_mean_seconds", exits.isEmpty() ? null : sum(exits) / exits.size())
                                .with("exposure_mean_seconds", exposure(cohort, exits))
                                .with("cif_won", byAge.incidence("won"))
                                .with("cif_lost", byAge.incidence("lost")));
            });
        }
    }
}
