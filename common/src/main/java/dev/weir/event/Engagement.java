package dev.weir.event;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something a person did or received: a page view, a form, an e-mail opened, a meeting.
 *
 * @param eventId unique among engagement events; the same id twice is one event
 * @param occurredAt when it happened, kept to the millisecond
 * @param kind free text: page_view, form_submit, email_open, meeting, identify, experiment_exposure …; {@code identify}
 *     joins {@code anonymousId} to {@code personId}, {@code retracted} takes another back
 * @param properties everything else the source said, never null
 */
public record Engagement(
        String eventId,
        Instant occurredAt,
        @Nullable String personId,
        @Nullable String anonymousId,
        @Nullable String accountId,
        @Nullable String dealId,
        String kind,
        @Nullable String channel,
        @Nullable String campaign,
        @Nullable String asset,
        @Nullable String assetVersion,
        Map<String, String> properties) {

    /** The kind that joins an anonymous id to a person. */
    public static final String IDENTIFY = "identify";

    /** The kind that says what a campaign cost: {@code properties.amount}, in {@code properties.currency}. */
    public static final String COST = "cost";

    /** The kinds that campaigns count by name. */
    public static final String EMAIL_SENT = "email_sent";

    public static final String EMAIL_OPEN = "email_open";
    public static final String EMAIL_CLICK = "email_click";
    public static final String EMAIL_BOUNCE = "email_bounce";
    public static final String EMAIL_UNSUBSCRIBE = "email_unsubscribe";
    public static final String AD_IMPRESSION = "ad_impression";

    /** Kinds in which both sides took part: they show that a deal is alive. */
    private static final Set<String> TWO_WAY = Set.of("meeting", "reply", "call");

    /** Whether it shows that a deal is alive: both sides took part, and the deal is known. */
    public boolean isTwoWay() {
        return dealId != null && TWO_WAY.contains(kind);
    }

    /** The kind that takes back another engagement: the one whose id stands in its property {@link #RETRACTS}. */
    public static final String RETRACTED = "retracted";

    public static final String RETRACTS = "retracts";

    /** Id of the engagement that this one takes back; null when it takes back none. */
    public @Nullable String retracts() {
        return kind.equals(RETRACTED) ? properties.get(RETRACTS) : null;
    }

    /** Whether it, or what it takes back, may show that a deal is alive. */
    public boolean concernsDeal() {
        return isTwoWay() || (dealId != null && retracts() != null);
    }
}
