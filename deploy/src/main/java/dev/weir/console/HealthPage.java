package dev.weir.console;

import dev.weir.console.Pieces.Column;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Whether every record is accounted for, what was refused and why, how far each job has come, what the data lacks. */
final class HealthPage implements Page {
    private static final int LETTERS = 50;

    private static final String LEDGER = """
            SELECT job, topic, max(as_of) AS as_of,
                   sum(amount) FILTER (WHERE measure = 'read') AS read,
                   sum(amount) FILTER (WHERE measure = 'accepted') AS accepted,
                   sum(amount) FILTER (WHERE measure = 'duplicate') AS duplicate,
                   sum(amount) FILTER (WHERE measure = 'filtered') AS filtered,
                   sum(amount) FILTER (WHERE measure = 'dead_lettered') AS dead_lettered,
                   sum(amount) FILTER (WHERE measure = 'expired') AS expired,
                   sum(amount) FILTER (WHERE measure = 'control') AS control,
                   sum(amount) FILTER (WHERE measure = 'conflict') AS conflict,
                   sum(amount) FILTER (WHERE measure = 'unaccounted') AS unaccounted
            FROM bi.data_health WHERE measure NOT IN ('dead_letters', 'issues')
            GROUP BY job, topic ORDER BY job, topic LIMIT 200""";

    private static final String JOBS =
            "SELECT job, max(as_of) AS as_of FROM bi.data_health GROUP BY job ORDER BY job LIMIT 50";

    private static final String REASONS = """
            SELECT job, topic, reason, amount FROM bi.data_health WHERE measure = 'dead_letters'
            ORDER BY amount DESC, job, topic, reason LIMIT 100""";

    private static final String LETTERS_OF = """
            SELECT job, topic, partition, "offset" AS place, reason, detail, length, taken_at, replayed_at
            FROM bi.dead_letter ORDER BY taken_at DESC NULLS LAST, topic, partition, "offset" DESC LIMIT ?""";

    private static final String ISSUES =
            "SELECT job, issue, subject, detail FROM bi.data_issue ORDER BY issue, subject LIMIT ?";

    private static final String UNKNOWN_STAGES = """
            SELECT pipeline, stage, sum(entered) AS entered, max(wip_end) AS there FROM bi.stage_flow
            WHERE grain = 'all' AND stage LIKE '(unknown%' GROUP BY pipeline, stage ORDER BY sum(entered) DESC, stage LIMIT 50""";

    private static final String UNLINKED = """
            SELECT count(*) AS deals, count(*) FILTER (WHERE account_id IS NULL) AS no_account,
                   count(*) FILTER (WHERE owner_id IS NULL) AS no_owner,
                   count(*) FILTER (WHERE amount IS NULL) AS no_amount,
                   count(*) FILTER (WHERE amount IS NOT NULL AND amount_reporting IS NULL) AS no_rate
            FROM bi.deal_current WHERE status = 'open'""";

    @Override
    public String path() {
        return "/health";
    }

    @Override
    public String name() {
        return "Data health";
    }

    @Override
    public Html body(Look look) throws SQLException {
        return Html.join(
                Html.of("<h1>Data health</h1>"),
                Health.of(look.views()).banner(),
                watermarks(look),
                ledger(look),
                deadLetters(look),
                lacking(look));
    }

    private static Html watermarks(Look look) throws SQLException {
        List<Line> jobs = look.views().ask(JOBS);
        Instant newest = Instant.EPOCH;
        for (Line job : jobs) {
            Instant asOf = job.time("as_of");
            newest = asOf != null && asOf.isAfter(newest) ? asOf : newest;
        }
        Instant now = Objects.requireNonNull(
                Objects.requireNonNull(look.views().one("SELECT now() AS now")).time("now"));
        List<List<Object>> rows = new ArrayList<>();
        for (Line job : jobs) {
            Instant asOf = job.time("as_of");
            rows.add(List.of(
                    job.text("job"),
                    Pieces.time(asOf),
                    asOf == null ? Figures.NONE : lag(asOf, newest, "the newest"),
                    asOf == null ? Figures.NONE : lag(asOf, now, "the clock")));
        }
        return Pieces.card(
                "How far each job has come",
                Pieces.table(
                        "Watermarks: event time up to which a job had seen everything when it last counted",
                        List.of(
                                Column.text("job"),
                                Column.text("up to"),
                                Column.text("behind the others"),
                                Column.text("behind the clock")),
                        rows),
                Html.of(
                        "<p class=\"note\">A finite history that was ended on purpose stays at its end. The jobs' live lag is in Flink's page.</p>"));
    }

    private static String lag(Instant asOf, Instant than, String what) {
        Duration behind = Duration.between(asOf, than);
        return behind.toSeconds() < 1 ? "at " + what : Figures.ago(asOf, than) + " behind " + what;
    }

