package dev.weir.anomaly;

import dev.weir.playbook.Grain;
import java.io.Serializable;
import java.util.Map;

/**
 * The false alarms that a team accepts, shared among its series.
 *
 * <p>A series with threshold c brings on average at most one false alarm in c windows, so series with w windows a week bring
 * together at most the sum of w / c a week. The budget B is shared in equal parts: c = w n / B for each of n series, whatever
 * their grains, and the sum is B. A weekly series gets a seventh of the threshold of a daily one: what it brings is as rare.
 *
 * @param aWeek false alarms accepted a week, above 0
 */
public record FalseAlarmBudget(double aWeek) implements Serializable {
    private static final Map<String, Double> WEEKS = Map.of("day", 1 / 7.0, "week", 1.0, "month", 30.44 / 7);

    public FalseAlarmBudget {
        if (!(aWeek > 0)) {
            throw new IllegalArgumentException("a budget of " + aWeek + " false alarms a week");
        }
    }

    /** A budget as a playbook writes it: {@code 1/week}, {@code 2/day}, {@code 3/month}. */
    public static FalseAlarmBudget of(String text) {
        int slash = text.indexOf('/');
        Double weeks = WEEKS.get(text.substring(slash + 1));
        if (slash < 1 || weeks == null) {
            throw new IllegalArgumentException("a budget is written as 1/week (or /day, /month), not " + text);
        }
        return new FalseAlarmBudget(Integer.parseInt(text.substring(0, slash)) / weeks);
    }

    /** The threshold c of each of some series, given how many windows a week each has. */
    public double[] thresholds(double[] windowsAWeek) {
        double[] thresholds = new double[windowsAWeek.length];
        for (int s = 0; s < thresholds.length; s++) {
            thresholds[s] = windowsAWeek[s] * thresholds.length / aWeek;
        }
        return thresholds;
    }

    /** The threshold c of a series of a grain that is one of so many. */
    public double threshold(Grain grain, int series) {
        double windowsAWeek = 7 / Vigilance.days(grain);
        return thresholds(new double[] {windowsAWeek})[0] * series;
    }
}
