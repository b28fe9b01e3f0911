package dev.weir.io.csv;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file (RFC 4180), each with the line it begins on. Total: any text gives rows, of which some have a fault,
 * and after a quote that nobody closes it goes on with the next line. The libraries looked at stop there, and their line
 * numbers are those of their read-ahead, so this is written by hand.
 */
final class CsvRows {
    /** A longer row is a fault, and so is a quote open for longer. */
    static final int ROW_LIMIT = 1 << 16;

    private final Reader in;
    private final char delimiter;
    private final Deque<String> putBack = new ArrayDeque<>();
    private long line;
    private int ahead = -2;

    /** @param in is read in small steps and should be buffered */
    CsvRows(Reader in, char delimiter) {
        this.in = in;
        this.delimiter = delimiter;
    }

    /**
     * One row.
     *
     * @param line the line of the file on which it begins, from 1
     * @param fault why it cannot be read; null when it can
     */
    record Row(long line, List<String> cells, @Nullable String fault) {}

    /** The next row that is not an empty line; null at the end. */
    @Nullable Row next() throws IOException {
        String first = nextLine();
        while (first != null && first.isEmpty()) {
            first = nextLine();
        }
        if (first == null) {
            return null;
        }
        long begin = line;
        if (first.length() > ROW_LIMIT) {
            return new Row(begin, List.of(), "the row is longer than " + ROW_LIMIT + " characters");
        }
        List<String> cells = new ArrayList<>();
        String fault = split(first, cells);
        StringBuilder text = new StringBuilder(first);
        List<String> taken = new ArrayList<>();
        while (OPEN.equals(fault)) {
            String more = text.length() > ROW_LIMIT ? null : nextLine();
            if (more == null) {
                giveBack(taken);
                return new Row(begin, List.of(), "a quote is opened and not closed");
            }
            taken.add(more);
            text.append('\n').append(more);
            fault = closes(more) ? split(text.toString(), cells) : OPEN;
        }
        return new Row(begin, cells, fault);
    }

    private static final String OPEN = "open";

    private static boolean closes(String more) {
        return more.indexOf('"') >= 0;
    }

    private void giveBack(List<String> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            putBack.addFirst(taken.get(i));
        }
        line -= taken.size();
    }

    /** Null when the text is a row, {@link #OPEN} when it ends within quotes, else what is wrong. */
    private @Nullable String split(String text, List<String> cells) {
        cells.clear();
        int i = 0;
        while (true) {
            StringBuilder cell = new StringBuilder();
            if (i < text.length() && text.charAt(i) == '"') {
                i++;
                while (true) {
                    if (i >= text.length()) {
                        return OPEN;
                    }
                    char c = text.charAt(i++);
                    if (c != '"') {
                        cell.append(c);
                    } else if (i < text.length() && text.charAt(i) == '"') {
                        cell.append('"');
                        i++;
                    } else {
                        break;
                    }
                }
                if (i < text.length() && text.charAt(i) != delimiter) {
                    return "text follows the closing quote of cell " + (cells.size() + 1);
                }
            } else {
                int end = text.indexOf(delimiter, i);
                cell.append(text, i, end < 0 ? text.length() : end);
                i = end < 0 ? text.length() : end;
            }
            cells.add(cell.toString());
            if (i >= text.length()) {
                return null;
            }
            i++;
        }
    }

    private @Nullable String nextLine() throws IOException {
        String again = putBack.pollFirst();
        String next = again != null ? again : read();
        if (next != null) {
            line++;
        }
        return next;
    }

    /** One line; of a line beyond the limit just enough is kept to see that it is too long. */
    private @Nullable String read() throws IOException {
        int c = ahead == -2 ? in.read() : ahead;
        ahead = -2;
        if (c < 0) {
            ahead = -1;
            return null;
        }
        StringBuilder text = new StringBuilder();
        while (c >= 0 && c != '\n' && c != '\r') {
            if (text.length() <= ROW_LIMIT) {
                text.append((char) c);
            }
            c = in.read();
        }
        if (c == '\r') {
            c = in.read();
            ahead = c == '\n' ? -2 : c;
        } else if (c < 0) {
            ahead = -1;
        }
        return text.toString();
    }
}
