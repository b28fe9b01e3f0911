package dev.weir.faults;

import dev.weir.local.Failure;
import dev.weir.local.Home;
import dev.weir.local.Refused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code faults} command. */
@Command(
        name = "faults",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Breaks the whole system on this machine, one way after another, while events come, and looks whether it ends",
            "as if nothing had happened: every row equal to a recount of the events, the ledger without a residue, no row",
            "gone back to an older revision, no alert lost, doubled or made up. One system serves all rows; its time-outs are",
            "seconds. Events, and the moments at which things break, follow from the row and the seed."
        },
        footer = {
            "",
            "Examples:",
            "  faults                    every row, one seed",
            "  faults P1 D3 --seeds 5    two rows, five seeds each",
            "  faults P4 --seed 3        once more what failed",
            "",
            "Verdicts are added to deploy/faults.txt, and the table in deploy/README.md is written from it.",
            "Exit code: 0 all survived; 1 some did not, each with what is wrong; 2 refused before it started."
        })
public final class Faults implements Callable<Integer> {
    /** How long the system may take to say all of it, once it is whole. */
    private static final Duration CATCH_UP = Duration.ofSeconds(90);

    @Parameters(arity = "0..*", paramLabel = "ROW", description = "Rows (default: all; --list names them).")
    private List<String> rows = List.of();

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "1", description = "Seeds 1 to N (default: 1).")
    private int seeds;

    @Option(names = "--seed", paramLabel = "S", description = "Only this seed.")
    private @Nullable Long seed;

    @Option(names = "--list", description = "Name the rows and do nothing.")
    private boolean list;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Where its data and logs are (default: .weir/faults of the project).")
    private @Nullable Path home;

    @Option(names = "--no-record", description = "Leave deploy/faults.txt and the table alone.")
    private boolean noRecord;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Faults()).setExecutionExceptionHandler((failure, line, parsed) -> {
            if (failure instanceof Refused || failure instanceof Failure) {
                line.getErr().println("faults: " + failure.getMessage());
                return failure instanceof Refused ? 2 : 1;
            }
            throw failure;
        });
    }

    /** Every fault by its row. */
    static Map<String, Fault> known() {
        Map<String, Fault> known = new LinkedHashMap<>();
        Stream.of(ProcessFaults.all(), BrokerFaults.all(), WarehouseFaults.all(), EventFaults.all())
                .flatMap(List::stream)
                .forEach(fault -> known.put(fault.row(), fault));
        return known;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, Fault> known = known();
        if (list) {
            known.values().forEach(fault -> out.printf(Locale.ROOT, "%-4s %s%n", fault.row(), fault.what()));
            return 0;
        }
        List<Fault> chosen = new ArrayList<>();
        for (String row : rows.isEmpty() ? known.keySet() : rows) {
            Fault fault = known.get(row);
            if (fault == null) {
                throw new Refused("there is no row " + row + "; the rows are " + String.join(" ", known.keySet()));
            }
            chosen.add(fault);
        }
        int lost = 0;
        Site site = null;
        try {
            for (long s = seed != null ? seed : 1; s <= (seed != null ? seed : seeds); s++) {
                for (Fault fault : chosen) {
                    site = site != null
                            ? site
                            : new Site(home != null ? home : Home.locate(null).resolve("faults"));
                    Verdict verdict = run(site, fault, s);
                    lost += tell(verdict, known, site, out) ? 0 : 1;
                    if (fault.loses() || (!verdict.broken().isEmpty() && !site.isWhole())) {
                        site.close();
                        site = null;
                    }
                }
            }
        } finally {
            if (site != null) {
                site.close();
            }
        }
        return lost == 0 ? 0 : 1;
    }

    private boolean tell(Verdict verdict, Map<String, Fault> known, Site site, PrintWriter out) throws IOException {
        boolean survived = verdict.broken().isEmpty();
        out.println(verdict);
        verdict.broken().forEach(line -> out.println("     " + line));
        if (!survived) {
            out.println("     again: scripts/faults " + verdict.fault().row() + " --seed " + verdict.seed()
                    + "; logs in " + site.system.logs());
        }
        out.flush();
        if (!noRecord) {
            Verdicts.add(verdict, known);
        }
        return survived;
    }

    /** One fault, and whatever does not hold after it. */
    private static Verdict run(Site site, Fault fault, long seed) {
        long from = System.nanoTime();
        site.begin(fault.row(), seed);
        List<String> broken = new ArrayList<>();
        try {
            fault.injection().into(site);
            long whole = System.nanoTime();
            if (fault.loses()) {
                return new Verdict(fault, seed, seconds(from), 0, broken);
            }
            site.mark();
            Checks checks = new Checks(site);
            List<String> last = new ArrayList<>(List.of("nothing could be read"));
            Site.comes(
                    () -> {
                        List<String> now = checks.broken();
                        last.clear();
                        last.addAll(now);
                        return now.isEmpty();
                    },
                    CATCH_UP);
            broken.addAll(last);
            return new Verdict(fault, seed, seconds(from), seconds(whole), broken);
        } catch (Exception failure) {
            broken.add(Objects.toString(failure.getMessage(), failure.toString()));
            return new Verdict(fault, seed, seconds(from), 0, broken);
        }
    }

    private static long seconds(long since) {
        return Math.round((System.nanoTime() - since) / 1e9);
    }
}
