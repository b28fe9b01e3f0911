package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.machine.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Posts each change of an alert as JSON, signed: {@code Weir-Signature} is {@code sha256=} and the hexadecimal HMAC-SHA256 of
 * {@code Weir-Timestamp}, a full stop and the body. The timestamp, in seconds since 1970, is that of the attempt, so a receiver
 * can refuse what is old; the {@code Idempotency-Key} is that of the words.
 */
record WebhookTeller(Receiver.Webhook webhook, Http http) implements Teller {
    @Override
    public String tell(Message message, Instant now) throws NotDelivered {
        String body = body(message);
        String timestamp = Long.toString(now.getEpochSecond());
        http.post(
                webhook.url(),
                Map.of(
                        "Idempotency-Key",
                        message.key(),
                        "Weir-Timestamp",
                        timestamp,
                        "Weir-Signature",
                        "sha256=" + signature(webhook.secret().read(), timestamp, body)),
                body);
        return "";
    }

    static String signature(String secret, String timestamp, String body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal((timestamp + "." + body).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    static String body(Message message) {
        Alert alert = message.alert();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("alert_id", alert.alertId());
        fields.put("kind", alert.kind());
        fields.put("severity", alert.severity());
        fields.put("status", Change.isTakenBack(alert) ? Alert.RETRACTED : alert.status());
        fields.put("metric", alert.metric());
        fields.put("breakdown", alert.breakdown());
        fields.put("value", alert.value());
        fields.put("subject", alert.subject());
        fields.put("team", alert.team());
        fields.put("owner_id", alert.ownerId());
        fields.put("summary", alert.summary());
        fields.put("started_at", alert.startedAt());
        fields.put("ended_at", alert.endedAt());
        fields.put("runbook", alert.runbook());
        fields.put("cause", alert.cause());
        fields.put("confidence", alert.confidence());
        fields.put("acknowledged_by", alert.acknowledgedBy());
        fields.put("verdict", alert.verdict());
        fields.put("evidence", Json.read(alert.evidence()));
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("version", 1);
        body.put("idempotency_key", message.key());
        body.put("revision", message.revision());
        body.put("alert", fields);
        if (!message.longest().isEmpty()) {
            body.put(
                    "waiting_longest",
                    message.longest().stream().map(WebhookTeller::deal).toList());
        }
        return Json.object(body);
    }

    private static Map<String, @Nullable Object> deal(Longest.Deal deal) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("deal_id", deal.id());
        fields.put("owner_id", deal.ownerId());
        fields.put("days", new BigDecimal(deal.days()));
        return fields;
    }
}
