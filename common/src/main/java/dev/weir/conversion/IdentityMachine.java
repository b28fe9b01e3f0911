package dev.weir.conversion;

import dev.weir.event.EntityChange;
import dev.weir.machine.Belonging;
import dev.weir.machine.Merge;
import dev.weir.machine.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows whom the observations of one raw id belong to. Those of an anonymous visitor belong to the person of the earliest
 * identify or, before there is one, to the visitor itself; those of a person or account that was merged, to the one that
 * lives on, from the beginning. When that changes, also by a late event, every observation leaves its old owner and comes to
 * the new one, so that it counts exactly once. What was retracted belongs to nobody: it never was.
 *
 * <p>On the way each observation gets what {@link Profiles} asks of its person or account, by the id it names, merged or not.
 */
public final class IdentityMachine extends ObservationMachine<Observation> {
    private final Profiles profiles;

    public IdentityMachine() {
        this(Profiles.NONE);
    }

    public IdentityMachine(Profiles profiles) {
        super(List.of());
        this.profiles = profiles;
    }

    /** What an entity event says about persons and accounts that are one; null when nothing. */
    public static @Nullable Merge merge(EntityChange change) {
        String into = change.intoId();
        if (into == null || !change.joins()) {
            return null;
        }
        return switch (change.entity()) {
            case EntityChange.PERSON -> merge(change, Entities.person(change.id()), Entities.person(into));
            case EntityChange.ACCOUNT -> merge(change, Entities.account(change.id()), Entities.account(into));
            default -> null;
        };
    }

    private static Merge merge(EntityChange change, String from, String into) {
        return new Merge(change.eventId(), change.occurredAt().toEpochMilli(), from, into);
    }

    /** What {@link dev.weir.machine.Merges} says, as an observation of the key it concerns; null for a refusal. */
    public static @Nullable Observation told(Belonging told) {
        return told.refused().isEmpty() ? Observation.belonging(told.root()) : null;
    }

    @Override
    public void say(String key, List<Observation> facts, Step<Observation> step) {
        Set<String> retracted = new HashSet<>();
        List<Observation> said = new ArrayList<>();
        for (Observation fact : facts) {
            if (fact.retracts != null) {
                retracted.add(fact.retracts);
            } else if (fact.profileOf != null) {
                said.add(fact);
            }
        }
        String owner = owner(key, facts, retracted);
        Profiles.Course course = profiles.new Course(key, said);
        for (Observation fact : facts) {
            if (fact.retracts == null
                    && fact.belongsTo == null
                    && fact.profileOf == null
                    && !retracted.contains(fact.id)) {
                step.fact(owner, fact.id, course.fill(fact));
            }
        }
    }

    @Override
    public boolean alone(Observation fact) {
        return fact.joins == null && fact.retracts == null && fact.belongsTo == null && fact.profileOf == null;
    }

    private static String owner(String key, List<Observation> facts, Set<String> retracted) {
        boolean anonymous = Entities.isAnonymous(key);
        for (Observation fact : facts) {
            if (fact.belongsTo != null) {
                return fact.belongsTo;
            }
            if (anonymous && fact.joins != null && !retracted.contains(fact.id)) {
                return Entities.person(fact.joins);
            }
        }
        return key;
    }
}
