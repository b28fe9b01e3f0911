package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.playbook.Durations;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an event must be before anything behind the door sees it, whether it came as JSON or as Avro. Limits are here so that
 * no key outgrows an index and no state a disk.
 */
final class EventRules {
    /** Bytes of one event, as a line or as a record. */
    static final int EVENT_LIMIT = 1 << 20;

    /** UTF-8 bytes of one text. */
    static final int TEXT_LIMIT = 64 * 1024;

    /** Characters of an id, a kind, or another text that may become a key. */
    static final int KEY_LIMIT = 512;

    /** Characters of the name of a property. */
    static final int NAME_LIMIT = 256;

    /** Properties of one event, and texts in one list. */
    static final int COUNT_LIMIT = 1000;

    /** Digits before the point: what {@code numeric(20,4)} holds. */
    static final int MONEY_DIGITS = 16;

    /** Digits after the point; more are rounded half to even. */
    static final int MONEY_SCALE = 4;

    /** Nothing was sold by computer before; seconds taken for milliseconds fall into January 1970. */
    static final Instant EARLIEST = Instant.parse("1980-01-01T00:00:00Z");

    static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    /** Fields that may hold a long text; every other text is a key or may become one. */
    static final Set<String> LONG_TEXTS = Set.of("comment", "asset", "loss_reason", "note");

    static final Set<String> DATES = Set.of("expected_close", "contract_start", "contract_end");

    private static final Set<String> CLEARABLE = Set.of(
            "pipeline",
            "deal_type",
            "amount",
            "recurring_amount",
            "currency",
            "owner_id",
            "account_id",
            "person_ids",
            "expected_close",
            "loss_reason",
            "forecast_category",
            "contract_start",
            "contract_end");

    private EventRules() {}

    /** Why these slots are no event, naming the field and the mend; null when they are one. */
    static @Nullable String fault(EventShape shape, @Nullable Object[] slots) {
        return fault(shape, slots, false);
    }

    /**
     * The same of slots whose texts were looked at as they were read.
     *
     * @param plain whether every text is of ASCII without NUL, and not longer than {@link #NAME_LIMIT}
     */
    static @Nullable String fault(EventShape shape, @Nullable Object[] slots, boolean plain) {
        for (int i = 0; i < slots.length; i++) {
            Object value = slots[i];
            String fault = value == null ? null : slotFault(shape.slots().get(i), value, plain);
            if (fault != null) {
                return fault;
            }
        }
        if (missing(slots[0])) {
            return shape.slots().get(0).name()
                    + " is missing: every event needs a text of its own, the same when it is sent again";
        }
        if (missing(slots[1])) {
            return "occurred_at is missing: write when it happened, such as \"2026-01-02T03:04:05Z\"";
        }
        return null;
    }

    /** Why this event is none, naming the field and the mend; null when it is one. Takes for granted {@link #fault}. */
    static @Nullable String fault(Object event) {
        if (event instanceof Engagement e) {
            return engagement(e);
        }
        if (event instanceof DealChange d) {
            return deal(d);
        }
        if (event instanceof Feedback f) {
            return feedback(f);
        }
        if (event instanceof EntityChange e) {
            return entity(e);
        }
        return event instanceof DeskEntry e ? desk(e) : "no event: " + event.getClass();
    }

    /** The amount as the warehouse can hold it; null when it has too many digits, which costs nothing to find out. */
    static @Nullable BigDecimal money(BigDecimal amount) {
        if (amount.precision() - (long) amount.scale() > MONEY_DIGITS || amount.scale() > 100) {
            return null;
        }
        BigDecimal held = amount.scale() > MONEY_SCALE
                ? amount.setScale(MONEY_SCALE, RoundingMode.HALF_EVEN)
                : amount.scale() < 0 ? amount.setScale(0) : amount;
        return held.precision() - held.scale() > MONEY_DIGITS ? null : held;
    }

    private static @Nullable String slotFault(EventShape.Slot slot, Object value, boolean plain) {
        String name = slot.name();
        return switch (slot.kind()) {
            case TEXT ->
                slot.isDate()
                        ? date(name, (String) value)
                        : plain ? null : slot.isLong() ? longText(name, (String) value) : text(name, (String) value);
            case TIME -> {
                Instant time = (Instant) value;
                yield time.isBefore(EARLIEST) || time.isAfter(LATEST)
                        ? name + " is before 1980 or after 9999: is it seconds in the place of milliseconds?"
                        : null;
            }
            case MONEY, SCORE -> null;
            case TEXTS -> texts(name, (List<?>) value, plain);
            case MAP -> properties((Map<?, ?>) value, plain);
        };
    }

    private static @Nullable String text(String name, String value) {
        if (value.length() > KEY_LIMIT) {
            return name + " is " + value.length() + " characters long: at most " + KEY_LIMIT + " are kept";
        }
        return characters(name, value);
    }

