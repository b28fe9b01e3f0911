package dev.weir.conversion;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The credit of one channel, campaign or asset, by one model, for the deals won in one window: attribution_window. One group
 * is one window of one of them.
 */
public final class CreditTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "credit";

    /** Parts of one conversion: shares of it are whole numbers that sum to this. */
    static final long WHOLE = 1_000_000;

    static final int REVENUE = 0;
    static final int SHARE = 1;
    static final int WITHOUT_RATE = 2;

    private final Attribution attribution;
    private final Windows windows;
    private final Money money;

    public CreditTally(Playbook playbook, Attribution attribution) {
        this.attribution = attribution;
        windows = Windows.of(playbook);
        money = Money.of(playbook);
    }

    static String group(Attribution.Model model, Grain grain, String windowStart, Subject subject) {
        return Keys.join(KIND, model.word(), grain.word(), windowStart, subject.breakdown(), subject.value());
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        if (sums.isZero()) {
            return NEVER;
        }
        List<String> name = Keys.split(group);
        Grain grain = Grain.valueOf(name.get(2).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(3));
        out.accept(row(
                name.get(1),
                grain,
                start,
                new Subject(name.get(4), name.get(5)),
                sums.get(Cell.of(0, 0, SHARE)),
                sums.get(Cell.of(0, 0, REVENUE)),
                sums.get(Cell.of(0, 0, WITHOUT_RATE)),
                asOf));
        return next(grain, start, asOf);
    }

    /** When the row's {@code is_complete} changes. */
    long next(Grain grain, long start, long asOf) {
        long end = windows.end(grain, start);
        return grain == Grain.ALL || end <= asOf ? NEVER : end;
    }

    Row row(
            String model,
            Grain grain,
            long start,
            Subject subject,
            long share,
            long revenue,
            long withoutRate,
            long asOf) {
        long end = windows.end(grain, start);
        return Row.of(
                AttributionTables.ATTRIBUTION_WINDOW,
                attribution.definition(),
                asOf,
                model,
                grain.word(),
                Values.time(start),
                subject.breakdown(),
                subject.value(),
                grain == Grain.ALL ? null : Values.time(end),
                windows.date(start).toString(),
                windows.zone().getId(),
                Boolean.toString(end <= asOf),
                Double.toString((double) share / WHOLE),
                Values.money(money.major(revenue, null)),
                money.reportingCurrency(),
                Double.toString((double) withoutRate / WHOLE),
                Integer.toString(attribution.minimumConversions()));
    }
}
