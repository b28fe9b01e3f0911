package dev.weir.cycletime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Each stage as a queue, window after window: where time goes (load) and what changed against the trailing baseline.
 *
 * <p>W, the time a deal takes, is time at risk per exit. extra_wip = arrival rate x (W - W of the baseline) is how many more
 * deals wait than would have: Little's law as a difference. Without a baseline (the first window, the whole history) or
 * without exits there is no change figure.
 */
final class Bottlenecks {
    /** Windows of the trailing baseline. */
    private static final int BASELINE = 8;

    /** One stage in one window; {@code atRiskDays} is the time all deals spent in it. */
    record Stage(int part, long entered, long exited, long wip, double atRiskDays) {}

    /**
     * One stage among all.
     *
     * @param index of the stage in the window that was ranked
     * @param loadRank 1 has most time at risk
     * @param changeRank 1 has most extra work in progress; null without a baseline
     * @param loadShare of all time at risk, 0 to 1
     * @param arrivalRate a day; null where the length of the window means nothing
     * @param daysLostPerDeal W - W of the baseline
     */
    record Ranked(
            int index,
            int loadRank,
            @Nullable Integer changeRank,
            @Nullable Double loadShare,
            @Nullable Double extraWip,
            @Nullable Double arrivalRate,
            @Nullable Double exitRate,
            @Nullable Double daysLostPerDeal) {}

    private final Map<Integer, Deque<Stage>> baseline = new HashMap<>();

    /**
     * Ranks the stages of a window and takes it into the baseline of the next.
     *
     * @param days length of the window up to T
     * @param trailing whether there is a before: false for the whole history
     */
    List<Ranked> rank(List<Stage> window, double days, boolean trailing) {
        double total = window.stream().mapToDouble(Stage::atRiskDays).sum();
        List<@Nullable Double> lost = new ArrayList<>();
        List<@Nullable Double> extra = new ArrayList<>();
        for (Stage stage : window) {
            Double daysLost = trailing ? daysLost(stage) : null;
            lost.add(daysLost);
            extra.add(daysLost == null || days <= 0 ? null : stage.entered / days * daysLost);
        }
        List<Integer> byLoad = order(window.size(), i -> -window.get(i).atRiskDays());
        List<Integer> byChange =
                order(window.size(), i -> -Objects.requireNonNullElse(extra.get(i), -Double.MAX_VALUE));
        List<Ranked> ranked = new ArrayList<>();
        for (int i = 0; i < window.size(); i++) {
            Stage stage = window.get(i);
            ranked.add(new Ranked(
                    i,
                    byLoad.indexOf(i) + 1,
                    extra.get(i) == null ? null : Integer.valueOf(byChange.indexOf(i) + 1),
                    total > 0 ? Double.valueOf(stage.atRiskDays / total) : null,
                    extra.get(i),
                    days > 0 ? Double.valueOf(stage.entered / days) : null,
                    days > 0 ? Double.valueOf(stage.exited / days) : null,
                    lost.get(i)));
        }
        for (Stage stage : window) {
            Deque<Stage> before = baseline.computeIfAbsent(stage.part, p -> new ArrayDeque<>());
            before.addLast(stage);
            if (before.size() > BASELINE) {
                before.removeFirst();
            }
        }
        return ranked;
    }

    private @Nullable Double daysLost(Stage stage) {
        long exits = 0;
        double days = 0;
        for (Stage before : baseline.getOrDefault(stage.part, new ArrayDeque<>())) {
            exits += before.exited;
            days += before.atRiskDays;
        }
        return exits == 0 || stage.exited == 0 ? null : Double.valueOf(stage.atRiskDays / stage.exited - days / exits);
    }

    private static List<Integer> order(int size, java.util.function.IntToDoubleFunction by) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(by::applyAsDouble));
        return order;
    }
}
