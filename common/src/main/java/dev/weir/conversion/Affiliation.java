package dev.weir.conversion;

import dev.weir.machine.Difference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What brings the fields of an account to its persons: at a person's key that an event leads to an account, at the account's
 * key that a person asks, or what an entity event says of the account.
 *
 * @param id unique at the key that keeps it
 * @param at epoch milliseconds
 * @param with at a person's key the account's, at the account's key the person's; of what was said, the account's own
 * @param profile what was said; null for the other two
 */
public record Affiliation(
        String id, long at, String with, @Nullable Observation profile) {

    /** Where it belongs: to the account of whom something was said, or where it was sent. */
    public static String key(Difference<Affiliation> difference) {
        Affiliation fact = Objects.requireNonNull(difference.fact);
        return fact.profile == null ? difference.key : fact.with;
    }

    /** After all that was said: an account of too many persons rather leaves out some of them. */
    static Affiliation asking(String person) {
        return new Affiliation(person, Long.MAX_VALUE, person, null);
    }

    static Affiliation said(Observation profile) {
        return new Affiliation(profile.id, profile.at, Objects.requireNonNull(profile.profileOf), profile);
    }

    /** Of two payloads of one id the lesser text counts. */
    static Affiliation prefer(Affiliation kept, Affiliation newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    private String canonical() {
        return at + with + (profile == null ? "" : profile.canonical());
    }
}
