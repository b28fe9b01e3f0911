package dev.weir.cli;

import dev.weir.console.Views;
import dev.weir.io.Warehouse;
import dev.weir.local.Home;
import dev.weir.local.Refused;
import dev.weir.playbook.Playbook;
import dev.weir.relay.ReportMail;
import dev.weir.report.Receipt;
import dev.weir.report.Report;
import dev.weir.report.Template;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir report}: a week on one page for each team. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Writes what a week was like, for each team of a template: what moved and why, what is stuck, decisions due, alerts",
            "and what became of them, and of each change due for review what was before and after. Each report is one HTML file",
            "that asks for nothing, a receipt (the rows it rests on, the playbook's hash, a digest of both), and its rows as CSV",
            "that no spreadsheet takes for formulas.",
            "",
            "The same facts give the same bytes. After a late fact the digest is another, and the report that replaces the one",
            "in --out says which rows moved.",
            "",
            "With --email each report is also mailed: a summary in plain text, the page attached. To whom stands in the file of",
            "receivers, that of `weir relay`: its mail receivers with report among their kinds, and those that name no kinds;",
            "'to: team lead' is the lead of the team whose report it is. The same report is the same letter, sent twice or not."
        },
        footer = {
            "",
            "A template is YAML: title; teams, each with the beginnings of the series that it watches; reviews, by which series a",
            "change of the playbook is judged (change, metric, breakdown, value, against). See deploy/playbooks/reports/weekly.yaml.",
            "",
            "Examples:",
            "  weir report --playbook acme.yaml --template weekly --week 2026-W14 --out reports",
            "  weir report --playbook .weir/playbook.yaml --template deploy/playbooks/reports/weekly.yaml --week 2026-W10 --out reports",
            "  weir report --playbook acme.yaml --template weekly --week 2026-W14 --out reports --email --receivers receivers.yaml",
            "",
            "Exit code: 0 done; 1 the warehouse failed, a file could not be written or a letter was not taken, each named;",
            "2 refused before it started."
        })
public final class ReportCommand implements Callable<Integer> {
    @Option(names = "--playbook", paramLabel = "FILE|FOLDER", required = true, description = "The definitions.")
    private Path playbook = Path.of("");

    @Option(
            names = "--template",
            paramLabel = "NAME|FILE",
            required = true,
            description = "A template of the folder reports beside the playbook, or a file.")
    private String template = "";

    @Option(names = "--week", paramLabel = "WEEK", required = true, description = "An ISO week, such as 2026-W14.")
    private String week = "";

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the reports go.")
    private Path out = Path.of("");

    @Option(names = "--team", paramLabel = "TEAM", description = "Only the report of this team.")
    private @Nullable String team;

    @Option(names = "--email", description = "Also mail each report, to the mail receivers of --receivers.")
    private boolean email;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReceiversOption receivers;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReaderOptions reader;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        LocalDate monday = Report.monday(week);
        if (monday == null) {
            throw new Refused("'" + Printable.text(week) + "' is no ISO week (--week); write it as 2026-W14");
        }
        Playbook definitions = Backtest.definitions(playbook);
        Template read = Template.read(file());
        if (team != null && !read.teams().containsKey(team)) {
            throw new Refused("the template has no team '" + Printable.text(team) + "' (--team); one of "
                    + read.teams().keySet());
        }
        Collection<String> teams = team != null ? List.of(team) : read.teams().keySet();
        ReportMail mail = email ? mail(teams) : null;
        Warehouse warehouse = reader.warehouse(reader.settings());
        boolean taken = true;
        try (Views views = Views.open(warehouse)) {
            for (String one : teams) {
                Report report = Report.of(views, definitions, read, one, monday, out);
                say(report.write(out), report.receipt());
                taken &= mail == null || mailed(mail, report);
            }
            return taken ? 0 : 1;
        } catch (SQLException failure) {
            spec.commandLine().getErr().println("weir: " + warehouse.explain(failure));
        } catch (IOException failure) {
            spec.commandLine().getErr().println("weir: cannot write to " + out + ": " + failure.getMessage());
        }
        return 1;
    }

    private ReportMail mail(Collection<String> teams) {
        ReportMail mail = new ReportMail(receivers.read(Home.locate(null)));
        if (teams.stream().noneMatch(mail::isWanted)) {
            throw new Refused("no receiver takes reports (--email): give the file of receivers one with mail, and"
                    + " 'kinds: [report]' where it is not to be told of alerts too; see"
                    + " deploy/cluster/receivers-example.yaml");
        }
        return mail;
    }

    private boolean mailed(ReportMail mail, Report report) {
        Receipt receipt = report.receipt();
        boolean taken = true;
        for (ReportMail.Sent sent : mail.send(
                new ReportMail.Report(
                        receipt.team(),
                        report.name(),
                        report.title(),
                        report.summary(),
                        report.page(),
                        receipt.digest()),
                Instant.now())) {
            String to = sent.receiver() + " (" + String.join(", ", sent.to()) + ")";
            if (sent.fault() == null) {
                line(spec.commandLine().getOut(), "  mailed to " + to);
            } else {
                line(spec.commandLine().getErr(), "weir: not mailed to " + to + ": " + sent.fault());
                taken = false;
            }
        }
        if (!mail.isWanted(receipt.team())) {
            line(spec.commandLine().getOut(), "  mailed to nobody: no receiver takes reports of " + receipt.team());
        }
        return taken;
    }

    private static void line(PrintWriter words, String line) {
        words.println(Printable.text(line));
        words.flush();
    }

    private Path file() {
        if (template.contains("/") || template.endsWith(".yaml") || template.endsWith(".yml")) {
            return Path.of(template);
        }
        Path folder = Files.isDirectory(playbook)
                ? playbook.resolve("reports")
                : playbook.toAbsolutePath().resolveSibling("reports");
        return folder.resolve(template + ".yaml");
    }

    private void say(Path page, Receipt receipt) {
        Receipt.Replaced replaced = receipt.replaces();
        line(
                spec.commandLine().getOut(),
                page + "  digest " + receipt.digest().substring(0, 12)
                        + (replaced == null
                                ? ""
                                : ", in place of " + replaced.digest().substring(0, 12) + ": " + replaced.count()
                                        + " values moved"));
    }
}
