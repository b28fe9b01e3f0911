package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Names;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Stages;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a deal adds to the figures of its pipeline: that it began, that it ended, and what was changed on the way.
 *
 * <p>A deal counts with its present outcome and in its present pipeline, wherever it was before; one that was deleted or
 * merged away does not count. So a deal that is open again leaves the window in which it had been lost. Its breakdown values
 * are those at its first entry; its type and currency, by which every pipeline is broken down, are the present ones.
 */
final class Dealings implements Serializable {
    /** First part of a group of its tally. */
    static final String KIND = "pipeline";

    /** First part of the groups that are spread. */
    private static final String DAYS = "dealings";

    static final String DEAL_TYPE = "deal_type";
    static final String CURRENCY = "currency";

    static final int CREATED = 0;
    static final int CREATE_OFFSETS = 1;
    static final int CLOSED = 2;
    static final int CLOSE_OFFSETS = 3;
    static final int WON = 4;
    /** Of the won, those with an amount in the reporting currency. */
    static final int WON_PRICED = 5;

    static final int WON_UNITS = 6;
    /** The same in the currency of the deals; kept where a row has one currency. */
    static final int WON_DEAL_UNITS = 7;

    static final int PUSHES = 8;
    static final int SLIP_DAYS = 9;
    static final int UNITS_UP = 10;
    static final int UNITS_DOWN = 11;
    static final int MATURE_CREATED = 12;
    static final int MATURE_WON = 13;
    static final int MATURE_LOST = 14;
    /** Part of the counts and of the time from creation to close of the won, and that of the lost. */
    static final int WON_PART = 0;

    static final int LOST_PART = 1;

    private final Map<String, Stages> pipelines;
    /** Of each pipeline, by its name. */
    private final Map<String, List<String>> breakdowns = new HashMap<>();

    /** Where deals are counted: in each grain all together, then by each field. */
    private final Map<String, List<List<Groups>>> groups = new HashMap<>();

    private final Names<Day> days = new Names<>();

    private final Map<String, Long> matureAfterMillis = new HashMap<>();
    private final Windows windows;
    private final Money money;

    /** Which deal: in what pipeline and segments. */
    private record Who(String pipeline, List<String> values) {}

    private record Begun(Who who, long at, boolean mature, String status) {}

    private record Ended(Who who, long begunAt, long at, boolean won, boolean priced, long units, long dealUnits) {}

    private record Revised(Who who, long at, int pushes, long slipDays, long unitsUp, long unitsDown) {}

    Dealings(Playbook playbook, Map<String, Stages> pipelines) {
        this.pipelines = pipelines;
        for (Pipeline pipeline : playbook.pipelines()) {
            breakdowns.put(pipeline.name(), breakdowns(pipeline));
            groups.put(
                    pipeline.name(),
                    Groups.grains(pipeline).stream()
                            .map(grain -> Groups.of(KIND, pipeline, grain, fields(pipeline)))
                            .toList());
            matureAfterMillis.put(pipeline.name(), maturesAfter(pipeline).toMillis());
        }
        windows = Windows.of(playbook);
        money = Money.of(playbook);
    }

    /** The fields by which a pipeline's figures are broken down: its own, the type of the deal, its currency. */
    static List<String> breakdowns(Pipeline pipeline) {
        Set<String> fields = new LinkedHashSet<>(pipeline.breakdowns());
        fields.add(DEAL_TYPE);
        fields.add(CURRENCY);
        return List.copyOf(fields);
    }

