package dev.weir.console;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An alert as it is shown, wherever it is. */
final class AlertPieces {
    /** What {@link #alert} reads. */
    static final String COLUMNS =
            "alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary, started_at, ended_at,"
                    + " evidence, verdict, as_of, delivery, deliver_after, runbook, cause, confidence, acknowledged_by";

    private static final int SUMMARY = 600;

    private AlertPieces() {}

    /** What, how urgent, where, since when, for whom; then whatever is to stand below. */
    static Html alert(Line alert, Html... below) {
        String status = alert.text("status");
        List<Html> facts = new ArrayList<>();
        facts.add(tag(status, status));
        facts.add(tag(alert.text("severity"), alert.text("severity")));
        facts.add(Html.of("{}", alert.text("kind").replace('_', ' ')));
        String where = Series.segment(alert.text("breakdown"), alert.text("value"));
        facts.add(Html.of("at {}", Figures.cut(alert.text("subject"), 120)));
        if (!where.isEmpty()) {
            facts.add(Html.of("for <b>{}</b>", Figures.cut(where, 120)));
        }
        facts.add(Html.of("since {}", Pieces.time(alert.time("started_at"))));
        if (alert.time("ended_at") != null) {
            facts.add(Html.of("until {}", Pieces.time(alert.time("ended_at"))));
        }
        told(alert.text("team"), alert.text("owner_id"), facts);
        answered(alert, facts);
        return Html.of(
                "<article class=\"alert {} {}\" id=\"{}\"><p class=\"summary\">{}</p><p class=\"note\">{}</p>{}</article>",
                severity(alert),
                status.equals("retracted") ? "retracted" : "",
                "alert-" + alert.text("alert_id"),
                Figures.cut(alert.text("summary"), SUMMARY),
                separated(facts),
                List.of(below));
    }

    /** Why it is likely, how sure that is, what people said of it, and what to do. */
    private static void answered(Line alert, List<Html> facts) {
        switch (alert.text("cause")) {
            case "rate" -> facts.add(Html.of("values convert otherwise"));
            case "mix" -> facts.add(Html.of("shares moved"));
            default -> {} // nothing is known
        }
        if (alert.number("confidence") != null) {
            facts.add(Html.of("{} sure", Figures.percent(alert.number("confidence"))));
        }
        if (alert.text("delivery").equals("digest")) {
            facts.add(Html.of("in a digest"));
        }
        if (!alert.text("acknowledged_by").isEmpty()) {
            facts.add(Html.of("taken on by {}", Figures.cut(alert.text("acknowledged_by"), 60)));
        }
        if (!alert.text("verdict").isEmpty()) {
            facts.add(Html.of("judged {}", tag("", alert.text("verdict"))));
        }
        String runbook = alert.text("runbook");
        if (runbook.startsWith("https://") || runbook.startsWith("http://")) {
            facts.add(Html.of("<a href=\"{}\" rel=\"noopener noreferrer\">what to do</a>", runbook));
        }
    }

    private static void told(String team, String owner, List<Html> facts) {
        if (!team.isEmpty()) {
            facts.add(Html.of("told to {}", Figures.cut(team, 60)));
        } else if (!owner.isEmpty()) {
            facts.add(Html.of("of {}", Figures.cut(owner, 60)));
        }
    }

    private static @Nullable String severity(Line alert) {
        return switch (alert.text("severity")) {
            case "critical" -> "critical";
            case "warning" -> "warning";
            default -> null;
        };
    }

    static Html tag(String kind, String word) {
        String colour =
                switch (kind) {
                    case "critical", "firing", "bad" -> "bad";
                    case "warning", "acknowledged", "warn" -> "warn";
                    case "good" -> "good";
                    default -> "";
                };
        return word.isEmpty() ? Html.EMPTY : Html.of("<span class=\"tag {}\">{}</span>", colour, Figures.cut(word, 40));
    }

    private static List<Html> separated(List<Html> facts) {
        List<Html> separated = new ArrayList<>();
        for (Html fact : facts) {
            separated.add(separated.isEmpty() ? fact : Html.of(" · {}", fact));
        }
        return separated;
    }
}
