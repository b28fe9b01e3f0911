package dev.weir.cli;

import dev.weir.io.AlertTopic;
import dev.weir.io.Reconciliation;
import dev.weir.io.Reconciliation.Line;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.io.WarehouseSnapshot.TableDifference;
import dev.weir.local.Refused;
import dev.weir.local.Submission;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Kind;
import dev.weir.machine.Row;
import dev.weir.playbook.Playbook;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir reconcile}: whether every record is accounted for, every alert published, every row as a recount has it. */
@Command(
        name = "reconcile",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Checks that nothing was lost and nothing counted twice, while the jobs run:",
            "1. Every record in the topics against the ledger: read = accepted + duplicate + filtered + dead-lettered"
                    + " + expired + control, for each job, topic, partition and bucket of 1,000 offsets, and the checksum of"
                    + " what was read against what the topic holds.",
            "2. The alert topic against the alert table; what the topic lacks is published again, under the id it has.",
            "3. With --recompute, every row of every table against a backtest over what is in the topics."
        },
        footer = {
            "",
            "Verdicts: holds; unbalanced, different, skipped: a record without its one fate; letters: ledger and dead",
            "letters disagree; behind: not read yet; lost: deleted by retention before it was read; surplus: read, and",
            "the topic no longer has it. Each is told with its place and what to do about it.",
            "",
            "--recompute takes the warehouse at one moment and recounts each job over the records that its ledger says it",
            "had read, as of the latest as_of of its rows; what differs is looked at again (--looks), since a moment may fall",
            "between two writes of one checkpoint. It needs the memory of a backtest over the whole topics, and the topics",
            "from their first record: what retention has deleted is told, and rows that rest on it differ. So do those of a",
            "job that is told to forget facts after a time: the recount forgets none. Alerts rest on what one job said and",
            "another has read: where a history passes at months a minute, hold them against each other once it has.",
            "",
            "Examples:",
            "  weir reconcile                                  the system of `weir up`",
            "  weir reconcile --buckets --dry-run              every bucket; publish nothing",
            "  weir reconcile --recompute --playbook acme.yaml --settings acme-settings.yaml",
            "",
            "Exit code: 0 all of it holds (also when alerts had to be published again); 1 something does not, each told",
            "with its mend; 2 refused before it started."
        })
public final class Reconcile implements Callable<Integer> {
    private static final long PAUSE_MILLIS = 500;
    private static final int SHOWN = 5;
    private static final int PUBLISHINGS = 3;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SettingsOption settings;

