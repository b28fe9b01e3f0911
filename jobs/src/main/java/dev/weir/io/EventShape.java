package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event as an array of slots, one a field in the order of native JSON: the one list of fields which JSON and Avro are
 * read and written by, so that neither knows a field that the other lacks.
 *
 * @param type the value of {@code type} in native JSON
 * @param slots the fields in order; {@code properties} is the last of an event that may have fields of its own
 */
record EventShape(String type, List<Slot> slots, Take take, Make make) {

    /** What a slot holds: String, Instant, BigDecimal, Double, List of String, Map of String to String. */
    enum Kind {
        TEXT,
        TIME,
        MONEY,
        SCORE,
        TEXTS,
        MAP
    }

    /**
     * One field.
     *
     * @param isDate whether its text is a date
     * @param isLong whether its text may be long
     */
    record Slot(String name, Kind kind, boolean isDate, boolean isLong) {
        Slot(String name, Kind kind) {
            this(name, kind, EventRules.DATES.contains(name), EventRules.LONG_TEXTS.contains(name));
        }
    }

    /** An event into its slots. */
    interface Take {
        @Nullable Object[] from(Object event);
    }

    /** Slots into an event; a missing text that the event must have is the empty text, which the rules then refuse. */
    interface Make {
        Object of(@Nullable Object[] slots);
    }

    static final EventShape ENGAGEMENT = new EventShape(
            "engagement",
            slots("event_id occurred_at:TIME person_id anonymous_id account_id deal_id kind channel campaign asset"
                    + " asset_version properties:MAP"),
            event -> {
                Engagement e = (Engagement) event;
                return new @Nullable Object[] {
                    e.eventId(),
                    e.occurredAt(),
                    e.personId(),
                    e.anonymousId(),
                    e.accountId(),
                    e.dealId(),
                    e.kind(),
                    e.channel(),
                    e.campaign(),
                    e.asset(),
                    e.assetVersion(),
                    e.properties()
                };
            },
            s -> new Engagement(
                    needed(s[0]),
                    time(s[1]),
                    text(s[2]),
                    text(s[3]),
                    text(s[4]),
                    text(s[5]),
                    needed(s[6]),
                    text(s[7]),
                    text(s[8]),
                    text(s[9]),
                    text(s[10]),
                    map(s[11])));

    static final EventShape DEAL = new EventShape(
            "deal",
            slots("event_id occurred_at:TIME deal_id kind pipeline stage deal_type amount:MONEY recurring_amount:MONEY"
                    + " currency owner_id account_id person_ids:TEXTS expected_close into_id loss_reason"
                    + " forecast_category contract_start contract_end cleared:TEXTS properties:MAP"),
            event -> {
                DealChange d = (DealChange) event;
                return new @Nullable Object[] {
                    d.eventId(),
                    d.occurredAt(),
                    d.dealId(),
                    d.kind(),
                    d.pipeline(),
                    d.stage(),
                    d.dealType(),
                    d.amount(),
                    d.recurringAmount(),
                    d.currency(),
                    d.ownerId(),
                    d.accountId(),
                    d.personIds(),
                    d.expectedClose(),
                    d.intoId(),
                    d.lossReason(),
                    d.forecastCategory(),
                    d.contractStart(),
                    d.contractEnd(),
                    d.cleared(),
                    d.properties()
                };
            },
            s -> new DealChange(
                    needed(s[0]),
                    time(s[1]),
                    needed(s[2]),
                    needed(s[3]),
                    text(s[4]),
                    text(s[5]),
                    text(s[6]),
                    (BigDecimal) s[7],
                    (BigDecimal) s[8],
                    text(s[9]),
                    text(s[10]),
                    text(s[11]),
                    s[12] == null ? null : texts(s[12]),
                    text(s[13]),
                    text(s[14]),
                    text(s[15]),
                    text(s[16]),
                    text(s[17]),
                    text(s[18]),
                    texts(s[19]),
                    map(s[20])));

