package dev.weir.cycletime;

import org.jspecify.annotations.Nullable;

/** How much money a pipeline turns into wins a day. */
final class Velocity {
    private Velocity() {}

    /**
     * Open deals times the win rate times the mean amount of a won deal, by the days a deal takes: 100 deals, of which a
     * quarter is won at 50,000 after 60 days, are 20,833 a day.
     *
     * @param open deals that are open
     * @param winRate share of the closed that is won, 0 to 1
     * @param meanWon mean amount of a won deal, in the currency of the answer
     * @param meanDays mean time from creation to close in days, those still open counted; above 0
     * @return null where one of them is not known
     */
    static @Nullable Double perDay(
            double open, @Nullable Double winRate, @Nullable Double meanWon, @Nullable Double meanDays) {
        return winRate == null || meanWon == null || meanDays == null || meanDays <= 0
                ? null
                : Double.valueOf(open * winRate * meanWon / meanDays);
    }
}
