package dev.weir.io.csv;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * How a file writes its times: {@code iso} (a date, a date and time, or these with an offset), {@code epoch_seconds},
 * {@code epoch_millis}, or a pattern of {@link DateTimeFormatter}. A time without an offset is local in the zone, a date is its
 * midnight there.
 *
 * @param format as the mapping has it
 * @param zone of times that do not name one
 * @param parser of everything but epochs
 */
record TimeFormat(String format, ZoneId zone, DateTimeFormatter parser) {
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .appendValue(ChronoField.YEAR, 4, 4, SignStyle.NEVER)
            .appendPattern("-MM-dd['T'HH:mm[:ss]][ HH:mm[:ss]]")
            .optionalStart()
            .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
            .optionalEnd()
            .appendPattern("[XXX][XX][X]")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    /** @throws IllegalArgumentException if the pattern or the zone is none */
    static TimeFormat of(String format, String zone) {
        ZoneId where;
        try {
            where = ZoneId.of(zone);
        } catch (DateTimeException notOne) {
            throw new IllegalArgumentException(
                    "no such time zone: '" + zone + "'; write it as Europe/Berlin or UTC", notOne);
        }
        return switch (format) {
            case "iso", "epoch_seconds", "epoch_millis" -> new TimeFormat(format, where, ISO);
            default ->
                new TimeFormat(
                        format,
                        where,
                        new DateTimeFormatterBuilder()
                                .parseCaseInsensitive()
                                .appendPattern(prolepticYear(format))
                                .toFormatter(Locale.ENGLISH)
                                .withResolverStyle(ResolverStyle.STRICT));
        };
    }

    /**
     * The instant, kept to the millisecond.
     *
     * @throws DateTimeException if the text is none
     */
    Instant instant(String text) {
        Instant exact =
                switch (format) {
                    case "epoch_seconds" -> Instant.ofEpochSecond(number(text));
                    case "epoch_millis" -> Instant.ofEpochMilli(number(text));
                    default ->
                        instantOf(parser.parseBest(
                                text, OffsetDateTime::from, ZonedDateTime::from, LocalDateTime::from, LocalDate::from));
                };
        int year = exact.atZone(ZoneOffset.UTC).getYear();
        if (year < 1 || year > 9999) {
            throw new DateTimeException("beyond the years 1 to 9999");
        }
        return Instant.ofEpochMilli(exact.toEpochMilli());
    }

    /**
     * The local date.
     *
     * @throws DateTimeException if the text is none
     */
    LocalDate date(String text) {
        return instant(text).atZone(zone).toLocalDate();
    }

    private Instant instantOf(TemporalAccessor parsed) {
        if (parsed instanceof OffsetDateTime offset) {
            return offset.toInstant();
        }
        if (parsed instanceof ZonedDateTime zoned) {
            return zoned.toInstant();
        }
        if (parsed instanceof LocalDateTime local) {
            return local.atZone(zone).toInstant();
        }
        return LocalDate.from(parsed).atTime(LocalTime.MIDNIGHT).atZone(zone).toInstant();
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notOne) {
            throw new DateTimeException("not a whole number", notOne);
        }
    }

    /** Strict parsing wants 'u' for the year where everybody writes 'y'. */
    private static String prolepticYear(String pattern) {
        StringBuilder with = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            quoted ^= c == '\'';
            with.append(c == 'y' && !quoted ? 'u' : c);
        }
        return with.toString();
    }
}