    @Option(names = "--buckets", description = "Print every bucket (topic/partition/bucket) instead of every topic.")
    private boolean buckets;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long the jobs may take to read what is in the topics now, and to publish what they found"
                    + " (default: ${DEFAULT-VALUE}).")
    private int wait;

    @Option(
            names = "--allow-lost",
            description = "Tell records that retention deleted unread, but do not fail for them.")
    private boolean allowLost;

    @Option(names = "--dry-run", description = "Tell which alerts the topic lacks, but do not publish them.")
    private boolean dryRun;

    @Option(names = "--recompute", description = "Recount every table and compare every row; needs --playbook.")
    private boolean recompute;

    @Option(
            names = "--looks",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "With --recompute: take the warehouse and recount again, so many times in all, while something"
                            + " differs (default: ${DEFAULT-VALUE}).")
    private int looks;

    @Option(
            names = "--playbook",
            paramLabel = "FILE",
            description = "The definitions that the jobs were submitted with.")
    private @Nullable Path playbook;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private boolean started;

    @Override
    public Integer call() throws Exception {
        Playbook definitions = definitions();
        Settings where = settings.read();
        try {
            boolean holds = ledger(where);
            holds &= alerts(where);
            if (definitions != null) {
                holds &= recount(where, definitions);
            }
            out().println(holds ? "all of it holds" : "it does not hold");
            return holds ? 0 : 1;
        } catch (Unreachable failure) {
            return stopped(String.valueOf(failure.getMessage()), failure);
        } catch (SQLException failure) {
            return stopped(where.warehouse().explain(failure), failure);
        } finally {
            out().flush();
        }
    }

    private int stopped(String why, Exception failure) {
        if (!started) {
            throw new Refused(why, failure);
        }
        spec.commandLine().getErr().println("weir: " + why + "; run it again");
        return 1;
    }

    private @Nullable Playbook definitions() {
        if (recompute != (playbook != null)) {
            throw new Refused(
                    "--recompute and --playbook go together: name the playbook that the jobs were submitted with");
        }
        return playbook == null ? null : Backtest.definitions(playbook);
    }

    private boolean ledger(Settings where) throws Unreachable, SQLException, InterruptedException {
        try (Reconciliation ledger = Reconciliation.open(where, Submission.JOBS.keySet())) {
            started = true;
            long end = end();
            List<Line> lines = ledger.look();
            while (!holds(lines) && System.nanoTime() < end) {
                Thread.sleep(PAUSE_MILLIS);
                lines = ledger.look();
            }
            if (lines.isEmpty()) {
                out().println("no job has read anything yet: the ledger is empty");
            } else {
                LedgerText.table(lines, buckets).forEach(out()::println);
            }
            LedgerText.findings(lines).forEach(out()::println);
            return holds(lines);
        }
    }

    private boolean holds(List<Line> lines) {
        return lines.stream()
                .flatMap(line -> line.findings().stream())
                .map(Finding::kind)
                .allMatch(kind -> kind == Kind.LOST && allowLost);
    }

    private boolean alerts(Settings where) throws Unreachable, SQLException, InterruptedException {
        try (AlertTopic topic = AlertTopic.open(where)) {
            long end = end();
            AlertTopic.Comparison alerts = topic.compare();
            while (!alerts.holds() && System.nanoTime() < end) {
                Thread.sleep(PAUSE_MILLIS);
                alerts = topic.compare();
            }
            for (int round = 0;
                    round < PUBLISHINGS && !dryRun && !lacking(alerts).isEmpty();
                    round++) {
                topic.publish(lacking(alerts));
                out().printf(
                                Locale.ROOT,
                                "alerts: the topic lacked %,d and had another version of %,d; published again:%n",
                                alerts.missing().size(),
                                alerts.outdated().size());
                lacking(alerts).forEach(alert -> out().println("  " + summary(alert)));
                alerts = topic.compare();
            }
            tell(alerts);
            return alerts.holds();
        }
    }

    private static List<Row> lacking(AlertTopic.Comparison alerts) {
        List<Row> lacking = new ArrayList<>(alerts.missing());
        lacking.addAll(alerts.outdated());
        return lacking;
    }

    private void tell(AlertTopic.Comparison alerts) {
        out().printf(Locale.ROOT, "alerts: %,d in the table and the topic alike%n", alerts.same());
        if (alerts.gone() > 0) {
            out().printf(
                            Locale.ROOT,
                            "alerts: %,d older than what the topic still holds, so nothing can be said of them%n",
                            alerts.gone());
        }
        if (alerts.unreadable() > 0) {
            out().printf(Locale.ROOT, "alerts: %,d keys of the topic hold no alert%n", alerts.unreadable());
        }
        for (Row alert : alerts.missing()) {
            out().println("alerts: not in the topic (without --dry-run it is published): " + summary(alert));
        }
        for (Row alert : alerts.outdated()) {
            out().println("alerts: another version in the topic (without --dry-run this is published): "
                    + summary(alert));
        }
        for (String id : alerts.unknown()) {
            out().println("alerts: " + id
                    + " is in the topic and not in the table; were the tables emptied, or do the jobs"
                    + " of another warehouse publish here? `weir submit anomaly --fresh` computes it again");
        }
    }

    /** Id, status and sentence. */
    private static String summary(Row alert) {
        return alert.values()[0] + " " + alert.values()[3] + " " + alert.values()[10];
    }

    private boolean recount(Settings where, Playbook definitions) throws Exception {
        List<TableDifference> tables =
                new Recount(where, definitions, spec.commandLine().getErr()).differences(looks, SHOWN);
        boolean same = true;
        for (TableDifference table : tables) {
            same &= table.same();
            out().println(
                            table.same()
                                    ? table.table() + ": as recounted"
                                    : String.format(
                                            Locale.ROOT,
                                            "%s: %,d rows differ, %,d are missing from the warehouse, %,d only there; the first:",
                                            table.table(),
                                            table.changed(),
                                            table.missing(),
                                            table.extra()));
            table.first().forEach(row -> out().println("  " + row));
            if (table.otherDefinitions() > 0) {
                out().printf(
                                Locale.ROOT,
                                "  %,d rows of definitions that this playbook does not have were not compared%n",
                                table.otherDefinitions());
            }
        }
        if (!same) {
            out().println(
                            "recount: if the ledger holds and the playbook is the jobs' own, this is a fault in Weir: keep the"
                                    + " topics and report it; `weir submit JOB --fresh` computes all rows again");
        }
        return same;
    }

    private long end() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(wait);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
