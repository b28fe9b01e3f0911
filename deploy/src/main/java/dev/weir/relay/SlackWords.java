package dev.weir.relay;

import dev.weir.alert.Alert;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An alert as a message of Slack. Data stands in plain text, where nothing commands; where Slack reads marks, it is escaped. */
final class SlackWords {
    private SlackWords() {}

    /** The members of a message: what shows in notifications, and the blocks. */
    static Map<String, @Nullable Object> message(Teller.Message news) {
        Alert alert = news.alert();
        List<Object> blocks = new ArrayList<>();
        blocks.add(Map.of("type", "header", "text", plain(Harmless.line(mark(alert) + " " + Words.title(alert), 150))));
        blocks.add(Map.of("type", "section", "text", plain(Words.summary(alert))));
        String runbook = Words.runbook(alert);
        if (runbook != null) {
            String link = "<" + Harmless.slack(runbook).replace("|", "%7C") + "|What to do>";
            blocks.add(Map.of("type", "section", "text", Map.of("type", "mrkdwn", "text", link, "verbatim", true)));
        }
        List<Object> facts = new ArrayList<>();
        Words.facts(news).forEach(fact -> facts.add(plain(fact)));
        facts.add(plain("Alert " + Harmless.line(alert.alertId(), 64)));
        blocks.add(Map.of("type", "context", "elements", facts));
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("text", Harmless.slack(Words.title(alert) + ". " + Words.summary(alert)));
        message.put("blocks", blocks);
        message.put("unfurl_links", false);
        message.put("unfurl_media", false);
        return message;
    }

    /** What is said in the thread when it has become another thing. */
    static String news(Alert alert) {
        return Harmless.slack(mark(alert) + " " + Words.title(alert) + ". " + Words.summary(alert));
    }

    private static Map<String, Object> plain(String text) {
        return Map.of("type", "plain_text", "text", text, "emoji", false);
    }

    private static String mark(Alert alert) {
        if (Change.isTakenBack(alert)) {
            return "\u21a9\ufe0f";
        } else if (!Change.stands(alert)) {
            return "\u2705";
        }
        return switch (alert.severity()) {
            case "critical" -> "\ud83d\udd34";
            case "warning" -> "\ud83d\udfe0";
            default -> "\ud83d\udd35";
        };
    }
}
