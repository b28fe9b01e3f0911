package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Step;
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

    private final Map<String, Long> matureAfterMillis = new HashMap<>();
    private final Groups groups = new Groups();
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

    void say(DealLife life, Step<DealChange> step) {
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
        for (int i = 1; i < life.states.size(); i++) {
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

    /** Adds to the cells of one window in every grain and segment. */
    private interface Adding {
        void add(String group, long window, String breakdown);
    }

    private void everywhere(Who who, long time, Adding adding) {
        Stages stages = Objects.requireNonNull(pipelines.get(who.pipeline));
        Pipeline pipeline = stages.pipeline;
        List<String> fields = fields(pipeline);
        for (int i = -1; i < fields.size(); i++) {
            String breakdown = i < 0 ? "(total)" : fields.get(i);
            String value = i < 0 ? "(total)" : who.values.get(i);
            for (Grain grain : pipeline.windows()) {
                adding.add(groups.of(KIND, pipeline, grain, breakdown, value), windows.start(grain, time), breakdown);
            }
            adding.add(groups.of(KIND, pipeline, Grain.ALL, breakdown, value), Windows.BEGINNING, breakdown);
        }
    }

    private void tell(@Nullable Begun before, @Nullable Begun after, Step<DealChange> step) {
        if (before == null || after == null) {
            addUp(Objects.requireNonNull(after != null ? after : before), 1, step);
        } else if (before.at != after.at || !before.who.equals(after.who)) {
            addUp(before, -1, step);
            addUp(after, 1, step);
        } else if (before.mature || after.mature) {
            everywhere(after.who, after.at, (group, window, breakdown) -> {
                maturity(group, window, before, -1, step);
                maturity(group, window, after, 1, step);
            });
        }
    }

    private void addUp(Begun begun, int times, Step<DealChange> step) {
        everywhere(begun.who, begun.at, (group, window, breakdown) -> {
            add(step, group, window, CREATED, times);
            add(step, group, window, CREATE_OFFSETS, times * (begun.at - window));
            maturity(group, window, begun, times, step);
        });
    }

    private static void maturity(String group, long window, Begun begun, int times, Step<DealChange> step) {
        if (begun.mature) {
            add(step, group, window, MATURE_CREATED, times);
            add(step, group, window, MATURE_WON, begun.status.equals("won") ? times : 0);
            add(step, group, window, MATURE_LOST, begun.status.equals("lost") ? times : 0);
        }
    }

    private void tell(Ended ended, Step<DealChange> step) {
        everywhere(ended.who, ended.at, (group, window, breakdown) -> {
            add(step, group, window, CLOSED, 1);
            add(step, group, window, CLOSE_OFFSETS, ended.at - window);
            if (ended.won) {
                add(step, group, window, WON, 1);
                add(step, group, window, WON_PRICED, ended.priced ? 1 : 0);
                add(step, group, window, WON_UNITS, ended.units);
                add(step, group, window, WON_DEAL_UNITS, breakdown.equals(CURRENCY) ? ended.dealUnits : 0);
            }
            long millis = Math.max(0, ended.at - ended.begunAt);
            int bucket = LogBuckets.bucket(millis);
            int part = ended.won ? WON_PART : LOST_PART;
            step.sum(group, Cell.of(window / 1000, part, Buckets.count(bucket)), 1);
            step.sum(group, Cell.of(window / 1000, part, Buckets.sum(bucket)), millis);
        });
    }

    private void tell(Revised revised, Step<DealChange> step) {
        everywhere(revised.who, revised.at, (group, window, breakdown) -> {
            add(step, group, window, PUSHES, revised.pushes);
            add(step, group, window, SLIP_DAYS, revised.slipDays);
            add(step, group, window, UNITS_UP, revised.unitsUp);
            add(step, group, window, UNITS_DOWN, revised.unitsDown);
        });
    }

    private static void add(Step<DealChange> step, String group, long window, int measure, long amount) {
        if (amount != 0) {
            step.sum(group, Cell.of(window / 1000, WON_PART, measure), amount);
        }
    }
}
