package dev.weir.conversion;

import org.jspecify.annotations.Nullable;

/**
 * An engagement as attribution and campaigns see it.
 *
 * @param eventId of the engagement
 * @param at when, epoch milliseconds
 * @param kind of the engagement
 * @param credited whether the playbook calls it a touch, so that it may be credited
 * @param home whether it is at the key where campaigns count it; its account has a copy for its deals only
 * @param amount what it cost, for {@link dev.weir.event.Engagement#COST}
 */
public record Touch(
        String eventId,
        long at,
        String kind,
        @Nullable String channel,
        @Nullable String campaign,
        @Nullable String asset,
        @Nullable String assetVersion,
        boolean credited,
        boolean home,
        @Nullable String amount,
        @Nullable String currency) {

    /** The same touch as a deal keeps it, whichever way it came. */
    Touch asGiven() {
        return new Touch(eventId, at, kind, channel, campaign, asset, assetVersion, true, false, null, null);
    }
}
