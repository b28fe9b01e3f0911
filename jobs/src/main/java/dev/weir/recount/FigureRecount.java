package dev.weir.recount;

import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What pipelines bring, each window counted anew over all deals as they are now: pipeline_figures. */
final class FigureRecount {
    private static final double DAY = 86_400_000.0;

    private final Recount recount;
    private final Playbook playbook;
    private final long asOf;
    private final Calendar calendar;
    private final List<Deal> deals = new ArrayList<>();

    /**
     * A deal as it is now, and what was changed on the way.
     *
     * @param worth in the reporting currency at the rate of the close; null where it has none
     * @param values of all its pipeline's breakdowns
     */
    record Deal(
            String pipeline,
            String status,
            long created,
            @Nullable Long closed,
            @Nullable BigDecimal amount,
            @Nullable BigDecimal worth,
            Map<String, String> values,
            List<Revision> revisions) {

        boolean is(String what) {
            return status.equals(what);
        }

        long out() {
            return closed == null ? Long.MAX_VALUE : closed;
        }
    }

    /** What one instant changed about a deal; {@code by} in the reporting currency. */
    record Revision(long at, int pushes, long slipDays, BigDecimal by) {}

    FigureRecount(Recount recount, Playbook playbook, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    /** Fields by which the figures of a pipeline are broken down. */
    static Set<String> fields(Pipeline pipeline) {
        Set<String> fields = new LinkedHashSet<>(pipeline.breakdowns());
        fields.addAll(List.of("deal_type", "currency"));
        return fields;
    }

    /** Takes a deal; one that was deleted or merged away does not count. */
    void deal(Deal deal) {
        if (List.of("open", "won", "lost").contains(deal.status)) {
            deals.add(deal);
        }
    }

    /** Days by which a close was put off. */
    static long slip(@Nullable String before, @Nullable String now) {
        return before == null || now == null
                ? 0
                : ChronoUnit.DAYS.between(LocalDate.parse(before), LocalDate.parse(now));
    }

    void say() {
        for (Pipeline pipeline : playbook.pipelines()) {
            Map<List<String>, List<Deal>> series = new LinkedHashMap<>();
            for (Deal deal : deals) {
                if (deal.pipeline.equals(pipeline.name())) {
                    series.computeIfAbsent(List.of("(total)", "(total)"), s -> new ArrayList<>())
                            .add(deal);
                    deal.values.forEach(
                            (field, value) -> series.computeIfAbsent(List.of(field, value), s -> new ArrayList<>())
                                    .add(deal));
                }
            }
            List<Grain> grains = new ArrayList<>(pipeline.windows());
            grains.add(Grain.ALL);
            grains.forEach(grain -> series.forEach((breakdown, its) -> say(pipeline, grain, breakdown, its)));
        }
    }

    private void say(Pipeline pipeline, Grain grain, List<String> breakdown, List<Deal> of) {
        long start =
                calendar.start(grain, of.stream().mapToLong(Deal::created).min().orElseThrow());
        while (start <= asOf) {
            long from = start;
            long end = calendar.end(grain, start);
            boolean over = of.stream().allMatch(deal -> deal.out() < from)
                    && of.stream().flatMap(deal -> deal.revisions.stream()).allMatch(one -> one.at < from);
            if (over) {
                return;
            }
            say(pipeline, grain, breakdown, of, start, end);
            start = end;
        }
    }

    private static long number(List<Deal> deals, Predicate<Deal> which) {
        return deals.stream().filter(which).count();
    }

    private void say(Pipeline pipeline, Grain grain, List<String> breakdown, List<Deal> of, long start, long end) {
        List<Deal> began =
                of.stream().filter(d -> d.created >= start && d.created < end).toList();
        long maturing = pipeline.stages().stream()
                .map(Stage::maturesAfter)
                .mapToLong(after -> after.toMillis())
                .max()
                .orElseThrow();
        List<Deal> mature =
                began.stream().filter(d -> d.created + maturing <= asOf).toList();
        List<Deal> ended =
                of.stream().filter(d -> d.out() >= start && d.out() < end).toList();
        List<Deal> won = ended.stream().filter(d -> d.is("won")).toList();
        List<Deal> priced = won.stream().filter(d -> d.worth != null).toList();
        long open = number(of, d -> d.created < end && d.out() >= end);
        double atRisk = 0;
        for (Deal deal : of) {
            atRisk += Math.max(0, Math.min(Math.min(end, asOf), deal.out()) - Math.max(start, deal.created)) / DAY;
        }
        Double cycle = ended.isEmpty() ? null : Double.valueOf(atRisk / ended.size());
        BigDecimal worth = sum(priced.stream().map(Deal::worth).toList());
        List<Revision> revisions = of.stream()
                .flatMap(deal -> deal.revisions.stream())
                .filter(one -> one.at >= start && one.at < end)
                .toList();
        boolean currency = breakdown.get(0).equals("currency");
        Double velocity = cycle == null || cycle <= 0 || priced.isEmpty()
                ? null
                : Double.valueOf(
                        open * ((double) won.size() / ended.size()) * (worth.doubleValue() / priced.size()) / cycle);
        Cells row = calendar.window(new Cells(), grain, start, end, asOf);
        recount.add(
                "pipeline_figures",
                row.with("pipeline", pipeline.name())
                        .with("grain", grain.name().toLowerCase(Locale.ROOT))
                        .with("breakdown", breakdown.get(0))
                        .with("value", breakdown.get(1))
                        .with("created", (long) began.size())
                        .with("open_end", open)
                        .with("won", (long) won.size())
                        .with("lost", (long) (ended.size() - won.size()))
                        .with("won_priced", (long) priced.size())
                        .with("won_amount_reporting", worth)
                        .with(
                                "won_amount",
                                currency ? sum(won.stream().map(Deal::amount).toList()) : null)
                        .with("mature_created", (long) mature.size())
                        .with("mature_won", number(mature, d -> d.is("won")))
                        .with("mature_lost", number(mature, d -> d.is("lost")))
                        .with("cycle_mean_days", cycle)
                        .with("closed_cycle_mean_days", ended.isEmpty() ? null : mean(ended))
                        .with("won_cycle_p50_days", Durations.p50Days(cycles(won)))
                        .with(
                                "lost_cycle_p50_days",
                                Durations.p50Days(cycles(
                                        ended.stream().filter(d -> d.is("lost")).toList())))
                        .with(
                                "pushes",
                                revisions.stream().mapToInt(Revision::pushes).sum())
                        .with(
                                "slip_days",
                                revisions.stream().mapToLong(Revision::slipDays).sum())
                        .with("amount_up_reporting", moved(revisions, 1))
                        .with("amount_down_reporting", moved(revisions, -1))
                        .with("velocity_per_day", velocity));
        if (end <= asOf && !currency) {
            recount.point(
                    StageRecount.JOB, "win_rate/" + pipeline.name(), row, "rate", (double) won.size(), ended.size());
        }
    }

    private static List<Long> cycles(List<Deal> deals) {
        return deals.stream().map(deal -> deal.out() - deal.created).toList();
    }

    private static double mean(List<Deal> deals) {
        return cycles(deals).stream().mapToLong(c -> c).average().orElseThrow() / DAY;
    }

    private static BigDecimal moved(List<Revision> revisions, int sign) {
        return sum(revisions.stream()
                .map(Revision::by)
                .filter(by -> by.signum() == sign)
                .map(BigDecimal::abs)
                .toList());
    }

    private static BigDecimal sum(List<? extends @Nullable BigDecimal> amounts) {
        BigDecimal sum = BigDecimal.ZERO;
        for (BigDecimal amount : amounts) {
            sum = sum.add(Objects.requireNonNullElse(amount, BigDecimal.ZERO).setScale(4, RoundingMode.HALF_EVEN));
        }
        return sum;
    }
}
