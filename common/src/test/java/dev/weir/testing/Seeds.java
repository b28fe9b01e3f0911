package dev.weir.testing;

import java.util.Random;

/** Holds a law over 1,000 seeded draws; the first that breaks it is named, and {@code -Dseed=} replays just that one. */
public final class Seeds {
    private static final int COUNT = 1_000;

    private Seeds() {}

    /** A law, tried with one source of random numbers. */
    @FunctionalInterface
    public interface Law {
        void hold(Random random) throws Exception;
    }

    public static void hold(Law law) {
        hold(COUNT, law);
    }

    /** For laws that are dear: fewer seeds. */
    public static void hold(int count, Law law) {
        Long only = Long.getLong("seed");
        long first = only == null ? 1 : only;
        long last = only == null ? count : only;
        for (long seed = first; seed <= last; seed++) {
            try {
                law.hold(new Random(seed));
            } catch (Exception | AssertionError broken) {
                throw new AssertionError(
                        "seed " + seed + " breaks the law (replay with -Dseed=" + seed + "): " + broken.getMessage(),
                        broken);
            }
        }
    }
}
