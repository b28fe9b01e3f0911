package dev.weir.playbook;

import java.time.DateTimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long, as people write it. */
public final class Durations {
    /** The longest that is accepted. */
    public static final Duration MOST = Duration.ofDays(3660);

    private Durations() {}

    /** {@code 10d, 36h, 30m, 90s} or ISO-8601; null when it is neither. */
    public static @Nullable Duration parse(String said) {
        try {
            if (said.startsWith("P")) {
                return Duration.parse(said);
            }
            long count = Long.parseLong(said.substring(0, Math.max(0, said.length() - 1)));
            return switch (said.charAt(said.length() - 1)) {
                case 'd' -> Duration.ofDays(count);
                case 'h' -> Duration.ofHours(count);
                case 'm' -> Duration.ofMinutes(count);
                case 's' -> Duration.ofSeconds(count);
                default -> null;
            };
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            return null;
        }
    }

    /** Whether it is longer than nothing and no longer than {@link #MOST}. */
    public static boolean isSound(Duration duration) {
        return !duration.isNegative() && !duration.isZero() && duration.compareTo(MOST) <= 0;
    }
}
