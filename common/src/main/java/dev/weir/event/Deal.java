package dev.weir.event;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of a deal at one moment: its patches, folded in order. */
public final class Deal {
    public final String id;
    public @Nullable String pipeline;
    public @Nullable String stage;
    public @Nullable String dealType;
    public @Nullable BigDecimal amount;
    public @Nullable BigDecimal recurringAmount;
    public @Nullable String currency;
    public @Nullable String ownerId;
    public @Nullable String accountId;
    public @Nullable List<String> personIds;
    public @Nullable String expectedClose;
    public @Nullable String intoId;
    public @Nullable String lossReason;
    public @Nullable String forecastCategory;
    public @Nullable String contractStart;
    public @Nullable String contractEnd;
    public final Map<String, String> properties = new TreeMap<>();

    public Deal(String id) {
        this.id = id;
    }

    /** Takes over all that a patch says but pipeline and stage, which are moves and have an order of their own. */
    public void patch(DealChange change) {
        for (String field : change.cleared()) {
            clear(field);
        }
        dealType = newest(change.dealType(), dealType);
        amount = newest(change.amount(), amount);
        recurringAmount = newest(change.recurringAmount(), recurringAmount);
        currency = newest(change.currency(), currency);
        ownerId = newest(change.ownerId(), ownerId);
        accountId = newest(change.accountId(), accountId);
        personIds = newest(change.personIds(), personIds);
        expectedClose = newest(change.expectedClose(), expectedClose);
        intoId = newest(change.intoId(), intoId);
        lossReason = newest(change.lossReason(), lossReason);
        forecastCategory = newest(change.forecastCategory(), forecastCategory);
        contractStart = newest(change.contractStart(), contractStart);
        contractEnd = newest(change.contractEnd(), contractEnd);
        if (!change.properties().isEmpty()) {
            properties.putAll(change.properties());
        }
    }

    private void clear(String field) {
        switch (field) {
            case "pipeline", "stage" -> {} // a deal stays where it is until it is somewhere else
            case "deal_type" -> dealType = null;
            case "amount" -> amount = null;
            case "recurring_amount" -> recurringAmount = null;
            case "currency" -> currency = null;
            case "owner_id" -> ownerId = null;
            case "account_id" -> accountId = null;
            case "person_ids" -> personIds = null;
            case "expected_close" -> expectedClose = null;
            case "loss_reason" -> lossReason = null;
            case "forecast_category" -> forecastCategory = null;
            case "contract_start" -> contractStart = null;
            case "contract_end" -> contractEnd = null;
            default -> properties.remove(field.startsWith("properties.") ? field.substring(11) : field);
        }
    }

    /** The text of a breakdown field, by its native-JSON name; null where the deal does not say. */
    public @Nullable String value(String field) {
        return switch (field) {
            case "deal_type" -> dealType;
            case "currency" -> currency;
            case "owner_id" -> ownerId;
            case "account_id" -> accountId;
            case "loss_reason" -> lossReason;
            case "forecast_category" -> forecastCategory;
            default -> properties.get(field.startsWith("properties.") ? field.substring(11) : field);
        };
    }

    /** The deal as one full fact with the identity of the change that made it so. */
    public DealChange full(DealChange change) {
        return new DealChange(
                change.eventId(),
                change.occurredAt(),
                id,
                change.kind(),
                pipeline,
                stage,
                dealType,
                amount,
                recurringAmount,
                currency,
                ownerId,
                accountId,
                personIds,
                expectedClose,
                intoId,
                lossReason,
                forecastCategory,
                contractStart,
                contractEnd,
                List.of(),
                new TreeMap<>(properties));
    }

    private static <T> @Nullable T newest(@Nullable T said, @Nullable T before) {
        return said != null ? said : before;
    }
}