    /**
     * Says what a life adds.
     *
     * @param settled what was revised up to then is left out
     */
    void say(DealLife life, long settled, Step<DealChange> step) {
        Stages stages = life.deal.pipeline == null ? null : pipelines.get(life.deal.pipeline);
        boolean closed = life.status.equals("won") || life.status.equals("lost");
        if (stages == null || !(closed || life.status.equals("open"))) {
            return;
        }
        Pipeline pipeline = stages.pipeline;
        Who who = new Who(pipeline.name(), values(life, pipeline));
        boolean mature = step.due(life.createdAt + Objects.requireNonNull(matureAfterMillis.get(pipeline.name())));
        Begun begun = new Begun(who, life.createdAt, mature, life.status);
        step.state(Begun.class, begun, (before, after) -> tell(before, after, step));
        if (closed && life.closedAt != null) {
            long at = life.closedAt;
            var reporting = money.reporting(life.deal.amount, life.deal.currency, at);
            Ended ended = new Ended(
                    who,
                    life.createdAt,
                    at,
                    life.status.equals("won"),
                    reporting != null,
                    Units.of(reporting),
                    Units.of(life.deal.amount));
            step.state(ended, () -> tell(ended, step));
        }
        for (int i = life.states.size() - 1; i > 0 && life.states.get(i).from() > settled; i--) {
            Revised revised = revised(who, life.states.get(i - 1), life.states.get(i));
            if (revised != null) {
                step.state(revised, () -> tell(revised, step));
            }
        }
    }

    /** A field that the deal's first pipeline was not broken down by has its present value. */
    private List<String> values(DealLife life, Pipeline pipeline) {
        DealLife.Stay entry = life.stays.isEmpty() ? null : life.stays.get(0);
        Stages first = entry == null ? null : pipelines.get(entry.pipeline());
        List<String> kept = first == null ? List.of() : first.pipeline.breakdowns();
        List<String> values = new ArrayList<>();
        for (String field : fields(pipeline)) {
            int at = kept.indexOf(field);
            values.add(
                    entry != null && at >= 0 && at < entry.values().size()
                            ? entry.values().get(at)
                            : Objects.requireNonNullElse(life.deal.value(field), "(unknown)"));
        }
        return values;
    }

    private List<String> fields(Pipeline pipeline) {
        return Objects.requireNonNull(breakdowns.get(pipeline.name()));
    }

    /** A deal is as mature as its slowest stage asks. */
    private static Duration maturesAfter(Pipeline pipeline) {
        return pipeline.stages().stream()
                .map(Stage::maturesAfter)
                .max(Duration::compareTo)
                .orElseThrow();
    }

    private @Nullable Revised revised(Who who, DealLife.State before, DealLife.State now) {
        long units = 0;
        if (before.amount() != null
                && now.amount() != null
                && before.status().equals("open")
                && !(before.amount().compareTo(now.amount()) == 0
                        && Objects.equals(before.currency(), now.currency()))) {
            long earlier = Units.of(money.reporting(before.amount(), before.currency(), now.from()));
            units = Units.of(money.reporting(now.amount(), now.currency(), now.from())) - earlier;
        }
        int pushes = now.pushCount() - before.pushCount();
        long slip = slipDays(before.expectedClose(), now.expectedClose());
        return units == 0 && pushes == 0 && slip == 0
                ? null
                : new Revised(who, now.from(), pushes, slip, Math.max(0, units), Math.max(0, -units));
    }

    /** Days by which the expected close moved, later or earlier; 0 where either day is none. */
    private static long slipDays(@Nullable String before, @Nullable String now) {
        if (before == null || now == null || before.equals(now)) {
            return 0;
        }
        try {
            return ChronoUnit.DAYS.between(LocalDate.parse(before), LocalDate.parse(now));
        } catch (DateTimeException notADay) {
            return 0;
        }
    }

    /** Deals of one pipeline and the same segments on one day: they count in the same windows, see {@link #spread}. */
    private record Day(Who who, long start) {
        String name() {
            List<String> parts = new ArrayList<>(List.of(DAYS, who.pipeline, Long.toString(start)));
            parts.addAll(who.values);
            return Keys.join(parts.toArray(String[]::new));
        }
    }

    private Day day(Who who, long time) {
        return new Day(who, windows.start(Grain.DAY, time));
    }

    private void tell(@Nullable Begun before, @Nullable Begun after, Step<DealChange> step) {
        if (before == null || after == null) {
            addUp(Objects.requireNonNull(after != null ? after : before), 1, step);
        } else if (before.at != after.at || !before.who.equals(after.who)) {
            addUp(before, -1, step);
            addUp(after, 1, step);
        } else if (before.mature || after.mature) {
            String group = days.of(day(after.who, after.at), Day::name);
            maturity(group, before, -1, step);
            maturity(group, after, 1, step);
        }
    }

