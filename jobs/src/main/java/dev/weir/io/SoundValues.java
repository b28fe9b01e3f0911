package dev.weir.io;

import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes values such as PostgreSQL can hold; rows are keyed by sound keys, so that two rows that become alike share one.
 *
 * <p>NUL and half surrogates become U+FFFD. What has no like (NaN, infinity, money beyond 16 digits, times outside the years
 * 1 to 9999) becomes NULL, and in a key the nearest time. All else the warehouse judges itself.
 */
final class SoundValues {
    private static final char REPLACEMENT = '\uFFFD';
    private static final String REPLACEMENT_ESCAPE = "\\ufffd";
    private static final int MONEY_DIGITS = 16;
    private static final int MONEY_SCALE = 4;
    private static final Pattern STRANGE_INSTANT = Pattern.compile("\"(?:[+-]|0000)[^\"]*\"");

    private SoundValues() {}

    /** The same row when nothing had to change. */
    static Row of(Row row, Table table) {
        return of(row, table, row.values().length);
    }

    /** The key that the sound row has, without the work of making all of it sound. */
    static String key(Row row, Table table) {
        return of(row, table, table.keys().size()).key(table);
    }

    private static Row of(Row row, Table table, int upTo) {
        List<Column> columns = table.columns();
        if (row.values().length != columns.size()) {
            throw new IllegalArgumentException("a row of " + table.name() + " has " + row.values().length
                    + " values for " + columns.size() + " columns");
        }
        @Nullable String[] values = row.values();
        boolean copied = false;
        for (int i = 0; i < upTo; i++) {
            String value = values[i];
            if (value == null) {
                continue;
            }
            String sound = value(value, columns.get(i).type(), i < table.keys().size());
            if (!value.equals(sound)) {
                if (!copied) {
                    values = values.clone();
                    copied = true;
                }
                values[i] = sound;
            }
        }
        return copied ? new Row(row.table(), values, row.definition(), row.deleted(), row.asOfMillis()) : row;
    }

    static @Nullable String value(String value, Column.Type type, boolean isKey) {
        return switch (type) {
            case TEXT -> text(value);
            case JSON -> json(text(value));
            case DOUBLE -> value.endsWith("NaN") || value.endsWith("Infinity") ? null : value;
            case MONEY -> money(value);
            case TIMESTAMP -> time(value, isKey, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z");
            case DATE -> time(value, isKey, "0001-01-01", "9999-12-31");
            case TIMESTAMPS -> STRANGE_INSTANT.matcher(value).replaceAll("null");
            case BIGINT, BOOLEAN, BYTES -> value;
        };
    }

    private static String text(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean unsound = c == 0;
            if (Character.isHighSurrogate(c)) {
                if (i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    unsound = true;
                }
            } else if (Character.isLowSurrogate(c)) {
                unsound = true;
            }
            if (unsound) {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, REPLACEMENT);
            }
        }
        return mended == null ? text : mended.toString();
    }

    /** jsonb refuses the escapes of what text refuses. */
    private static String json(String json) {
        if (!json.contains("\\u")) {
            return json;
        }
        StringBuilder mended = new StringBuilder(json.length());
        int i = 0;
        while (i < json.length()) {
            int unit = escape(json, i);
            if (unit < 0) {
                int length = json.charAt(i) == '\\' && i + 1 < json.length() ? 2 : 1;
                mended.append(json, i, i + length);
                i += length;
            } else if (Character.isHighSurrogate((char) unit) && isLowEscape(json, i + 6)) {
                mended.append(json, i, i + 12);
                i += 12;
            } else {
                mended.append(
                        unit == 0 || Character.isSurrogate((char) unit)
                                ? REPLACEMENT_ESCAPE
                                : json.substring(i, i + 6));
                i += 6;
            }
        }
        return mended.toString();
    }

    private static boolean isLowEscape(String json, int at) {
        int unit = escape(json, at);
        return unit >= 0 && Character.isLowSurrogate((char) unit);
    }

    /** The code unit of the escape that starts here, or -1. */
    private static int escape(String json, int at) {
        if (at + 6 > json.length() || json.charAt(at) != '\\' || json.charAt(at + 1) != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = Character.digit(json.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit * 16 + digit;
        }
        return unit;
    }

    private static @Nullable String money(String money) {
        if (money.endsWith("NaN") || money.endsWith("Infinity")) {
            return null;
        }
        if (money.length() <= MONEY_DIGITS && money.indexOf('E') < 0 && money.indexOf('e') < 0) {
            return money;
        }
        BigDecimal amount;
        try {
            amount = new BigDecimal(money);
        } catch (NumberFormatException notANumber) {
            return money;
        }
        long wholeDigits = (long) amount.precision() - amount.scale();
        if (wholeDigits > MONEY_DIGITS) {
            return null;
        }
        if (wholeDigits < -MONEY_SCALE) {
            return "0";
        }
        BigDecimal rounded = amount.setScale(MONEY_SCALE, RoundingMode.HALF_UP);
        return rounded.precision() - MONEY_SCALE > MONEY_DIGITS ? null : rounded.toPlainString();
    }

    private static @Nullable String time(String time, boolean isKey, String first, String last) {
        if (time.startsWith("+")) {
            return isKey ? last : null;
        }
        if (time.startsWith("-") || time.startsWith("0000")) {
            return isKey ? first : null;
        }
        return time;
    }
}
