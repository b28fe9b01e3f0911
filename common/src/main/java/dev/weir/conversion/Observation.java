package dev.weir.conversion;

import dev.weir.event.EntityChange;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event as a funnel sees it: which of the playbook's conditions hold for it, and the values it may be broken down by.
 * Everything else stays behind before the shuffle.
 *
 * <p>The fields are public and there is an empty constructor for the serializer; nothing changes them after that.
 */
public final class Observation {
    /** The event's id, unique per kind of event. */
    public String id = "";
    /** When it happened, epoch milliseconds. */
    public long at;
    /** Bit n is set when condition n of {@link FunnelInputs#conditions} holds. */
    public long[] holds = {};
    /** The values of {@link FunnelInputs#fields}, null where the event does not say. */
    public @Nullable String[] values = {};
    /** The person this event joins its anonymous visitor to; null for all but an identify. */
    public @Nullable String joins;
    /** Id of the observation that this one takes back; null for all but a retraction. */
    public @Nullable String retracts;
    /** The key to which all of this key's belong; null for all but what a merge says. */
    public @Nullable String belongsTo;
    /** The person or account of whom the values are, by the fields of {@link Profiles}; null for all but what an entity event says. */
    public @Nullable String profileOf;

    public Observation() {}

    /** What an entity event says of a person or account. */
    static Observation profile(EntityChange change, @Nullable String[] values) {
        Observation profile =
                new Observation("x:" + change.eventId(), change.occurredAt().toEpochMilli(), new long[0], values, null);
        profile.profileOf = change.entity().equals(EntityChange.ACCOUNT)
                ? Entities.account(change.id())
                : Entities.person(change.id());
        return profile;
    }

    /** The same with values in some places. */
    Observation with(List<Integer> places, @Nullable String[] more) {
        @Nullable String[] all = values.clone();
        for (int i = 0; i < more.length; i++) {
            all[places.get(i)] = more[i];
        }
        return new Observation(id, at, holds, all, joins);
    }

    /** Takes back another observation of the same key. */
    public static Observation retraction(String id, long at, String retracts) {
        Observation retraction = new Observation(id, at, new long[0], new @Nullable String[0], null);
        retraction.retracts = retracts;
        return retraction;
    }

    /** Says that the key was merged into another. */
    static Observation belonging(String key) {
        Observation belonging = new Observation("", Long.MIN_VALUE, new long[0], new @Nullable String[0], null);
        belonging.belongsTo = key;
        return belonging;
    }

    public Observation(String id, long at, long[] holds, @Nullable String[] values, @Nullable String joins) {
        this.id = id;
        this.at = at;
        this.holds = holds;
        this.values = values;
        this.joins = joins;
    }

    /** The conditions that hold, 64 a word. */
    long word(int word) {
        return word < holds.length ? holds[word] : 0;
    }

    /** Whether a condition holds. */
    public boolean holds(int condition) {
        return holds(holds, condition);
    }

    static boolean holds(long[] holds, int condition) {
        int word = condition >> 6;
        return word < holds.length && (holds[word] & 1L << condition) != 0;
    }

    /** The same text for the same content: decides between two payloads of one id. */
    String canonical() {
        return at
                + Arrays.toString(holds)
                + Arrays.toString(values)
                + joins
                + (retracts == null ? "" : " retracts " + retracts);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Observation o
                && at == o.at
                && id.equals(o.id)
                && Arrays.equals(holds, o.holds)
                && Arrays.equals(values, o.values)
                && Objects.equals(joins, o.joins)
                && Objects.equals(retracts, o.retracts)
                && Objects.equals(belongsTo, o.belongsTo)
                && Objects.equals(profileOf, o.profileOf);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + Long.hashCode(at);
    }

    @Override
    public String toString() {
        return id + "@" + at;
    }
}
