package dev.weir.cycletime;

import dev.weir.event.MetricPoint;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline brings in each window: pipeline_figures, and a metric point of the win rate per closed window. One group is
 * one series: a pipeline, a grain, a breakdown and its value, all windows. What it adds up are the {@link Dealings} of deals.
 *
 * <p>The mean cycle is the time that all deals were open in the window by the deals that closed in it, so that those that are
 * open still count; the median is of the won or of all that closed in the window alone.
 */
public final class PipelineTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = Dealings.KIND;

    /** Most windows of a series that get rows: 11 years of days. A clock that is wrong by decades ends here. */
    private static final int WINDOWS = 4_096;

    private static final double DAY = 86_400_000.0;
    private static final double UNITS = 10_000;

    private final Map<String, Pipeline> pipelines = new HashMap<>();
    private final Windows windows;

    public PipelineTally(Playbook playbook) {
        playbook.pipelines().forEach(pipeline -> pipelines.put(pipeline.name(), pipeline));
        windows = Windows.of(playbook);
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Pipeline pipeline = pipelines.get(name.get(2));
        if (pipeline == null || sums.isZero()) {
            return NEVER;
        }
        Grain grain = Grain.valueOf(name.get(3).toUpperCase(Locale.ROOT));
        long start = Cell.major(sums.cells[0]) * 1000;
        long newest = Cell.major(sums.cells[sums.size - 1]) * 1000;
        long open = 0;
        long next = NEVER;
        for (int w = 0; w < WINDOWS && (start <= newest || (open > 0 && start <= asOf)); w++) {
            Window window = new Window(pipeline, grain, name.get(4), name.get(5), start, open, sums, asOf);
            out.accept(window.row());
            if (window.end <= asOf && !window.breakdown.equals(Dealings.CURRENCY)) {
                out.accept(window.winRate());
            }
            open = window.open;
            if (grain == Grain.ALL) {
                return open > 0 ? ALWAYS : NEVER;
            }
            next = window.end > asOf ? Math.min(next, window.end) : next;
            start = window.end;
        }
        return open > 0 ? ALWAYS : next;
    }

    /** One window of a series. */
    private final class Window {
        private final Pipeline pipeline;
        private final Grain grain;
        private final String breakdown;
        private final String value;
        private final long start;
        private final long end;
        private final Sums sums;
        private final long asOf;
        private final long open;
        private final long atRisk;
        private final long won;
        private final long closed;

        Window(
                Pipeline pipeline,
                Grain grain,
                String breakdown,
                String value,
                long start,
                long before,
                Sums sums,
                long asOf) {
            this.pipeline = pipeline;
            this.grain = grain;
            this.breakdown = breakdown;
            this.value = value;
            this.start = start;
            this.end = windows.end(grain, start);
            this.sums = sums;
            this.asOf = asOf;
            this.won = sum(Dealings.WON);
            this.closed = sum(Dealings.CLOSED);
            this.open = before + sum(Dealings.CREATED) - closed;
            long span = Math.max(0, Math.min(asOf, end) - start);
            this.atRisk = Math.max(0, open * span - sum(Dealings.CREATE_OFFSETS) + sum(Dealings.CLOSE_OFFSETS));
        }

        private long sum(int measure) {
            return sums.get(Cell.of(start / 1000, Dealings.WON_PART, measure));
        }

        private String count(int measure) {
            return Long.toString(sum(measure));
        }

        private @Nullable String money(int measure) {
            return Values.money(BigDecimal.valueOf(sum(measure), 4));
        }

        Row row() {
            Buckets ofWon = Buckets.read(sums, start / 1000, Dealings.WON_PART);
            Buckets ofLost = Buckets.read(sums, start / 1000, Dealings.LOST_PART);
            Double cycle = closed > 0 ? Double.valueOf(atRisk / DAY / closed) : null;
            Double winRate = closed > 0 ? Double.valueOf((double) won / closed) : null;
            long priced = sum(Dealings.WON_PRICED);
            Double meanWon = priced > 0 ? Double.valueOf(sum(Dealings.WON_UNITS) / UNITS / priced) : null;
            return Row.of(
                    DealTables.PIPELINE_FIGURES,
                    pipeline.definition(),
                    asOf,
                    pipeline.name(),
                    grain.word(),
                    Values.time(start),
                    breakdown,
                    value,
                    grain == Grain.ALL ? null : Values.time(end),
                    windows.date(start).toString(),
                    windows.zone().getId(),
                    Boolean.toString(end <= asOf),
                    count(Dealings.CREATED),
                    Long.toString(open),
                    count(Dealings.WON),
                    Long.toString(closed - won),
                    Long.toString(priced),
                    money(Dealings.WON_UNITS),
                    breakdown.equals(Dealings.CURRENCY) ? money(Dealings.WON_DEAL_UNITS) : null,
                    count(Dealings.MATURE_CREATED),
                    count(Dealings.MATURE_WON),
                    count(Dealings.MATURE_LOST),
                    Values.number(cycle),
                    days(ofWon.p50Seconds()),
                    days(ofLost.p50Seconds()),
                    ofWon.total() + ofLost.total() > 0
                            ? Values.number((ofWon.sum() + ofLost.sum()) / DAY / (ofWon.total() + ofLost.total()))
                            : null,
                    count(Dealings.PUSHES),
                    count(Dealings.SLIP_DAYS),
                    money(Dealings.UNITS_UP),
                    money(Dealings.UNITS_DOWN),
                    Values.number(Velocity.perDay((double) open, winRate, meanWon, cycle)));
        }

        private @Nullable String days(@Nullable Double seconds) {
            return seconds == null ? null : Values.number(seconds / 86_400);
        }

        Row winRate() {
            return new MetricPoint(
                            MetricPoint.WIN_RATE + pipeline.name(),
                            breakdown,
                            value,
                            grain.word(),
                            Instant.ofEpochMilli(start),
                            Instant.ofEpochMilli(end),
                            MetricPoint.RATE,
                            (double) won,
                            (double) closed,
                            null,
                            pipeline.definition(),
                            false)
                    .row(asOf);
        }
    }
}
