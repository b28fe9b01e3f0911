package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.alert.Digest;
import dev.weir.machine.Json;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of alerts, and how.
 *
 * @param name unique; what was told is remembered under it
 */
record Receiver(String name, Filter filter, Means means) {
    /** In place of a channel or address: that of the alert's team. */
    static final String TEAM = "team";

    static final String TEAM_LEAD = "team lead";
    /** In place of an address: that of the owner of what the alert is about or, when it has left, of its manager. */
    static final String OWNER = "owner";

    /** Which alerts; an empty set means any. */
    record Filter(Set<String> teams, Set<String> severities, Set<String> kinds) {
        /** Whether it is for people at all, and for these. */
        boolean takes(Alert alert) {
            return isSent(alert)
                    && (teams.isEmpty() || (alert.team() != null && teams.contains(alert.team())))
                    && (severities.isEmpty() || severities.contains(alert.severity()))
                    && (kinds.isEmpty() || kinds.contains(alert.kind()));
        }

        /** What is in a digest is told by the digest; an alert from before alerts said so tells it in its evidence. */
        private static boolean isSent(Alert alert) {
            String delivery = alert.delivery();
            if (alert.kind().equals(Digest.KIND)) {
                return !Alert.NONE.equals(delivery);
            }
            return delivery == null
                    ? !Alert.DIGEST.equals(Json.read(alert.evidence()).get("delivery"))
                    : delivery.equals(Alert.PAGE);
        }
    }

    /** What a receiver is. */
    sealed interface Means {}

    /**
     * A Slack app.
     *
     * @param channel its name or id, or {@link #TEAM}
     * @param otherwise the channel of alerts whose team has none
     */
    record Slack(Secret token, String channel, @Nullable String otherwise, URI api) implements Means {}

    /** An incoming webhook of Slack; its address is the secret. */
    record SlackHook(Secret url) implements Means {}

    /**
     * Any HTTP server.
     *
     * @param secret with which bodies are signed
     */
    record Webhook(URI url, Secret secret) implements Means {}

    /**
     * Mail by SMTP.
     *
     * @param to addresses, or {@link #TEAM_LEAD} or {@link #OWNER}
     * @param otherwise the address of alerts whose team or owner has none
     */
    record Mail(
            String host,
            int port,
            Security security,
            @Nullable String user,
            @Nullable Secret password,
            String from,
            List<String> to,
            @Nullable String otherwise)
            implements Means {}

    /** How mail is encrypted on its way to the server; the server must do so. */
    enum Security {
        STARTTLS,
        TLS,
        NONE
    }

    /**
     * Prometheus Alertmanager, version 2 of its interface.
     *
     * @param repeat how often what stands is posted again: well below its resolve_timeout
     */
    record Alertmanager(URI url, Duration repeat) implements Means {}
}
