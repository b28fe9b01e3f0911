package dev.weir.relay;

import dev.weir.io.PlaybookProblems.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A file of receivers that cannot be used: one {@code file:line:column: what is wrong, and the mend} a line. */
public final class BadReceivers extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadReceivers(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
}
