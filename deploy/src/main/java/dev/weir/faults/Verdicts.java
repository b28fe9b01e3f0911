package dev.weir.faults;

import dev.weir.local.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The verdicts of all runs, a line each, and the table that is made of them. */
final class Verdicts {
    private static final String FROM = "<!-- faults: written by scripts/faults -->";
    private static final String TO = "<!-- faults: end -->";

    private Verdicts() {}

    /** Adds a verdict, and writes the table anew. */
    static void add(Verdict verdict, Map<String, Fault> known) throws IOException {
        Path file = Home.project().resolve("deploy/faults.txt");
        Files.writeString(
                file,
                verdict.fault().row() + " " + verdict.seed() + " "
                        + (verdict.broken().isEmpty() ? "survived" : "broken") + " " + verdict.seconds() + " "
                        + verdict.caughtUp() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Path readme = Home.project().resolve("deploy/README.md");
        String text = Files.readString(readme);
        int from = text.indexOf(FROM);
        int to = text.indexOf(TO);
        if (from >= 0 && to > from) {
            Files.writeString(
                    readme,
                    text.substring(0, from + FROM.length()) + "\n" + table(Files.readAllLines(file), known)
                            + text.substring(to));
        }
    }

    /** One line a row: how often it was tried and survived, and how long it took to catch up at worst. */
    static String table(List<String> lines, Map<String, Fault> known) {
        StringBuilder table =
                new StringBuilder("\n| row | fault | survived | slowest to catch up |\n|---|---|---|---|\n");
        for (Fault fault : known.values()) {
            List<String[]> runs = new ArrayList<>();
            for (String line : lines) {
                String[] words = line.split(" ", -1);
                if (words.length == 5 && words[0].equals(fault.row())) {
                    runs.add(words);
                }
            }
            long survived =
                    runs.stream().filter(run -> run[2].equals("survived")).count();
            long slowest =
                    runs.stream().mapToLong(run -> Long.parseLong(run[4])).max().orElse(0);
            table.append("| ")
                    .append(fault.row())
                    .append(" | ")
                    .append(fault.what())
                    .append(" | ");
            table.append(runs.isEmpty() ? "not tried" : survived + " of " + runs.size())
                    .append(" | ")
                    .append(runs.isEmpty() ? "" : slowest + " s")
                    .append(" |\n");
        }
        return table.append('\n').toString();
    }
}
