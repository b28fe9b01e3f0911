package dev.weir.conversion;

import dev.weir.machine.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fills in what {@link Profiles} asks of the accounts of one person or visitor, where its observations and what was said of
 * those accounts come together.
 */
public final class AccountFieldsMachine extends ObservationMachine<Observation> {
    private final Profiles profiles;

    public AccountFieldsMachine(Profiles profiles) {
        super(List.of());
        this.profiles = profiles;
    }

    @Override
    public boolean alone(Observation fact) {
        return fact.profileOf == null;
    }

    @Override
    public void say(String key, List<Observation> facts, Step<Observation> step) {
        Map<String, List<Observation>> said = new HashMap<>();
        for (Observation fact : facts) {
            if (fact.profileOf != null) {
                said.computeIfAbsent(fact.profileOf, account -> new ArrayList<>())
                        .add(fact);
            }
        }
        Map<String, Profiles.Course> courses = new HashMap<>();
        for (Observation fact : facts) {
            if (fact.profileOf == null) {
                String account = profiles.account(fact);
                Observation known = account == null
                        ? fact
                        : courses.computeIfAbsent(
                                        account, of -> profiles.new Course(of, said.getOrDefault(of, List.of())))
                                .fill(fact);
                step.fact(key, fact.id, known);
            }
        }
    }
}
