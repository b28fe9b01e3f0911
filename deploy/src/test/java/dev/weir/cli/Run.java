package dev.weir.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** The command as a user runs it: its exit code, and what it said on both streams. */
public record Run(int exit, String said) {
    public static Run run(String... words) {
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said, true);
        CommandLine line = Weir.commandLine().setOut(to).setErr(to);
        int exit = line.execute(words);
        to.flush();
        return new Run(exit, said.toString());
    }
}
