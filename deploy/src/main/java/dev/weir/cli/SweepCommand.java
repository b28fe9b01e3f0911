package dev.weir.cli;

import dev.weir.io.Reconciliation;
import dev.weir.io.Settings;
import dev.weir.io.Sweep;
import dev.weir.io.Tables;
import dev.weir.io.Unreachable;
import dev.weir.jobs.Backtest;
import dev.weir.local.Failure;
import dev.weir.local.Refused;
import dev.weir.local.Submission;
import dev.weir.machine.LedgerCheck.Kind;
import dev.weir.machine.Table;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir sweep}: what a job's earlier submissions said and the present one, started afresh, does not. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "After `weir submit JOB --fresh`: marks as deleted the rows that an earlier submission of the job wrote and that",
            "this one, having read everything from the start, does not have. Views then no longer show them; a history that is",
            "kept still does. Rows of definitions that the job no longer has, and dead letters, stay."
        },
        footer = {
            "",
            "It refuses while the job has not caught up with its topics. Where retention has deleted records that an earlier",
            "submission had read, rows that rest on them cannot be told from wrong ones: --forget-lost sweeps them too.",
            "",
            "Examples:",
            "  weir sweep cycle-time --dry-run      how many rows of which table",
            "  weir sweep cycle-time",
            "",
            "Exit code: 0 done; 1 the job has not caught up, nothing was swept; 2 refused before it started."
        })
public final class SweepCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "conversion, cycle-time or anomaly.")
    private String job = "";

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SettingsOption settings;

    @Option(names = "--dry-run", description = "Say how many rows there are and leave them alone.")
    private boolean dryRun;

    @Option(names = "--forget-lost", description = "Sweep also what rests on records that the topics no longer have.")
    private boolean forgetLost;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Set<String> written = Backtest.written().get(job);
        if (written == null) {
            throw new Refused("there is no job '" + job + "'; one of " + String.join(", ", Submission.JOBS.keySet()));
        }
        Settings where = settings.read();
        List<Table> tables = written.stream()
                .map(name -> Objects.requireNonNull(Tables.warehouse().get(name)))
                .toList();
        try (Sweep sweep = Sweep.after(where.warehouse(), job)) {
            if (!caughtUp(where)) {
                throw new Failure(
                        "job " + job + " has not caught up with its topics: `weir reconcile` says how far it is");
            }
            long unread = sweep.unread();
            if (unread > 0 && !forgetLost) {
                throw new Failure(String.format(
                        Locale.ROOT,
                        "job %s has not read again %,d buckets of the ledger that were read before; wait, or, where the"
                                + " topics no longer have those records, sweep with --forget-lost",
                        job,
                        unread));
            }
            Map<String, Long> swept = sweep.sweep(tables, dryRun);
            swept.forEach((table, rows) -> Submit.out(spec)
                    .printf(
                            Locale.ROOT,
                            "%s: %,d rows %s%n",
                            table,
                            rows,
                            dryRun ? "are left over" : "marked as deleted"));
            Submit.out(spec)
                    .println(
                            swept.isEmpty()
                                    ? "nothing is left over"
                                    : swept.containsKey("alert") && !dryRun
                                            ? "`weir reconcile` tells it to readers of the alert topic"
                                            : dryRun ? "nothing was changed" : "done");
            return 0;
        } catch (Failure failure) {
            return Submit.failed(spec, failure);
        } catch (IllegalStateException nothing) {
            throw new Refused(String.valueOf(nothing.getMessage()), nothing);
        } catch (Unreachable failure) {
            throw new Refused(String.valueOf(failure.getMessage()), failure);
        } catch (SQLException failure) {
            throw new Refused(where.warehouse().explain(failure), failure);
        }
    }

    /** Whether the ledger of the job accounts for every record that the topics hold now. */
    private boolean caughtUp(Settings where) throws Unreachable, SQLException {
        try (Reconciliation ledger = Reconciliation.open(where, Set.of(job))) {
            return ledger.look().stream()
                    .filter(line -> line.part().job().equals(job))
                    .flatMap(line -> line.findings().stream())
                    .allMatch(finding -> forgetLost && finding.kind() == Kind.LOST);
        }
    }
}
