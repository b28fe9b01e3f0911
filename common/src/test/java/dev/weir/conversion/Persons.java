package dev.weir.conversion;

import dev.weir.event.EntityChange;
import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;

/**
 * Observations of persons and accounts on their way to the funnels, machine after machine as the conversion job runs them:
 * who they are, and what is known of them and of the accounts of persons. Nobody is merged here.
 */
public final class Persons {
    private final Profiles profiles;
    private final InMemory<Observation, Observation> identity;
    private final InMemory<Affiliation, Affiliation> affiliation = new InMemory<>(new AffiliationMachine());
    private final InMemory<Affiliation, Observation> accounts = new InMemory<>(new AccountProfilesMachine());
    private final InMemory<Observation, Observation> fields;

    /** @param funnels what observations are sent to in the end */
    public Persons(Playbook playbook, InMemory<Observation, Observation> funnels) {
        profiles = new Profiles(playbook);
        identity = new InMemory<>(new IdentityMachine(profiles));
        fields = new InMemory<>(new AccountFieldsMachine(profiles));
        identity.sends(observed -> {
            boolean ask = profiles.areOfPersonsAccounts() && Entities.counts(observed.key, Funnel.Entity.PERSON);
            Affiliation leads = observed.fact == null || !ask ? null : profiles.affiliation(observed.fact);
            (ask ? fields : funnels).apply(observed);
            if (leads != null) {
                affiliation.apply(observed.made(leads));
            }
        });
        affiliation.sends(accounts::apply);
        accounts.sends(fields::apply);
        fields.sends(funnels::apply);
    }

    public void comes(String key, Observation observation) {
        identity.comes(key, observation);
    }

    public void comes(EntityChange change) {
        Observation profile = profiles.of(change);
        if (profile != null) {
            Difference<Observation> said = new Difference<>("", true, profile, null);
            identity.comes(Profiles.key(said), profile);
        }
        Affiliation ofAccount = profiles.ofAccount(change);
        if (ofAccount != null) {
            Difference<Affiliation> said = new Difference<>("", true, ofAccount, null);
            accounts.comes(Affiliation.key(said), ofAccount);
        }
    }

    /** How many of an account's persons ask for what is known of it. */
    long asking(String account) {
        return accounts.memory(Entities.account(account)).facts.stream()
                .filter(fact -> fact.profile() == null)
                .count();
    }
}
