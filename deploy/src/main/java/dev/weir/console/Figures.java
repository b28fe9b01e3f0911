package dev.weir.console;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them, the same in every locale. What is not known is a dash, never a nought. */
public final class Figures {
    /** Stands where there is no number. */
    public static final String NONE = "–";

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final long MINUTE_SECONDS = 60;
    private static final long HOUR_SECONDS = 3_600;
    private static final long DAY_SECONDS = 86_400;

    private Figures() {}

    /** 12345 as 12,345. */
    public static String count(@Nullable Number count) {
        return count == null ? NONE : String.format(Locale.ROOT, "%,d", Math.round(count.doubleValue()));
    }

    /** 0.0423 as 4.2 %: one decimal, two below one in a hundred, so that small rates can still be told apart. */
    public static String percent(@Nullable Double share) {
        if (share == null) {
            return NONE;
        }
        double percent = 100 * share;
        return decimal(percent, percent != 0 && Math.abs(percent) < 1 ? 2 : 1) + " %";
    }

    /** A change of a share, 0.013 as +1.3 points. */
    public static String points(@Nullable Double change) {
        if (change == null) {
            return NONE;
        }
        String size = decimal(100 * change, Math.abs(change) < 0.01 ? 2 : 1);
        return (change > 0 ? "+" : "") + size + " points";
    }

    /** An interval of shares: 3.1 to 5.6 %. */
    public static String interval(@Nullable Double low, @Nullable Double high) {
        if (low == null || high == null) {
            return NONE;
        }
        String from = percent(low);
        return from.substring(0, from.length() - 2) + " to " + percent(high);
    }

    /** A number with so many decimals; a minus is a minus sign. */
    public static String decimal(@Nullable Double number, int decimals) {
        if (number == null) {
            return NONE;
        }
        BigDecimal rounded = BigDecimal.valueOf(number).setScale(decimals, RoundingMode.HALF_EVEN);
        return String.format(Locale.ROOT, "%,." + decimals + "f", rounded).replace('-', '−');
    }

    /** A length of time in the unit in which it is short: 45 s, 12 min, 5.2 h, 3.4 d. */
    public static String duration(@Nullable Double seconds) {
        if (seconds == null) {
            return NONE;
        } else if (seconds == 0) {
            return "0";
        } else if (Math.abs(seconds) < 2 * MINUTE_SECONDS) {
            return decimal(seconds, 0) + " s";
        } else if (Math.abs(seconds) < 2 * HOUR_SECONDS) {
            return decimal(seconds / MINUTE_SECONDS, 0) + " min";
        } else if (Math.abs(seconds) < 2 * DAY_SECONDS) {
            return decimal(seconds / HOUR_SECONDS, 1) + " h";
        }
        return days(seconds / DAY_SECONDS);
    }

    /** Days, with a decimal below a hundred. */
    public static String days(@Nullable Double days) {
        return days == null ? NONE : decimal(days, Math.abs(days) < 100 ? 1 : 0) + " d";
    }

    /** Money without its smallest parts: 950, 12,300, 1.24 M. */
    public static String money(@Nullable BigDecimal amount) {
        if (amount == null) {
            return NONE;
        }
        double value = amount.doubleValue();
        return Math.abs(value) < 1_000_000 ? decimal(value, 0) : decimal(value / 1_000_000, 2) + " M";
    }

    /** What a reader must know of thin evidence, in words; empty where there is enough. */
    public static String caution(@Nullable String evidence) {
        if (evidence == null) {
            return "";
        }
        return switch (evidence) {
            case "none" -> "no cases yet";
            case "thin" -> "few cases: read the interval, not the number";
            default -> "";
        };
    }

    /** How much of a window can be judged already, in words; empty once all can. */
    public static String maturity(@Nullable Double share) {
        return share == null || share >= 1 ? "" : percent(share) + " matured, may still move";
    }

    /** A time to the minute in UTC. */
    public static String time(@Nullable Instant time) {
        return time == null ? NONE : MINUTE.format(time) + " UTC";
    }

    /** A day. */
    public static String day(@Nullable LocalDate day) {
        return day == null ? NONE : day.toString();
    }

    /** How long ago, roughly: 5 min, 3.0 h, 12.0 d. */
    public static String ago(Instant then, Instant now) {
        return duration((double) Math.max(0, Duration.between(then, now).toSeconds()));
    }

    /** Text of at most so many characters, the rest told by how much it is. */
    public static String cut(@Nullable String text, int limit) {
        if (text == null || text.isEmpty()) {
            return NONE;
        }
        int length = text.codePointCount(0, text.length());
        return length <= limit
                ? text
                : text.substring(0, text.offsetByCodePoints(0, limit)) + "… (" + count(length) + " characters)";
    }
}
