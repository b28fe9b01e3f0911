package dev.weir.cli.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines with the time since the start before them; on a terminal also one line at the bottom that moves. */
final class Screen {
    private static final int BAR = 30;
    /** How often progress is told: by moving a line, or by adding one. */
    private static final long MOVE_NANOS = 100_000_000L;

    private static final long ADD_NANOS = 10_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    private final long started = System.nanoTime();
    private int steps;
    private long drawn = started;
    private boolean moving;
    private boolean silent;

    Screen(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether somebody sees lines that move. */
    @SuppressWarnings("SystemConsoleNull") // without a terminal later Javas answer too, and then lines are as good
    static boolean onTerminal() {
        String kind = System.getenv("TERM");
        return System.console() != null && kind != null && !kind.equals("dumb");
    }

    double seconds() {
        return (System.nanoTime() - started) / 1e9;
    }

    synchronized void step(String words) {
        steps++;
        line(String.format(Locale.ROOT, "[%5.1f s] %d. %s", seconds(), steps, words));
    }

    /** Something about the step before. */
    synchronized void say(String words) {
        line(String.format(Locale.ROOT, "[%5.1f s]    %s", seconds(), words));
    }

    /** A line as it is. */
    synchronized void line(String words) {
        if (silent) {
            return;
        }
        still();
        out.println(words);
        out.flush();
    }

    /** How far it is, 0 to 1, and what that means. */
    synchronized void progress(double share, String words) {
        long now = System.nanoTime();
        if (silent || now - drawn < (terminal ? MOVE_NANOS : ADD_NANOS)) {
            return;
        }
        drawn = now;
        if (!terminal) {
            say(String.format(Locale.ROOT, "%.0f %%, %s", 100 * share, words));
            return;
        }
        int full = (int) Math.round(BAR * Math.max(0, Math.min(1, share)));
        out.print(String.format(
                Locale.ROOT,
                "\r[%5.1f s]    %s%s %3.0f %%  %s\u001b[K",
                seconds(),
                "█".repeat(full),
                "░".repeat(BAR - full),
                100 * share,
                words));
        out.flush();
        moving = true;
    }

    /** Says nothing any more: what now goes wrong goes wrong because all of it is being stopped. */
    synchronized void stop(String lastWords) {
        line(lastWords);
        silent = true;
    }

    private void still() {
        if (moving) {
            out.print("\r\u001b[K");
            moving = false;
        }
    }

    /** Rows under their heads; the first column to the left, figures to the right. */
    void table(List<String> heads, List<List<String>> rows, int textColumns) {
        List<List<String>> all = new ArrayList<>(List.of(heads));
        all.addAll(rows);
        int[] widths = new int[heads.size()];
        for (List<String> row : all) {
            for (int c = 0; c < widths.length; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        for (List<String> row : all) {
            StringBuilder text = new StringBuilder("  ");
            for (int c = 0; c < widths.length; c++) {
                String cell = row.get(c);
                String space = " ".repeat(widths[c] - cell.length());
                text.append("  ").append(c < textColumns ? cell + space : space + cell);
            }
            line(text.toString().stripTrailing());
        }
    }
}
