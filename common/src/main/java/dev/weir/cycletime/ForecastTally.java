package dev.weir.cycletime;

import dev.weir.machine.Hash;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Evidence;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What each month and quarter was expected to bring, on its first day and on the first of each later month in it, and what
 * came: forecast. One group is a pipeline, a grain, a breakdown and its value.
 *
 * <p>A row is made from what happened before its day alone, so it stays as it was said, unless later facts correct what had
 * happened by then; beside it stands what came since. So the forecast is checked by the rows themselves.
 */
public final class ForecastTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = Glances.KIND;

    /** Earlier periods that are enough to rely on. */
    private static final int ENOUGH = 4;

    private final Map<String, Pipeline> pipelines = new HashMap<>();
    private final Windows windows;

    public ForecastTally(Playbook playbook) {
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
        List<Forecast.Day> days = Forecast.Day.of(sums);
        long until = NEVER;
        for (Forecast.Day day : days) {
            long start = windows.start(grain, day.at);
            List<Forecast.Day> past = new ArrayList<>();
            for (Forecast.Day earlier : days) {
                if (earlier.at < start && month(grain, earlier.at) == month(grain, day.at)) {
                    past.add(earlier);
                }
            }
            long end = windows.end(grain, start);
            Forecast forecast = new Forecast(past);
            Forecast.Said said = forecast.of(day, seed(group, day.at));
            out.accept(row(pipeline, grain, name, day, start, end, forecast.periods(), said, asOf));
            until = end > asOf ? Math.min(until, end) : until;
        }
        return until;
    }

    /** Which month of its period a day begins, from 0. */
    private long month(Grain grain, long at) {
        return windows.between(Grain.MONTH, windows.start(grain, at), at);
    }

    private static long seed(String group, long at) {
        return Long.parseUnsignedLong(Hash.of(group, Long.toString(at)).substring(0, 16), 16);
    }

    private Row row(
            Pipeline pipeline,
            Grain grain,
            List<String> name,
            Forecast.Day day,
            long start,
            long end,
            int periods,
            Forecast.@Nullable Said said,
            long asOf) {
        Forecast.Wins before = new Forecast.Wins((double) day.wonBefore, (double) day.wonBeforeUnits);
        Forecast.@Nullable Wins came = end <= asOf ? day.came() : null;
        return Row.of(
                DealTables.FORECAST,
                pipeline.definition(),
                asOf,
                pipeline.name(),
                grain.word(),
                Values.time(start),
                name.get(4),
                name.get(5),
                Values.time(day.at),
                Values.time(end),
                windows.date(start).toString(),
                windows.zone().getId(),
                Boolean.toString(end <= asOf),
                Long.toString(day.sum(Glances.OPEN)),
                Integer.toString(periods),
                money((double) day.sum(Glances.OPEN_UNITS)),
                money(before.units()),
                said == null ? null : money(said.ofOpen().units()),
                said == null ? null : money(said.ofNew().units()),
                said == null
                        ? null
                        : money(before.units()
                                + said.ofOpen().units()
                                + said.ofNew().units()),
                said == null ? null : money(said.low().units()),
                said == null ? null : money(said.high().units()),
                came == null ? null : money(came.units()),
                Double.toString(before.deals()),
                said == null ? null : Values.number(said.ofOpen().deals()),
                said == null ? null : Values.number(said.ofNew().deals()),
                said == null
                        ? null
                        : Values.number(before.deals()
                                + said.ofOpen().deals()
                                + said.ofNew().deals()),
                said == null ? null : Values.number(said.low().deals()),
                said == null ? null : Values.number(said.high().deals()),
                came == null ? null : Values.number(came.deals()),
                said == null || came == null
                        ? null
                        : Boolean.toString(came.units() >= said.low().units()
                                && came.units() <= said.high().units()),
                Evidence.of(periods, ENOUGH).word());
    }

    private static @Nullable String money(double units) {
        return Values.money(
                new BigDecimal(units).setScale(0, RoundingMode.HALF_EVEN).movePointLeft(4));
    }
}
