package dev.weir.conversion;

import dev.weir.event.MetricPoint;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The steps of a funnel for the attempts that began in one window: funnel_window, and, once every attempt is mature, one
 * metric point per step. One group is one window of a series.
 */
public final class FunnelTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "funnel";

    static final int REACHED = 0;
    static final int MATURE_REACHED = 1;

    private final Map<String, Funnel> funnels = new HashMap<>();
    private final Windows windows;

    public FunnelTally(Playbook playbook) {
        for (Funnel funnel : playbook.funnels()) {
            funnels.put(funnel.name(), funnel);
        }
        windows = Windows.of(playbook);
    }

    static String group(Funnel funnel, Grain grain, String windowStart, String breakdown, String value) {
        return Keys.join(KIND, funnel.name(), grain.word(), windowStart, breakdown, value);
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Funnel funnel = funnels.get(name.get(1));
        if (funnel == null || sums.isZero()) {
            return NEVER;
        }
        Grain grain = Grain.valueOf(name.get(2).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(3));
        long end = windows.end(grain, start);
        for (int s = 0; s < funnel.steps().size(); s++) {
            row(funnel, grain, name, start, end, s, sums, asOf, out);
        }
        if (grain == Grain.ALL) {
            return NEVER;
        }
        // The last attempt of the window may have begun at its very end.
        long mature = end + funnel.within().toMillis();
        if (mature <= asOf) {
            metrics(funnel, grain, name, start, end, sums, asOf, out);
        }
        return asOf < end ? end : asOf < mature ? mature : NEVER;
    }

    private void row(
            Funnel funnel,
            Grain grain,
            List<String> name,
            long start,
            long end,
            int step,
            Sums sums,
            long asOf,
            Consumer<Row> out) {
        Buckets times = Buckets.read(sums, 0, step);
        out.accept(Row.of(
                FunnelTables.FUNNEL_WINDOW,
                funnel.definition(),
                asOf,
                funnel.name(),
                grain.word(),
                Values.time(start),
                name.get(4),
                name.get(5),
                Integer.toString(step + 1),
                funnel.steps().get(step).name(),
                grain == Grain.ALL ? null : Values.time(end),
                windows.date(start).toString(),
                windows.zone().getId(),
                Boolean.toString(end <= asOf),
                Long.toString(sums.get(Cell.of(0, 0, REACHED))),
                Long.toString(sums.get(Cell.of(0, step, REACHED))),
                Long.toString(sums.get(Cell.of(0, 0, MATURE_REACHED))),
                Long.toString(sums.get(Cell.of(0, step, MATURE_REACHED))),
                Values.number(times.p50Seconds()),
                Values.number(times.p90Seconds())));
    }

    /** The rate of each step among those who reached the step before it that is not optional. */
    private static void metrics(
            Funnel funnel,
            Grain grain,
            List<String> name,
            long start,
            long end,
            Sums sums,
            long asOf,
            Consumer<Row> out) {
        int before = 0;
        for (int s = 1; s < funnel.steps().size(); s++) {
            out.accept(new MetricPoint(
                            "conversion/" + funnel.name() + "/"
                                    + funnel.steps().get(s).name(),
                            name.get(4),
                            name.get(5),
                            grain.word(),
                            Instant.ofEpochMilli(start),
                            Instant.ofEpochMilli(end),
                            MetricPoint.RATE,
                            sums.get(Cell.of(0, s, MATURE_REACHED)),
                            sums.get(Cell.of(0, before, MATURE_REACHED)),
                            null,
                            funnel.definition(),
                            false)
                    .row(asOf));
            if (!funnel.steps().get(s).optional()) {
                before = s;
            }
        }
    }
}
