package dev.weir.conversion;

import dev.weir.playbook.Attribution.Model;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How much each touch of one won deal weighs, by each model that looks at one deal at a time.
 *
 * <p>The Shapley value is one of them: when a coalition of channels is worth the revenue of the deals that its channels alone
 * could have won, those whose touches are all of the coalition, then the game is a sum of one game a deal, in each of which
 * all channels of the deal are needed, and so share it evenly. So no coalition need be counted, any number of channels is
 * exact, and a correction to one deal moves that deal's credit only. Source: Zhao, Mahboobi, Bagheri, Shapley value methods
 * for attribution modeling in online advertising, arXiv 1804.05327 (2018).
 */
final class Credits {
    private Credits() {}

    /**
     * The weights of touches.
     *
     * @param model any but {@link Model#MARKOV}
     * @param touches in order of time, at least one
     * @param halfLifeMillis of time decay
     */
    static double[] weights(Model model, List<Touch> touches, long halfLifeMillis) {
        int n = touches.size();
        double[] weights = new double[n];
        switch (model) {
            case FIRST -> weights[0] = 1;
            case LAST -> weights[n - 1] = 1;
            case LINEAR -> Arrays.fill(weights, 1);
            case POSITION -> {
                // 40 %, 20 % shared, 40 %.
                Arrays.fill(weights, n > 2 ? 0.2 / (n - 2) : 0);
                weights[0] = 0.4;
                weights[n - 1] = 0.4;
            }
            case TIME_DECAY -> {
                // From the last touch on, so that old ones do not all vanish.
                long last = touches.get(n - 1).at();
                for (int i = 0; i < n; i++) {
                    weights[i] = StrictMath.pow(2, (double) (touches.get(i).at() - last) / halfLifeMillis);
                }
            }
            case SHAPLEY -> {
                Map<String, Integer> touchesOf = new HashMap<>();
                touches.forEach(touch -> touchesOf.merge(channel(touch), 1, Integer::sum));
                for (int i = 0; i < n; i++) {
                    weights[i] = 1.0 / touchesOf.getOrDefault(channel(touches.get(i)), 1);
                }
            }
            case MARKOV -> throw new IllegalArgumentException("Markov weighs all paths of a window, not one");
        }
        return weights;
    }

    private static String channel(Touch touch) {
        return Objects.requireNonNullElse(touch.channel(), "");
    }
}
