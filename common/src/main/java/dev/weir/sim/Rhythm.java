package dev.weir.sim;

/** When things happen: busy weekdays, quiet weekends, more by day than by night; the same every week. */
final class Rhythm {
    static final long HOUR = 3_600_000L;
    static final long DAY = 24 * HOUR;

    /** Monday to Sunday, one on average. */
    private static final double[] WEEKDAYS = {1.24, 1.30, 1.28, 1.24, 1.14, 0.42, 0.38};

    /** Share of a day's visits by hour, as a staircase that ends at one. */
    private static final double[] VISITS_BY_HOUR = {
        0.012, 0.020, 0.026, 0.032, 0.040, 0.054, 0.078, 0.115, 0.170, 0.240, 0.312, 0.380, 0.440, 0.504, 0.572, 0.640,
        0.704, 0.760, 0.808, 0.854, 0.898, 0.940, 0.974, 1.0
    };

    private Rhythm() {}

    static double weekday(long millis) {
        return WEEKDAYS[(int) Math.floorMod(Math.floorDiv(millis, DAY) + 3, 7L)];
    }

    /** Speed of people at work: most of it between eight and eighteen. */
    static double work(long millis) {
        long hour = Math.floorMod(millis, DAY) / HOUR;
        return weekday(millis) * (hour >= 8 && hour < 18 ? 2.16 : 2.4 / 14);
    }

    /** An instant of the day that begins at {@code day}, drawn as visits are spread. */
    static long visit(long day, Dice dice) {
        double u = dice.uniform();
        int hour = 0;
        while (VISITS_BY_HOUR[hour] <= u) {
            hour++;
        }
        double before = hour == 0 ? 0 : VISITS_BY_HOUR[hour - 1];
        return day + hour * HOUR + (long) (HOUR * ((u - before) / (VISITS_BY_HOUR[hour] - before)));
    }

    /** An instant within the working hours of the day that begins at {@code day}. */
    static long working(long day, Dice dice) {
        return day + (long) (dice.between(8, 18) * HOUR);
    }
}
