package dev.weir.stats;

/**
 * How much of all conversions would be missing without each state of an order-1 Markov chain.
 *
 * <p>Paths go from a start through states to a conversion or to nothing. From how often each state was followed by each
 * other, the chance p that a path converts follows; without state c, whoever would have come to c is lost, and the chance is
 * p(c). The removal effect of c is 1 - p(c) / p. A state that follows itself changes nothing and need not be counted.
 *
 * <p>Source: Anderl, Becker, von Wangenheim, Schumann, Mapping the customer journey, IJRM 33 (2016). Observational: it says
 * what the paths looked like, not what an advertisement caused. Cost: n + 1 systems of n equations.
 */
public final class RemovalEffect {
    private RemovalEffect() {}

    /**
     * The removal effect of each state.
     *
     * @param starts how many paths begin with each state
     * @param follows how often state i was followed by state j
     * @param converts how often each state was followed by a conversion
     * @param ends how often each state was the last of a path that did not convert
     * @return from 0 to 1 each; all 0 when nothing converts
     */
    public static double[] of(long[] starts, long[][] follows, long[] converts, long[] ends) {
        int n = starts.length;
        double[] effects = new double[n];
        double all = conversion(starts, follows, converts, ends, -1);
        for (int c = 0; all > 0 && c < n; c++) {
            effects[c] = 1 - conversion(starts, follows, converts, ends, c) / all;
        }
        return effects;
    }

    /** The chance that a path converts when one state leads nowhere. */
    static double conversion(long[] starts, long[][] follows, long[] converts, long[] ends, int without) {
        int n = starts.length;
        // x = P x + b: x_i is the chance from state i on.
        double[][] system = new double[n][n + 1];
        double begun = 0;
        for (int i = 0; i < n; i++) {
            begun += starts[i];
            system[i][i] = 1;
            double leaves = converts[i] + ends[i];
            for (int j = 0; j < n; j++) {
                leaves += j == i ? 0 : follows[i][j];
            }
            if (i != without && leaves > 0) {
                for (int j = 0; j < n; j++) {
                    system[i][j] -= j == i ? 0 : follows[i][j] / leaves;
                }
                system[i][n] = converts[i] / leaves;
            }
        }
        double[] chance = solve(system);
        double p = 0;
        for (int i = 0; begun > 0 && i < n; i++) {
            p += starts[i] / begun * chance[i];
        }
        return p;
    }

    /** Gauss with the greatest pivot; a state from which no path ever ends has the chance 0. */
    private static double[] solve(double[][] system) {
        int n = system.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                pivot = Math.abs(system[row][column]) > Math.abs(system[pivot][column]) ? row : pivot;
            }
            double[] swapped = system[column];
            system[column] = system[pivot];
            system[pivot] = swapped;
            if (Math.abs(system[column][column]) < 1e-12) {
                continue;
            }
            for (int row = 0; row < n; row++) {
                double factor = row == column ? 0 : system[row][column] / system[column][column];
                for (int j = column; factor != 0 && j <= n; j++) {
                    system[row][j] -= factor * system[column][j];
                }
            }
        }
        double[] solution = new double[n];
        for (int i = 0; i < n; i++) {
            solution[i] = Math.abs(system[i][i]) < 1e-12 ? 0 : system[i][n] / system[i][i];
        }
        return solution;
    }
}