    private void addUp(Begun begun, int times, Step<DealChange> step) {
        Day day = day(begun.who, begun.at);
        String group = days.of(day, Day::name);
        add(step, group, CREATED, times);
        add(step, group, CREATE_OFFSETS, times * (begun.at - day.start));
        maturity(group, begun, times, step);
    }

    private static void maturity(String group, Begun begun, int times, Step<DealChange> step) {
        if (begun.mature) {
            add(step, group, MATURE_CREATED, times);
            add(step, group, MATURE_WON, begun.status.equals("won") ? times : 0);
            add(step, group, MATURE_LOST, begun.status.equals("lost") ? times : 0);
        }
    }

    private void tell(Ended ended, Step<DealChange> step) {
        Day day = day(ended.who, ended.at);
        String group = days.of(day, Day::name);
        add(step, group, CLOSED, 1);
        add(step, group, CLOSE_OFFSETS, ended.at - day.start);
        if (ended.won) {
            add(step, group, WON, 1);
            add(step, group, WON_PRICED, ended.priced ? 1 : 0);
            add(step, group, WON_UNITS, ended.units);
            add(step, group, WON_DEAL_UNITS, ended.dealUnits);
        }
        long millis = Math.max(0, ended.at - ended.begunAt);
        int bucket = LogBuckets.bucket(millis);
        int part = ended.won ? WON_PART : LOST_PART;
        step.sum(group, Cell.of(0, part, Buckets.count(bucket)), 1);
        step.sum(group, Cell.of(0, part, Buckets.sum(bucket)), millis);
    }

    private void tell(Revised revised, Step<DealChange> step) {
        String group = days.of(day(revised.who, revised.at), Day::name);
        add(step, group, PUSHES, revised.pushes);
        add(step, group, SLIP_DAYS, revised.slipDays);
        add(step, group, UNITS_UP, revised.unitsUp);
        add(step, group, UNITS_DOWN, revised.unitsDown);
    }

    private static void add(Step<DealChange> step, String group, int measure, long amount) {
        if (amount != 0) {
            step.sum(group, Cell.of(0, WON_PART, measure), amount);
        }
    }

    /** Tells where sums count; false where they are not of dealings. */
    boolean spread(String group, Sums sums, BiConsumer<String, Sums> out) {
        if (!group.startsWith(DAYS)) {
            return false;
        }
        List<String> name = Keys.split(group);
        long day = Long.parseLong(name.get(2));
        for (List<Groups> ofGrain : groups.getOrDefault(name.get(1), List.of())) {
            long window = windows.start(ofGrain.get(0).grain, day);
            for (int i = 0; i < ofGrain.size(); i++) {
                boolean byCurrency = ofGrain.get(i).breakdown.equals(CURRENCY);
                String value = i == 0 ? Groups.TOTAL : name.get(2 + i);
                out.accept(ofGrain.get(i).of(value), inWindow(window, day, byCurrency, sums));
            }
        }
        return true;
    }

    private static Sums inWindow(long window, long day, boolean byCurrency, Sums ofDay) {
        Sums sums = new Sums();
        for (int i = 0; i < ofDay.size; i++) {
            int part = Cell.part(ofDay.cells[i]);
            int measure = Cell.measure(ofDay.cells[i]);
            long amount = ofDay.amounts[i];
            if (part == WON_PART && measure == WON_DEAL_UNITS && !byCurrency) {
                continue;
            }
            sums.add(Cell.of(window / 1000, part, measure), amount);
            if (part == WON_PART && (measure == CREATED || measure == CLOSED)) {
                int offsets = measure == CREATED ? CREATE_OFFSETS : CLOSE_OFFSETS;
                sums.add(Cell.of(window / 1000, part, offsets), amount * (day - window));
            }
        }
        return sums;
    }
}