    static final EventShape FEEDBACK = new EventShape(
            "feedback",
            slots("event_id occurred_at:TIME person_id account_id deal_id survey kind score:SCORE comment"
                    + " properties:MAP"),
            event -> {
                Feedback f = (Feedback) event;
                return new @Nullable Object[] {
                    f.eventId(),
                    f.occurredAt(),
                    f.personId(),
                    f.accountId(),
                    f.dealId(),
                    f.survey(),
                    f.kind(),
                    f.score(),
                    f.comment(),
                    f.properties()
                };
            },
            s -> new Feedback(
                    needed(s[0]),
                    time(s[1]),
                    text(s[2]),
                    text(s[3]),
                    text(s[4]),
                    text(s[5]),
                    needed(s[6]),
                    (Double) s[7],
                    text(s[8]),
                    map(s[9])));

    static final EventShape ENTITY = new EventShape(
            "entity",
            slots("event_id occurred_at:TIME entity kind id into_id parent_id properties:MAP"),
            event -> {
                EntityChange e = (EntityChange) event;
                return new @Nullable Object[] {
                    e.eventId(), e.occurredAt(), e.entity(), e.kind(), e.id(), e.intoId(), e.parentId(), e.properties()
                };
            },
            s -> new EntityChange(
                    needed(s[0]),
                    time(s[1]),
                    needed(s[2]),
                    needed(s[3]),
                    needed(s[4]),
                    text(s[5]),
                    text(s[6]),
                    map(s[7])));

    static final EventShape DESK = new EventShape(
            "desk",
            slots("entry_id occurred_at:TIME kind alert_id alert_kind metric breakdown value subject team until:TIME"
                    + " verdict by note"),
            event -> {
                DeskEntry e = (DeskEntry) event;
                return new @Nullable Object[] {
                    e.entryId(),
                    e.occurredAt(),
                    e.kind(),
                    e.alertId(),
                    e.alertKind(),
                    e.metric(),
                    e.breakdown(),
                    e.value(),
                    e.subject(),
                    e.team(),
                    e.until(),
                    e.verdict(),
                    e.by(),
                    e.note()
                };
            },
            s -> new DeskEntry(
                    needed(s[0]),
                    time(s[1]),
                    needed(s[2]),
                    text(s[3]),
                    text(s[4]),
                    text(s[5]),
                    text(s[6]),
                    text(s[7]),
                    text(s[8]),
                    text(s[9]),
                    (Instant) s[10],
                    text(s[11]),
                    needed(s[12]),
                    text(s[13])));

    /** All of them, by the type that native JSON calls them. */
    static final Map<String, EventShape> BY_TYPE = byType(ENGAGEMENT, DEAL, FEEDBACK, ENTITY, DESK);

    /** The shape of an event record; null for anything else. */
    static @Nullable EventShape of(Object event) {
        if (event instanceof Engagement) {
            return ENGAGEMENT;
        }
        if (event instanceof DealChange) {
            return DEAL;
        }
        if (event instanceof Feedback) {
            return FEEDBACK;
        }
        if (event instanceof EntityChange) {
            return ENTITY;
        }
        return event instanceof DeskEntry ? DESK : null;
    }

    /** Whether an event may have fields that are not listed, which are then its properties. */
    boolean isOpen() {
        return slots.get(slots.size() - 1).kind() == Kind.MAP;
    }

    /** Where a field stands; -1 when the event has no such field. */
    int index(String name) {
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static Map<String, EventShape> byType(EventShape... shapes) {
        Map<String, EventShape> all = new LinkedHashMap<>();
        for (EventShape shape : shapes) {
            all.put(shape.type(), shape);
        }
        return all;
    }

    private static List<Slot> slots(String words) {
        return List.of(words.split(" ", -1)).stream()
                .map(word -> {
                    int colon = word.indexOf(':');
                    return colon < 0
                            ? new Slot(word, Kind.TEXT)
                            : new Slot(word.substring(0, colon), Kind.valueOf(word.substring(colon + 1)));
                })
                .toList();
    }

    private static String needed(@Nullable Object slot) {
        return slot == null ? "" : (String) slot;
    }

    private static @Nullable String text(@Nullable Object slot) {
        return (String) slot;
    }

    private static Instant time(@Nullable Object slot) {
        return slot == null ? Instant.MIN : (Instant) slot;
    }

    @SuppressWarnings("unchecked")
    private static List<String> texts(@Nullable Object slot) {
        return slot == null ? List.of() : (List<String>) slot;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> map(@Nullable Object slot) {
        return slot == null ? Map.of() : (Map<String, String>) Objects.requireNonNull(slot);
    }
}
