package dev.weir.console;

import dev.weir.alert.DeskEntry;
import dev.weir.io.DeskTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a reader answers to an alert, by its form.
 *
 * @param entry what the alert desk is told; null where it would refuse it
 * @param fault what is wrong with the form, and the mend; null where nothing is
 */
record Answer(@Nullable DeskEntry entry, @Nullable String fault) {
    /** How long an alert may be silenced from here, by what the form says. */
    private static final Map<String, Duration> SILENCES = new TreeMap<>(Map.of(
            "silenced-1h", Duration.ofHours(1),
            "silenced-1d", Duration.ofDays(1),
            "silenced-7d", Duration.ofDays(7)));

    /**
     * Reads a form.
     *
     * @param now when it was said
     */
    static Answer of(Query form, Instant now) {
        String act = form.get("act");
        String id = form.get("entry") + "-" + act;
        String alert = form.get("alert");
        String by = form.get("by").strip();
        String note = form.get("note").isBlank() ? null : form.get("note").strip();
        if (by.isEmpty()) {
            return new Answer(null, "Say who you are, so that others know whom to ask.");
        }
        DeskEntry entry;
        if (act.equals(DeskEntry.ACKNOWLEDGED)) {
            entry = DeskEntry.acknowledged(id, now, alert, by, note);
        } else if (DeskEntry.VERDICTS.contains(act)) {
            entry = DeskEntry.verdict(id, now, alert, act, by, note);
        } else if (SILENCES.containsKey(act)) {
            entry = DeskEntry.silenced(id, now, alert, now.plus(SILENCES.getOrDefault(act, Duration.ZERO)), by, note);
        } else {
            return new Answer(null, "There is no answer '" + act + "'.");
        }
        String fault = DeskTopic.fault(entry);
        return fault == null ? new Answer(entry, null) : new Answer(null, fault);
    }

    /**
     * The form below an alert.
     *
     * @param nonce of this showing of the form: the same button twice is one answer
     */
    static Html form(Look look, String alert, String nonce) {
        if (!look.desk().isOpen()) {
            return Html.of(
                    "<p class=\"note\">To answer alerts from here, start the console with --settings that name the brokers.</p>");
        }
        Html buttons = List.of(
                        button(DeskEntry.ACKNOWLEDGED, "I take it on"),
                        button(DeskEntry.USEFUL, "Useful"),
                        button(DeskEntry.KNOWN, "Known already"),
                        button(DeskEntry.WRONG, "Wrong"),
                        button("silenced-1h", "Silence 1 hour"),
                        button("silenced-1d", "1 day"),
                        button("silenced-7d", "7 days"))
                .stream()
                .collect(Html.joined());
        return Html.of(
                """
                <details id="answer-{}"><summary>Answer</summary><form class="desk" method="post" action="/alerts">
                <input type="hidden" name="token" value="{}"><input type="hidden" name="entry" value="{}">
                <input type="hidden" name="alert" value="{}"><input type="hidden" name="back" value="{}">
                <label for="by-{}">Your name<br><input id="by-{}" name="by" required maxlength="100" autocomplete="name"></label>
                <label for="note-{}">A note (may stay empty)<br><input id="note-{}" name="note" maxlength="500" size="30"></label>
                <div class="buttons">{}</div></form></details>""",
                alert,
                look.desk().token(),
                nonce,
                alert,
                look.query().with("said", "").text(),
                alert,
                alert,
                alert,
                alert,
                buttons);
    }

    private static Html button(String act, String words) {
        return Html.of("<button name=\"act\" value=\"{}\">{}</button> ", act, words);
    }
}
