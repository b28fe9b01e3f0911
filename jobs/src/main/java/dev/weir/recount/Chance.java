package dev.weir.recount;

import java.math.BigInteger;

/** How often chance alone does as much, by counting all that it may do. */
final class Chance {
    private Chance() {}

    /** The exact two-sided binomial test of one number against another when both are as likely. */
    static double ofTwoAlike(long one, long other) {
        int all = Math.toIntExact(one + other);
        BigInteger ways = BigInteger.ONE;
        BigInteger asFar = BigInteger.ZERO;
        for (int k = 0; k <= all; k++) {
            if (Math.abs(2L * k - all) >= Math.abs(one - other)) {
                asFar = asFar.add(ways);
            }
            ways = ways.multiply(BigInteger.valueOf(all - k)).divide(BigInteger.valueOf(k + 1L));
        }
        return asFar.doubleValue() / BigInteger.TWO.pow(all).doubleValue();
    }
}
