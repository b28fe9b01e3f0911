package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.io.DeliveryLog.Told;
import dev.weir.machine.Json;
import dev.weir.playbook.Team;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Posts an alert with a bot's token, and keeps the message true: a change edits it, and news of it are said in its thread, where
 * those who follow it hear them.
 */
record SlackTeller(Receiver.Slack slack, Receivers.Directory directory, Http http) implements Teller {
    /** Answers after which there is no message to edit. */
    private static final Set<String> GONE = Set.of(
            "message_not_found", "channel_not_found", "cant_update_message", "edit_window_closed", "is_archived");

    @Override
    public String tell(Message message, Instant now) throws NotDelivered {
        Told before = message.before();
        String[] handle = before == null ? new String[0] : before.handle().split(" ", 2);
        if (handle.length < 2) {
            return post(message);
        }
        Map<String, @Nullable Object> edit = SlackWords.message(message);
        edit.put("channel", handle[0]);
        edit.put("ts", handle[1]);
        try {
            call("chat.update", edit);
        } catch (SlackRefused refused) {
            if (GONE.contains(refused.error)) {
                return post(message);
            }
            throw refused.why();
        }
        if (message.change() == Change.NEWS) {
            Map<String, @Nullable Object> reply = new LinkedHashMap<>();
            reply.put("channel", handle[0]);
            reply.put("thread_ts", handle[1]);
            reply.put("text", SlackWords.news(message.alert()));
            said(reply);
        }
        return handle[0] + " " + handle[1];
    }

    private String post(Message message) throws NotDelivered {
        Map<String, @Nullable Object> post = SlackWords.message(message);
        post.put("channel", channel(message.alert()));
        Map<String, @Nullable Object> answer = said(post);
        return answer.get("channel") + " " + answer.get("ts");
    }

    private String channel(Alert alert) {
        if (!slack.channel().equals(Receiver.TEAM)) {
            return slack.channel();
        }
        Team team = alert.team() == null ? null : directory.teams().get(alert.team());
        String channel = team == null ? null : team.channel();
        return channel != null ? channel : Objects.requireNonNull(slack.otherwise());
    }

    private Map<String, @Nullable Object> said(Map<String, @Nullable Object> message) throws NotDelivered {
        try {
            return call("chat.postMessage", message);
        } catch (SlackRefused refused) {
            throw refused.why();
        }
    }

    private Map<String, @Nullable Object> call(String method, Map<String, @Nullable Object> message)
            throws NotDelivered, SlackRefused {
        String base = slack.api().toString();
        Http.Answer answer = http.post(
                URI.create(base + (base.endsWith("/") ? "" : "/") + method),
                Map.of("Authorization", "Bearer " + slack.token().read()),
                Json.object(message));
        Map<String, @Nullable Object> said = Json.read(answer.body());
        if (!Boolean.TRUE.equals(said.get("ok"))) {
            throw new SlackRefused(method, Harmless.line(String.valueOf(said.get("error")), 80));
        }
        return said;
    }

    private static final class SlackRefused extends Exception {
        private static final long serialVersionUID = 1;

        private final String error;

        SlackRefused(String method, String error) {
            super("Slack refused " + method + ": " + error + mend(error));
            this.error = error;
        }

        NotDelivered why() {
            return new NotDelivered(String.valueOf(getMessage()), this);
        }

        private static String mend(String error) {
            return switch (error) {
                case "not_in_channel" -> " (invite the app to the channel)";
                case "channel_not_found" -> " (is the channel's name right, and is the app in it?)";
                case "invalid_auth", "token_revoked", "account_inactive", "not_authed" -> " (renew the token)";
                case "missing_scope" -> " (the app needs the scope chat:write)";
                default -> "";
            };
        }
    }
}
