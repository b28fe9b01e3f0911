package dev.weir.event;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A patch to a deal: a null field means unchanged, a name in {@code cleared} empties that field.
 *
 * @param eventId unique among deal events; the same id twice is one event
 * @param occurredAt when it happened, kept to the millisecond
 * @param kind one of {@link #CREATED}, {@link #STAGE_CHANGED}, {@link #AMENDED}, {@link #DELETED}, {@link #RESTORED},
 *     {@link #MERGED}
 * @param stage name, id or alias of a stage as the source says it; the playbook maps it
 * @param expectedClose ISO date, as are {@code contractStart} and {@code contractEnd}
 * @param intoId for {@link #MERGED}: the deal that lives on
 * @param cleared native-JSON names of the fields this patch empties
 */
public record DealChange(
        String eventId,
        Instant occurredAt,
        String dealId,
        String kind,
        @Nullable String pipeline,
        @Nullable String stage,
        @Nullable String dealType,
        @Nullable BigDecimal amount,
        @Nullable BigDecimal recurringAmount,
        @Nullable String currency,
        @Nullable String ownerId,
        @Nullable String accountId,
        @Nullable List<String> personIds,
        @Nullable String expectedClose,
        @Nullable String intoId,
        @Nullable String lossReason,
        @Nullable String forecastCategory,
        @Nullable String contractStart,
        @Nullable String contractEnd,
        List<String> cleared,
        Map<String, String> properties) {

    /** Most changes clear nothing and have no properties, and deals keep all their changes. */
    public DealChange {
        cleared = cleared.isEmpty() ? List.of() : cleared;
        properties = properties.isEmpty() ? Map.of() : properties;
    }

    public static final String CREATED = "created";
    public static final String STAGE_CHANGED = "stage_changed";
    public static final String AMENDED = "amended";
    public static final String DELETED = "deleted";
    public static final String RESTORED = "restored";
    public static final String MERGED = "merged";

    /**
     * The same text for the same content, whatever map carries the properties and however many zeros an amount ends in (a
     * file keeps them, a topic does not): decides between two payloads of one id.
     */
    public String canonical() {
        return new DealChange(
                        eventId,
                        occurredAt,
                        dealId,
                        kind,
                        pipeline,
                        stage,
                        dealType,
                        plain(amount),
                        plain(recurringAmount),
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
                        cleared,
                        new TreeMap<>(properties))
                .toString();
    }

    private static @Nullable BigDecimal plain(@Nullable BigDecimal amount) {
        return amount == null ? null : amount.stripTrailingZeros();
    }

    /** The same change of another deal. */
    public DealChange of(String deal) {
        return with(deal, kind, intoId);
    }

    /** What a merge says beside that it is one. */
    public DealChange asAmendment() {
        return with(dealId, AMENDED, null);
    }

    private DealChange with(String deal, String newKind, @Nullable String newIntoId) {
        return new DealChange(
                eventId,
                occurredAt,
                deal,
                newKind,
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
                newIntoId,
                lossReason,
                forecastCategory,
                contractStart,
                contractEnd,
                cleared,
                properties);
    }

    /** Every kind a deal event may have. */
    public static final List<String> KINDS = List.of(CREATED, STAGE_CHANGED, AMENDED, DELETED, RESTORED, MERGED);

    /** The kind of what changes nothing but shows that the deal is alive. It comes from no source: the door refuses it. */
    private static final String ACTIVITY = "activity";

    private static final String ACTIVITY_RETRACTED = "activity_retracted";

    private static String activityId(String engagement) {
        return "\0\0" + engagement;
    }

    /**
     * A two-way engagement, or what takes one back, as its deal sees it. Its id is one that no deal event has: none holds a
     * NUL.
     */
    public static DealChange activity(Engagement engagement) {
        String retracts = engagement.retracts();
        return new DealChange(
                activityId(engagement.eventId()),
                engagement.occurredAt(),
                Objects.requireNonNullElse(engagement.dealId(), ""),
                retracts == null ? ACTIVITY : ACTIVITY_RETRACTED,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                retracts == null ? null : activityId(retracts),
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }

    /** Id of the change that this one takes back; null when it takes back none. */
    public @Nullable String retracts() {
        return kind.equals(ACTIVITY_RETRACTED) ? intoId : null;
    }

    /** Whether it is an {@link #activity} and changes nothing. */
    public boolean isActivity() {
        return kind.equals(ACTIVITY);
    }

    /** The kind of what says how long deals may stand still. It concerns every deal, and comes from no source either. */
    private static final String LIMIT = "limit";

    /**
     * How long deals may stand still in a stage, for those that fall quiet from a moment on.
     *
     * @param properties with {@link EntityChange#STALLED_AFTER}
     */
    public static DealChange limit(
            String id, Instant from, String pipeline, String stage, Map<String, String> properties) {
        return new DealChange(
                id,
                from,
                "",
                LIMIT,
                pipeline,
                stage,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                properties);
    }

    /** Whether it is a {@link #limit}. */
    public boolean isLimit() {
        return kind.equals(LIMIT);
    }
}
