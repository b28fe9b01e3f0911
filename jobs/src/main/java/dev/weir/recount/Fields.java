package dev.weir.recount;

import dev.weir.event.DealChange;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of a deal, as a map of names: each patch puts what it says and takes out what it clears. */
final class Fields {
    private final Map<String, Object> known = new TreeMap<>();

    void take(DealChange change) {
        for (String field : change.cleared()) {
            known.remove(name(field));
        }
        put("deal_type", change.dealType());
        put("amount", change.amount());
        put("recurring_amount", change.recurringAmount());
        put("currency", change.currency());
        put("owner_id", change.ownerId());
        put("account_id", change.accountId());
        put("person_ids", change.personIds());
        put("expected_close", change.expectedClose());
        put("loss_reason", change.lossReason());
        put("forecast_category", change.forecastCategory());
        change.properties().forEach((name, value) -> put("properties." + name, value));
    }

    /** Takes what a cost says. */
    void cost(Map<String, String> properties) {
        put("amount", new BigDecimal(Objects.requireNonNull(properties.get("amount"))));
        put("currency", properties.get("currency"));
    }

    private static String name(String field) {
        boolean own = List.of(
                        "deal_type",
                        "amount",
                        "recurring_amount",
                        "currency",
                        "owner_id",
                        "account_id",
                        "person_ids",
                        "expected_close",
                        "loss_reason",
                        "forecast_category")
                .contains(field);
        return own || field.startsWith("properties.") ? field : "properties." + field;
    }

    private void put(String name, @Nullable Object value) {
        if (value != null) {
            known.put(name, value);
        }
    }

    @Nullable String text(String name) {
        Object value = known.get(name);
        return value == null ? null : value.toString();
    }

    @Nullable BigDecimal amount() {
        return (BigDecimal) known.get("amount");
    }

    @SuppressWarnings("unchecked")
    List<String> persons() {
        return (List<String>) known.getOrDefault("person_ids", List.of());
    }

    /** A breakdown's value. */
    String value(String field) {
        return Objects.requireNonNullElse(text(name(field)), "(unknown)");
    }
}
