package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What came from outside, so that no terminal takes it for a command. */
final class Printable {
    private static final int WIDTH = 16;

    private Printable() {}

    /** The text with everything that is not to be seen written as an escape. */
    static String text(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> safe.append(String.format(Locale.ROOT, "\\u{%x}", c));
                default -> safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    /**
     * Bytes as lines of offset, hexadecimal digits and the ASCII that they may be.
     *
     * @param limit how many bytes at most; a last line says how many more there are
     */
    static List<String> dump(byte[] bytes, int limit) {
        List<String> lines = new ArrayList<>();
        int shown = Math.min(bytes.length, limit);
        for (int from = 0; from < shown; from += WIDTH) {
            StringBuilder digits = new StringBuilder();
            StringBuilder letters = new StringBuilder();
            for (int i = from; i < Math.min(from + WIDTH, shown); i++) {
                digits.append(String.format(Locale.ROOT, "%02x ", bytes[i]));
                letters.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
            }
            lines.add(String.format(Locale.ROOT, "%08x  %-48s %s", from, digits, letters));
        }
        if (bytes.length > shown) {
            lines.add(String.format(Locale.ROOT, "… %,d more bytes", bytes.length - shown));
        }
        return lines;
    }
}