    private static @Nullable String longText(String name, String value) {
        if (value.length() > TEXT_LIMIT / 3 && bytes(value) > TEXT_LIMIT) {
            return name + " is longer than " + TEXT_LIMIT + " bytes: shorten it";
        }
        return characters(name, value);
    }

    private static @Nullable String characters(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0) {
                return name + " has a NUL character, which no database keeps as text: take it out";
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == value.length()
                        || !Character.isLowSurrogate(value.charAt(i + 1))) {
                    return name + " has half of a character (a lone surrogate): take it out";
                }
                i++;
            }
        }
        return null;
    }

    private static long bytes(String value) {
        long bytes = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    private static @Nullable String date(String name, String value) {
        try {
            LocalDate date = value.length() == 10 ? LocalDate.parse(value) : LocalDate.MIN;
            return date.getYear() < 1900 ? name + " is no date: write it as 2026-02-01" : null;
        } catch (DateTimeException e) {
            return name + " is no date: write it as 2026-02-01";
        }
    }

    private static @Nullable String texts(String name, List<?> values, boolean plain) {
        if (values.size() > COUNT_LIMIT) {
            return name + " has " + values.size() + " texts: at most " + COUNT_LIMIT + " are kept";
        }
        for (Object value : values) {
            String text = (String) value;
            if (text.isEmpty()) {
                return name + " has an empty text: leave it out";
            }
            String fault = plain ? null : text(name, text);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static @Nullable String properties(Map<?, ?> properties, boolean plain) {
        if (properties.size() > COUNT_LIMIT) {
            return "properties has " + properties.size() + " names: at most " + COUNT_LIMIT + " are kept";
        }
        for (Map.Entry<?, ?> property : properties.entrySet()) {
            String name = (String) property.getKey();
            if (name.isEmpty() || name.length() > NAME_LIMIT) {
                return "properties has a name of " + name.length() + " characters: use 1 to " + NAME_LIMIT;
            }
            String fault = plain ? null : characters("the name of a property", name);
            if (fault == null && !plain) {
                fault = longText("properties." + name, (String) property.getValue());
            }
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static @Nullable String engagement(Engagement e) {
        if (e.kind().isEmpty()) {
            return "kind is missing: name what was done, such as \"page_view\"";
        }
        if (e.kind().equals(Engagement.IDENTIFY) && (e.personId() == null || e.anonymousId() == null)) {
            return "identify joins two ids: give both person_id and anonymous_id";
        }
        if (e.kind().equals(Engagement.COST)) {
            return cost(e);
        }
        boolean retracts = e.kind().equals(Engagement.RETRACTED);
        if (retracts && missing(e.retracts())) {
            return "properties.retracts is missing: a retraction names the event_id of the engagement it takes back";
        }
        if (e.personId() == null && e.anonymousId() == null && e.accountId() == null && e.dealId() == null) {
            if (retracts) {
                return e.campaign() != null
                        ? null
                        : "person_id is missing, and so are anonymous_id, account_id, deal_id and campaign: a retraction"
                                + " gives those of the event it takes back, or it cannot find it";
            }
            return "person_id is missing, and so are anonymous_id, account_id and deal_id: give one of them";
        }
        return null;
    }

    private static @Nullable String cost(Engagement e) {
        if (e.campaign() == null) {
            return "campaign is missing: an engagement of kind cost names the campaign that cost it";
        }
        String currency = e.properties().get("currency");
        if (currency != null && !isCurrency(currency)) {
            return "properties.currency is no code of ISO 4217: write three capital letters, such as \"EUR\"";
        }
        try {
            String amount = e.properties().getOrDefault("amount", "");
            return amount.length() <= NAME_LIMIT && money(new BigDecimal(amount)) != null
                    ? null
                    : "properties.amount has more than " + MONEY_DIGITS + " digits before the point";
        } catch (NumberFormatException notOne) {
            return "properties.amount is no number: an engagement of kind cost says it as \"1200.00\"";
        }
    }

    private static @Nullable String deal(DealChange d) {
        if (d.dealId().isEmpty()) {
            return "deal_id is missing: name the deal";
        }
        if (!DealChange.KINDS.contains(d.kind())) {
            return kind(d.kind(), DealChange.KINDS);
        }
        if (d.kind().equals(DealChange.STAGE_CHANGED) && d.stage() == null) {
            return "stage is missing: a deal event of kind stage_changed names the stage it entered";
        }
        if (d.kind().equals(DealChange.MERGED) && d.intoId() == null) {
            return "into_id is missing: a deal event of kind merged names the deal that lives on";
        }
        if (d.kind().equals(DealChange.MERGED) && d.dealId().equals(d.intoId())) {
            return "into_id is the deal itself: name the deal that lives on";
        }
        String currency = d.currency();
        if (currency != null && !isCurrency(currency)) {
            return "currency is no code of ISO 4217: write three capital letters, such as \"EUR\"";
        }
        for (String field : d.cleared()) {
            boolean property = field.startsWith("properties.") && field.length() > "properties.".length();
            if (!property && !CLEARABLE.contains(field)) {
                return "cleared names a field that cannot be emptied: use properties.<name> or one of "
                        + CLEARABLE.stream().sorted().toList();
            }
        }
        return null;
    }

    private static boolean isCurrency(String text) {
        boolean capitals = text.length() == 3;
        for (int i = 0; capitals && i < 3; i++) {
            capitals = text.charAt(i) >= 'A' && text.charAt(i) <= 'Z';
        }
        return capitals;
    }

    private static @Nullable String feedback(Feedback f) {
        int low;
        int high;
        switch (f.kind()) {
            case "nps" -> {
                low = 0;
                high = 10;
            }
            case "csat" -> {
                low = 1;
                high = 5;
            }
            case "ces" -> {
                low = 1;
                high = 7;
            }
            case "invited", "dismissed" -> {
                return f.score() == null
                        ? null
                        : "score stands beside kind " + f.kind() + ": leave it out, or name nps, csat or ces";
            }
            default -> {
                return kind(f.kind(), Feedback.KINDS);
            }
        }
        Double score = f.score();
        if (score == null) {
            return "score is missing: " + f.kind() + " has a score from " + low + " to " + high;
        }
        return score >= low && score <= high
                ? null
                : "score is out of range: " + f.kind() + " goes from " + low + " to " + high;
    }

    private static @Nullable String entity(EntityChange e) {
        if (!EntityChange.ENTITIES.contains(e.entity())) {
            return e.entity().isEmpty()
                    ? "entity is missing: use one of " + EntityChange.ENTITIES
                    : "entity is unknown: use one of " + EntityChange.ENTITIES;
        }
        if (!EntityChange.KINDS.contains(e.kind())) {
            return kind(e.kind(), EntityChange.KINDS);
        }
        if (e.id().isEmpty()) {
            return "id is missing: name the " + e.entity();
        }
        if (e.entity().equals(EntityChange.STAGE)) {
            return stage(e);
        }
        boolean joins = e.joins();
        if (joins && e.intoId() == null) {
            return "into_id is missing: an entity event of kind " + e.kind() + " names the " + e.entity()
                    + " that lives on";
        }
        return joins && e.id().equals(e.intoId()) ? "into_id is the " + e.entity() + " itself" : null;
    }

    private static @Nullable String stage(EntityChange e) {
        int slash = e.id().indexOf('/');
        if (slash < 1 || slash == e.id().length() - 1) {
            return "id is no stage: write the names of pipeline and stage as \"sales/proposal\"";
        }
        if (e.joins()) {
            return "stages are not " + e.kind() + ": use upserted, or deleted to take back the limit of occurred_at";
        }
        if (e.kind().equals(EntityChange.DELETED)) {
            return null;
        }
        String limit = e.properties().get(EntityChange.STALLED_AFTER);
        Duration length = limit == null ? null : Durations.parse(limit);
        return length != null && Durations.isSound(length)
                ? null
                : "properties.stalled_after is missing or no duration of at most " + Durations.MOST.toDays()
                        + "d: write how long a deal may stand still, such as \"12d\" or \"300h\"";
    }

    private static @Nullable String desk(DeskEntry e) {
        if (!DeskEntry.KINDS.contains(e.kind())) {
            return kind(e.kind(), DeskEntry.KINDS);
        }
        if (e.by().isEmpty()) {
            return "by is missing: name who says it";
        }
        boolean silence = e.kind().equals(DeskEntry.SILENCED) || e.kind().equals(DeskEntry.UNSILENCED);
        boolean scope = e.alertKind() != null
                || e.metric() != null
                || e.breakdown() != null
                || e.value() != null
                || e.subject() != null
                || e.team() != null;
        if (e.alertId() == null && !(silence && scope)) {
            return silence
                    ? "alert_id is missing, and so are alert_kind, metric, breakdown, value, subject and team: say with"
                            + " one of them which alerts are meant"
                    : "alert_id is missing: an entry of kind " + e.kind() + " names the alert";
        }
        if (!silence && scope) {
            return "an entry of kind " + e.kind()
                    + " is about the alert of alert_id: leave out alert_kind, metric, breakdown, value, subject and team";
        }
        Instant until = e.until();
        if (e.kind().equals(DeskEntry.SILENCED) && (until == null || !until.isAfter(e.occurredAt()))) {
            return "until is missing or not after occurred_at: say when the silence ends";
        }
        if (e.kind().equals(DeskEntry.VERDICT) != (e.verdict() != null)
                || (e.verdict() != null && !DeskEntry.VERDICTS.contains(e.verdict()))) {
            return e.kind().equals(DeskEntry.VERDICT)
                    ? "verdict is missing or unknown: use one of " + DeskEntry.VERDICTS
                    : "verdict stands beside kind " + e.kind() + ": leave it out, or use kind verdict";
        }
        return null;
    }

    private static String kind(String kind, List<String> kinds) {
        return (kind.isEmpty() ? "kind is missing" : "kind is unknown") + ": use one of " + kinds;
    }

    private static boolean missing(@Nullable Object slot) {
        return slot == null || slot.equals("");
    }
}
