package dev.weir.stats;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Shares out a whole number by weights so that the parts are whole and sum to it exactly.
 *
 * <p>Each part is first its quota rounded down; what is left goes, one each, to the parts with the largest remainders, among
 * equals to the first. No part is ever a whole unit away from its quota.
 *
 * <p>Source: the largest-remainder method of Hamilton; Balinski, Young, Fair Representation (1982). Weights are taken to nine
 * digits of the greatest, then all is integer arithmetic, so the same weights give the same parts everywhere.
 */
public final class Apportionment {
    private static final double SCALE = 1L << 30;

    private Apportionment() {}

    /**
     * The parts of a total.
     *
     * @param total any, also negative
     * @param weights none negative; when all are zero they count as equal; at least one
     */
    public static long[] split(long total, double[] weights) {
        int n = weights.length;
        double greatest = Arrays.stream(weights).max().orElse(0);
        BigInteger[] whole = new BigInteger[n];
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < n; i++) {
            whole[i] = BigInteger.valueOf(greatest > 0 ? Math.round(weights[i] / greatest * SCALE) : 1);
            sum = sum.add(whole[i]);
        }
        BigInteger size = BigInteger.valueOf(total).abs();
        long[] parts = new long[n];
        BigInteger[] remainders = new BigInteger[n];
        long left = size.longValueExact();
        for (int i = 0; i < n; i++) {
            BigInteger[] quota = size.multiply(whole[i]).divideAndRemainder(sum);
            parts[i] = quota[0].longValueExact();
            remainders[i] = quota[1];
            left -= parts[i];
        }
        int[] byRemainder = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> remainders[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < left; i++) {
            parts[byRemainder[i]]++;
        }
        if (total < 0) {
            Arrays.setAll(parts, i -> -parts[i]);
        }
        return parts;
    }
}
