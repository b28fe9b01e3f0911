package dev.weir.io;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A playbook that cannot be used: everything wrong with it at once, in the order of the file. */
public final class PlaybookProblems extends RuntimeException {
    /** Most problems told at once. */
    public static final int MAX_PROBLEMS = 20;

    private static final long serialVersionUID = 1;
    private final transient List<Problem> problems;

    PlaybookProblems(List<Problem> found) {
        super(text(found));
        problems = sorted(found);
    }

    /** At most {@link #MAX_PROBLEMS}, at least one. */
    public List<Problem> problems() {
        return problems;
    }

    private static String text(List<Problem> found) {
        String lines = sorted(found).stream().map(Problem::toString).collect(Collectors.joining("\n"));
        int more = distinct(found).size() - MAX_PROBLEMS;
        return more > 0 ? lines + "\n… and " + more + " more" : lines;
    }

    private static List<Problem> sorted(List<Problem> found) {
        return distinct(found).stream()
                .sorted(Comparator.comparing(Problem::file)
                        .thenComparing(Problem::line)
                        .thenComparing(Problem::column)
                        .thenComparing(Problem::message))
                .limit(MAX_PROBLEMS)
                .toList();
    }

    private static List<Problem> distinct(List<Problem> found) {
        return new ArrayList<>(found).stream().distinct().toList();
    }

    /** One thing that is wrong, where, and the mend; line and column count from 1. */
    public record Problem(String file, int line, int column, String message) {
        @Override
        public String toString() {
            return file + ":" + line + ":" + column + ": " + message;
        }
    }
}