    private static Html ledger(Look look) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(LEDGER)) {
            boolean whole = line.count("unaccounted") == 0;
            rows.add(List.of(
                    line.text("job"),
                    Figures.cut(line.text("topic"), 80),
                    Figures.count(line.number("read")),
                    Figures.count(line.number("accepted")),
                    Figures.count(line.number("duplicate")),
                    Figures.count(line.number("filtered")),
                    Figures.count(line.number("dead_lettered")),
                    Figures.count(line.number("expired")),
                    Figures.count(line.number("control")),
                    Figures.count(line.number("conflict")),
                    AlertPieces.tag(whole ? "good" : "bad", whole ? "0" : Figures.count(line.number("unaccounted")))));
        }
        return Pieces.card(
                "The ledger",
                Html.of(
                        "<p>Every record that was read has one fate. Filtered: no definition asks for it. Conflict: of the duplicates, those"
                                + " with another content.</p>"),
                Pieces.table(
                        "What became of every record",
                        List.of(
                                Column.text("job"),
                                Column.text("topic"),
                                Column.number("read"),
                                Column.number("accepted"),
                                Column.number("duplicate"),
                                Column.number("filtered"),
                                Column.number("dead-lettered"),
                                Column.number("expired"),
                                Column.number("control"),
                                Column.number("conflict"),
                                Column.number("unaccounted")),
                        rows));
    }

    private static Html deadLetters(Look look) throws SQLException {
        List<List<Object>> reasons = new ArrayList<>();
        for (Line line : look.views().ask(REASONS)) {
            reasons.add(List.of(
                    line.text("reason"),
                    Figures.count(line.number("amount")),
                    line.text("job"),
                    Figures.cut(line.text("topic"), 80)));
        }
        if (reasons.isEmpty()) {
            return Pieces.card("Dead letters", Html.of("<p class=\"empty\">None: every record could be read.</p>"));
        }
        List<List<Object>> letters = new ArrayList<>();
        for (Line line : look.views().ask(LETTERS_OF, LETTERS)) {
            letters.add(List.of(
                    Pieces.time(line.time("taken_at")),
                    Figures.cut(line.text("topic"), 80) + "/" + line.text("partition") + "/" + line.text("place"),
                    line.text("reason"),
                    Figures.cut(line.text("detail"), 300),
                    Figures.count(line.number("length")),
                    line.time("replayed_at") == null ? Html.of("no") : Pieces.time(line.time("replayed_at"))));
        }
        return Pieces.card(
                "Dead letters",
                Html.of("<p>Kept whole; after a mend <code>weir deadletters replay</code> sends them again.</p>"),
                Pieces.table(
                        "By reason",
                        List.of(
                                Column.text("reason"),
                                Column.number("records"),
                                Column.text("job"),
                                Column.text("topic")),
                        reasons),
                Pieces.table(
                        "The newest " + letters.size(),
                        List.of(
                                Column.text("taken"),
                                Column.text("place"),
                                Column.text("reason"),
                                Column.text("why"),
                                Column.number("bytes"),
                                Column.text("sent again")),
                        letters));
    }

    private static Html lacking(Look look) throws SQLException {
        List<List<Object>> stages = new ArrayList<>();
        for (Line line : look.views().ask(UNKNOWN_STAGES)) {
            stages.add(List.of(
                    Figures.cut(line.text("pipeline"), 80),
                    Figures.cut(line.text("stage"), 120),
                    Figures.count(line.number("entered")),
                    Figures.count(line.number("there"))));
        }
        List<List<Object>> issues = new ArrayList<>();
        for (Line line : look.views().ask(ISSUES, LETTERS)) {
            issues.add(List.of(
                    line.text("issue").replace('_', ' '),
                    line.text("job"),
                    Figures.cut(line.text("subject"), 120),
                    Figures.cut(line.text("detail"), 300)));
        }
        Line open = Objects.requireNonNull(look.views().one(UNLINKED));
        return Pieces.card(
                "What the data lacks",
                Pieces.figures(List.of(
                        Pieces.figure(
                                "open deals without an account",
                                Figures.count(open.number("no_account")),
                                "of " + Figures.count(open.number("deals")) + "; only a person can link them"),
                        Pieces.figure(
                                "without an owner", Figures.count(open.number("no_owner")), "nobody is told of them"),
                        Pieces.figure(
                                "without an amount",
                                Figures.count(open.number("no_amount")),
                                "count as nothing in money"),
                        Pieces.figure(
                                "without a rate",
                                Figures.count(open.number("no_rate")),
                                "a currency the playbook has no rate for"))),
                stages.isEmpty()
                        ? Html.of("<p class=\"empty\">Every stage is one of the playbook.</p>")
                        : Pieces.table(
                                "Stages that the playbook does not know: add them as a name, id or alias",
                                List.of(
                                        Column.text("pipeline"),
                                        Column.text("stage"),
                                        Column.number("entered"),
                                        Column.number("there now")),
                                stages),
                issues.isEmpty()
                        ? Html.of("<p class=\"empty\">No refused merges, no key with more facts than its limit.</p>")
                        : Pieces.table(
                                "What is wrong although it could be read",
                                List.of(
                                        Column.text("what"),
                                        Column.text("job"),
                                        Column.text("of"),
                                        Column.text("why, and the mend")),
                                issues));
    }
}
