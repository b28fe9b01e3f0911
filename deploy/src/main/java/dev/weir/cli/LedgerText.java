package dev.weir.cli;

import dev.weir.io.Reconciliation.Line;
import dev.weir.io.Reconciliation.Part;
import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Kind;
import dev.weir.machine.LedgerTally;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The ledger as a person reads it: a table, what is wrong where, and how to mend it. */
final class LedgerText {
    private LedgerText() {}

    /**
     * One line for each topic of each job, or for each bucket.
     *
     * @param buckets whether every bucket has a line of its own
     */
    static List<String> table(List<Line> lines, boolean buckets) {
        List<String> text = new ArrayList<>();
        text.add(String.format(
                Locale.ROOT,
                "%-12s %-24s %12s %12s %10s %10s %8s %8s %8s %12s  %s",
                "job",
                "topic",
                "read",
                "accepted",
                "duplicate",
                "filtered",
                "dead",
                "expired",
                "control",
                "in topic",
                "verdict"));
        if (buckets) {
            lines.forEach(line -> buckets(line, text));
            return text;
        }
        Map<List<String>, List<Line>> topics = new LinkedHashMap<>();
        for (Line line : lines) {
            topics.computeIfAbsent(List.of(line.part().job(), line.part().topic()), name -> new ArrayList<>())
                    .add(line);
        }
        topics.forEach((name, parts) -> text.add(row(
                name.get(0),
                name.get(1),
                parts.stream().map(Line::total).reduce(Account.EMPTY, Account::plus),
                parts.stream().mapToLong(part -> part.held().count()).sum(),
                parts.stream().flatMap(part -> part.findings().stream()).toList())));
        return text;
    }

    private static void buckets(Line line, List<String> text) {
        Set<Long> numbers = new TreeSet<>(line.accounts().keySet());
        numbers.addAll(line.held().records().keySet());
        line.findings().forEach(finding -> numbers.add(finding.bucket()));
        for (long number : numbers) {
            text.add(row(
                    line.part().job(),
                    line.part().topic() + "/" + line.part().partition() + "/" + number,
                    line.accounts().getOrDefault(number, Account.EMPTY),
                    line.held().records().getOrDefault(number, new BitSet()).cardinality(),
                    line.findings().stream()
                            .filter(finding -> finding.bucket() == number)
                            .toList()));
        }
    }

    private static String row(String job, String where, Account account, long held, List<Finding> findings) {
        return String.format(
                Locale.ROOT,
                "%-12s %-24s %,12d %,12d %,10d %,10d %,8d %,8d %,8d %,12d  %s",
                job,
                where,
                account.read(),
                account.accepted(),
                account.duplicate(),
                account.filtered(),
                account.deadLettered(),
                account.expired(),
                account.control(),
                held,
                findings.isEmpty() ? "holds" : verdict(findings));
    }

    private static String verdict(List<Finding> findings) {
        Map<Kind, Long> sums = new LinkedHashMap<>();
        findings.forEach(finding -> sums.merge(finding.kind(), finding.records(), Long::sum));
        List<String> words = new ArrayList<>();
        sums.forEach((kind, records) ->
                words.add(String.format(Locale.ROOT, "%s %,d", kind.name().toLowerCase(Locale.ROOT), records)));
        return String.join(", ", words);
    }

    /** What is wrong, where, and for each kind of it how to mend it; empty when all is well. */
    static List<String> findings(List<Line> lines) {
        List<String> text = new ArrayList<>();
        Set<Kind> kinds = new TreeSet<>();
        for (Line line : lines) {
            for (Finding finding : line.findings()) {
                kinds.add(finding.kind());
                text.add(where(line.part(), finding) + what(finding));
            }
        }
        kinds.forEach(kind -> text.add(kind.name().toLowerCase(Locale.ROOT) + ": " + mend(kind)));
        return text;
    }

    private static String where(Part part, Finding finding) {
        long first = finding.bucket() * LedgerTally.BUCKET;
        return part.job() + ", " + part.topic() + " partition " + part.partition() + ", offsets " + first + " to "
                + (first + LedgerTally.BUCKET - 1) + ": ";
    }

    private static String what(Finding finding) {
        return String.format(
                Locale.ROOT,
                switch (finding.kind()) {
                    case UNBALANCED -> "%,d more records read than accounted for";
                    case LETTERS -> "%,d more dead-lettered or expired than there are dead letters";
                    case BEHIND -> "%,d records not read yet";
                    case SKIPPED -> "%,d records not read, though later ones were";
                    case LOST -> "%,d records deleted from the topic before they were read";
                    case SURPLUS -> "%,d records read that the topic does not hold";
                    case DIFFERENT -> "other records read than the topic holds (at least %,d)";
                },
                finding.records());
    }

    private static String mend(Kind kind) {
        return switch (kind) {
            case UNBALANCED, DIFFERENT, SKIPPED ->
                "a fault in Weir or in the warehouse's rows; `weir submit JOB --fresh` reads everything again and makes the"
                        + " account anew. Please report it.";
            case LETTERS ->
                "rows of weir.dead_letter and weir.ledger do not belong together: was one of them changed by hand?"
                        + " `weir submit JOB --fresh` writes both again.";
            case BEHIND ->
                "is the job running, and does it keep up? See its page in Flink, then run this again (--wait SECONDS).";
            case LOST ->
                "the topic's retention was shorter than the job's absence. Send these records again from their source"
                        + " (what has arrived counts once); --allow-lost accepts what cannot be had again.";
            case SURPLUS ->
                "the topic was truncated, compacted or made anew: the warehouse knows more than the topic. Keep it, or"
                        + " empty the tables and `weir submit JOB --fresh` if the topic is the truth.";
        };
    }
}
