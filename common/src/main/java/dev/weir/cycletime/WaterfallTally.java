package dev.weir.cycletime;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Target;
import dev.weir.playbook.Windows;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The waterfall of a pipeline, window after window: pipeline_waterfall. One group is one series, a pipeline and a grain; what
 * its cells mean says {@link Waterfall}. Every row balances: closing = opening + created + reopened + amount_up - amount_down
 * + pulled_in - pushed_out - won - lost - removed.
 */
public final class WaterfallTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = Waterfall.KIND;

    /** Most windows of a series that get rows: 11 years of days. A clock that is wrong by decades ends here. */
    private static final int WINDOWS = 4_096;

    private static final String TOTAL = "(total)";

    private final Map<String, Pipeline> pipelines = new HashMap<>();
    /** By pipeline and start of the quarter, see {@link #quarter}. */
    private final Map<String, BigDecimal> targets = new HashMap<>();

    private final Windows windows;

    public WaterfallTally(Playbook playbook) {
        playbook.pipelines().forEach(pipeline -> pipelines.put(pipeline.name(), pipeline));
        windows = Windows.of(playbook);
        Map<String, BigDecimal> ofTeams = new HashMap<>();
        for (Target target : playbook.targets()) {
            String quarter = quarter(target.pipeline(), windows.quarter(target.quarter()));
            (target.team() == null ? targets : ofTeams).merge(quarter, target.amount(), BigDecimal::add);
        }
        ofTeams.forEach(targets::putIfAbsent);
    }

    private static String quarter(String pipeline, long start) {
        return Keys.join(pipeline, Long.toString(start));
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
        long opening = 0;
        List<Window> quiet = new ArrayList<>();
        for (int w = 0; w < WINDOWS && start <= asOf && (start <= newest || opening != 0); w++) {
            long end = windows.end(grain, start);
            long[] units = new long[Waterfall.REMOVED + 1];
            for (int measure = 0; measure < units.length; measure++) {
                units[measure] = sums.get(Cell.of(start / 1000, 0, measure));
            }
            opening += units[Waterfall.OPENING];
            units[Waterfall.OPENING] = opening;
            // A window without money has a row once money follows.
            quiet.add(new Window(start, end, units));
            if (LongStream.of(units).anyMatch(figure -> figure != 0)) {
                quiet.forEach(window -> row(pipeline, grain, window, asOf, out));
                quiet.clear();
            }
            if (grain == Grain.ALL) {
                return NEVER;
            }
            start = end;
        }
        return start > asOf ? start : NEVER;
    }

    private record Window(long start, long end, long[] units) {}

    private void row(Pipeline pipeline, Grain grain, Window window, long asOf, Consumer<Row> out) {
        long[] units = window.units;
        long closing = units[Waterfall.OPENING]
                + units[Waterfall.CREATED]
                + units[Waterfall.REOPENED]
                + units[Waterfall.AMOUNT_UP]
                - units[Waterfall.AMOUNT_DOWN]
                + units[Waterfall.PULLED_IN]
                - units[Waterfall.PUSHED_OUT]
                - units[Waterfall.WON]
                - units[Waterfall.LOST]
                - units[Waterfall.REMOVED];
        out.accept(Row.of(
                DealTables.PIPELINE_WATERFALL,
                pipeline.definition(),
                asOf,
                pipeline.name(),
                grain.word(),
                Values.time(window.start),
                TOTAL,
                TOTAL,
                grain == Grain.ALL ? null : Values.time(window.end),
                windows.date(window.start).toString(),
                windows.zone().getId(),
                Boolean.toString(window.end <= asOf),
                money(units[Waterfall.OPENING]),
                money(units[Waterfall.CREATED]),
                money(units[Waterfall.REOPENED]),
                money(units[Waterfall.AMOUNT_UP]),
                money(units[Waterfall.AMOUNT_DOWN]),
                money(units[Waterfall.PULLED_IN]),
                money(units[Waterfall.PUSHED_OUT]),
                money(units[Waterfall.WON]),
                money(units[Waterfall.LOST]),
                money(units[Waterfall.REMOVED]),
                money(closing),
                grain == Grain.QUARTER ? Values.money(target(pipeline, window.start)) : null));
    }

    private @Nullable BigDecimal target(Pipeline pipeline, long start) {
        return targets.get(quarter(pipeline.name(), start));
    }

    private static @Nullable String money(long units) {
        return Values.money(BigDecimal.valueOf(units, 4));
    }
}
