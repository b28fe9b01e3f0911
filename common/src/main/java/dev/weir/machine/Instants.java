package dev.weir.machine;

import java.time.Instant;

/** Instants as texts, the same as {@link Instant#toString} and several times as fast: rows are full of them. */
final class Instants {
    private static final long DAY = 86_400_000L;
    private static final long FIRST = Instant.parse("0000-03-01T00:00:00Z").toEpochMilli();
    private static final long END = Instant.parse("+10000-01-01T00:00:00Z").toEpochMilli();

    private Instants() {}

    static String text(long epochMillis) {
        if (epochMillis < FIRST || epochMillis >= END) {
            return Instant.ofEpochMilli(epochMillis).toString();
        }
        int rest = (int) Math.floorMod(epochMillis, DAY);
        int millis = rest % 1000;
        int seconds = rest / 1000;
        char[] text = new char[millis == 0 ? 20 : 24];
        date(Math.floorDiv(epochMillis, DAY), text);
        text[10] = 'T';
        two(seconds / 3600, text, 11);
        text[13] = ':';
        two(seconds / 60 % 60, text, 14);
        text[16] = ':';
        two(seconds % 60, text, 17);
        if (millis != 0) {
            text[19] = '.';
            text[20] = (char) ('0' + millis / 100);
            two(millis % 100, text, 21);
        }
        text[text.length - 1] = 'Z';
        return new String(text);
    }

    /** The civil date of a day since the epoch; years are taken to begin in March, so that the leap day is the last. */
    private static void date(long epochDay, char[] text) {
        int days = (int) (epochDay + 719_468); // since 0000-03-01
        int era = days / 146_097; // of 400 years
        int ofEra = days % 146_097;
        int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * ofYear + 2) / 153;
        int month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        int year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        two(year / 100, text, 0);
        two(year % 100, text, 2);
        text[4] = '-';
        two(month, text, 5);
        text[7] = '-';
        two(ofYear - (153 * fromMarch + 2) / 5 + 1, text, 8);
    }

    private static void two(int number, char[] text, int at) {
        text[at] = (char) ('0' + number / 10);
        text[at + 1] = (char) ('0' + number % 10);
    }
}
