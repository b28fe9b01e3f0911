package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stages;
import dev.weir.playbook.Windows;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a forecast learns from a deal: how it stood on the first of each month, and whether it was won by the end of the
 * period.
 *
 * <p>A glance at the first of a month sees a deal that is open, in its stage, at its age, with its amount; or one that was won
 * earlier in the period; or, since it is won by the end, one that was not there yet. All of it adds and subtracts, so a
 * forecast for any past day can be made from what was known of the days before, and be held against what came.
 *
 * <p>A deal is looked at {@link #MOST} times at most; one that is open for longer is expected to bring nothing.
 */
final class Glances implements Serializable {
    /** First part of a group of its tally. */
    static final String KIND = "forecast";

    /** Most months in which an open deal is looked at. */
    private static final int MOST = 60;
    /** Part of deals that were not there yet. */
    static final int NEW = 252;
    /** Part of deals won earlier in the period. */
    static final int BEFORE = 253;

    static final int OPEN = 0;
    static final int OPEN_UNITS = 1;
    static final int WON = 2;
    static final int WON_UNITS = 3;
    /** What the won were thought to be worth at the glance. */
    static final int WON_UNITS_THEN = 4;

    private static final int KINDS = 8;

    /** Days from which an age is another. */
    private static final int[] AGES = {7, 14, 30, 60, 90, 180, 365};

    static final int AGE_COUNT = 8;
    /** Bands of amounts: none, then three to a factor of ten from 100 on. */
    static final int BAND_COUNT = 16;

    private static final long DAY = 86_400_000L;

    private final Map<String, Stages> pipelines;
    private final Map<Series, Groups> groups = new HashMap<>();
    private final Windows windows;
    private final Money money;

    private record Series(String pipeline, Grain grain, String breakdown) implements Serializable {}

    /**
     * How a deal was found.
     *
     * @param part its stage's place, {@link #NEW} or {@link #BEFORE}
     * @param units its amount then in ten-thousandths of the reporting currency
     * @param wonUnits its amount as won; null unless it is won by the end of the period
     */
    private record Glance(
            String pipeline,
            String dealType,
            Grain grain,
            long at,
            int part,
            int age,
            long units,
            @Nullable Long wonUnits) {}

    Glances(Playbook playbook, Map<String, Stages> pipelines) {
        this.pipelines = pipelines;
        windows = Windows.of(playbook);
        money = Money.of(playbook);
        for (Pipeline pipeline : playbook.pipelines()) {
            for (Grain grain : pipeline.windows()) {
                for (String breakdown : List.of(Groups.TOTAL, Dealings.DEAL_TYPE)) {
                    groups.put(
                            new Series(pipeline.name(), grain, breakdown),
                            new Groups(KIND, pipeline, grain, breakdown));
                }
            }
        }
    }

    /** The measure of a number about deals of an age and a band. */
    static int measure(int age, int band, int kind) {
        return (age * BAND_COUNT + band) * KINDS + kind;
    }

    static int age(int measure) {
        return measure / KINDS / BAND_COUNT;
    }

    static int band(int measure) {
        return measure / KINDS % BAND_COUNT;
    }

    static int kind(int measure) {
        return measure % KINDS;
    }

    static int bandOf(long units) {
        double amount = units / 10_000.0;
        return amount < 1
                ? 0
                : (int) Math.max(1, Math.min(BAND_COUNT - 1, Math.floor(3 * StrictMath.log10(amount / 100)) + 1));
    }

    private static int ageOf(long millis) {
        int age = 0;
        while (age < AGES.length && millis >= AGES[age] * DAY) {
            age++;
        }
        return age;
    }

    void say(DealLife life, Step<DealChange> step) {
        Stages stages = life.deal.pipeline == null ? null : pipelines.get(life.deal.pipeline);
        boolean won = life.status.equals("won");
        if (stages == null || !(won || life.status.equals("lost") || life.status.equals("open"))) {
            return;
        }
        for (Grain grain : stages.pipeline.windows()) {
            if (grain == Grain.MONTH || grain == Grain.QUARTER) {
                say(life, stages.pipeline, grain, won, step);
            }
        }
    }

    private void say(DealLife life, Pipeline pipeline, Grain grain, boolean won, Step<DealChange> step) {
        long closed = life.closedAt == null ? Long.MAX_VALUE : life.closedAt;
        long wonFrom = Long.MAX_VALUE;
        if (won) {
            wonFrom = windows.start(grain, closed);
            long wonUnits = Units.of(money.reporting(life.deal.amount, life.deal.currency, closed));
            long end = windows.end(grain, wonFrom);
            for (long at = wonFrom; at < end && step.due(at); at = windows.end(Grain.MONTH, at)) {
                state(glance(life, pipeline, grain, at, closed, wonUnits), step);
            }
        }
        long at = windows.end(Grain.MONTH, windows.start(Grain.MONTH, life.createdAt));
        for (int months = 0;
                months < MOST && at <= closed && at < wonFrom && step.due(at);
                months++, at = windows.end(Grain.MONTH, at)) {
            Glance glance = glance(life, pipeline, grain, at, closed, null);
            if (glance.part < NEW || glance.part > BEFORE) {
                state(glance, step);
            }
        }
    }

    private void state(Glance glance, Step<DealChange> step) {
        step.state(glance, () -> tell(glance, step));
    }

    private Glance glance(
            DealLife life, Pipeline pipeline, Grain grain, long at, long closed, @Nullable Long wonUnits) {
        String type = Objects.requireNonNullElse(life.deal.dealType, "(unknown)");
        if (closed < at) {
            return new Glance(pipeline.name(), type, grain, at, BEFORE, 0, 0, wonUnits);
        }
        for (DealLife.Stay stay : life.stays) {
            boolean here = stay.enteredAt() < at && (stay.exitedAt() == null || stay.exitedAt() >= at);
            if (here && stay.pipeline().equals(pipeline.name())) {
                long units = amount(life, at);
                return new Glance(
                        pipeline.name(), type, grain, at, stay.place(), ageOf(at - stay.enteredAt()), units, wonUnits);
            }
        }
        return new Glance(pipeline.name(), type, grain, at, NEW, 0, 0, wonUnits);
    }

    private long amount(DealLife life, long at) {
        BigDecimal amount = null;
        String currency = null;
        for (DealLife.State state : life.states) {
            if (state.from() < at) {
                amount = state.amount();
                currency = state.currency();
            }
        }
        return Units.of(money.reporting(amount, currency, at));
    }

    private void tell(Glance glance, Step<DealChange> step) {
        add(group(glance, Groups.TOTAL, Groups.TOTAL), glance, step);
        add(group(glance, Dealings.DEAL_TYPE, glance.dealType), glance, step);
    }

    private String group(Glance glance, String breakdown, String value) {
        Series series = new Series(glance.pipeline, glance.grain, breakdown);
        return Objects.requireNonNull(groups.get(series)).of(value);
    }

    private static void add(String group, Glance glance, Step<DealChange> step) {
        boolean open = glance.part != NEW && glance.part != BEFORE;
        int band = open || glance.wonUnits == null ? bandOf(glance.units) : bandOf(glance.wonUnits);
        for (Map.Entry<Integer, Long> amount : amounts(glance, open)) {
            if (amount.getValue() != 0) {
                int measure = measure(glance.age, band, amount.getKey());
                step.sum(group, Cell.of(glance.at / 1000, glance.part, measure), amount.getValue());
            }
        }
    }

    private static List<Map.Entry<Integer, Long>> amounts(Glance glance, boolean open) {
        long won = glance.wonUnits == null ? 0 : 1;
        return List.of(
                Map.entry(OPEN, open ? 1L : 0),
                Map.entry(OPEN_UNITS, open ? glance.units : 0),
                Map.entry(WON, won),
                Map.entry(WON_UNITS, Objects.requireNonNullElse(glance.wonUnits, 0L)),
                Map.entry(WON_UNITS_THEN, won * glance.units));
    }
}
