package dev.weir.conversion;

import dev.weir.event.EntityChange;
import dev.weir.machine.Difference;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fields of persons and accounts by which funnels are split: {@code person.<property>} and {@code account.<property>}. No
 * event says them; they are filled in where the events of the entity come together, as its dimension had them at the event's
 * time. So an entity event that comes late corrects what it speaks of.
 *
 * <p>The account of a person's event is the one that the event names, or else the person's own at that time.
 */
public final class Profiles implements Serializable {
    public static final String PERSON = "person.";
    public static final String ACCOUNT = "account.";

    /** What says the account of a person's event; the first that does counts. A person's dimension falls back on its parent too. */
    static final List<String> ACCOUNT_OF_PERSON = List.of("account_id", PERSON + "account_id", PERSON + "parent_id");

    /** Asked of nobody. */
    public static final Profiles NONE = new Profiles(List.of());

    private final boolean byAccounts;
    private final boolean byAccountsOfPersons;
    private final List<String> persons = new ArrayList<>();
    private final List<String> accounts = new ArrayList<>();
    private final List<Integer> personPlaces = new ArrayList<>();
    private final List<Integer> accountPlaces = new ArrayList<>();
    private final List<Integer> accountOfPerson = new ArrayList<>();

    /** What a playbook's funnels ask. */
    public Profiles(Playbook playbook) {
        this(playbook.funnels());
    }

    private Profiles(List<Funnel> funnels) {
        byAccounts = funnels.stream().anyMatch(f -> f.entity() == Funnel.Entity.ACCOUNT && isByAccount(f));
        byAccountsOfPersons = funnels.stream().anyMatch(Profiles::isByAccountOfPerson);
        List<String> fields = FunnelInputs.fields(funnels);
        for (String field : byAccountsOfPersons ? ACCOUNT_OF_PERSON : List.<String>of()) {
            accountOfPerson.add(fields.indexOf(field));
        }
        for (int place = 0; place < fields.size(); place++) {
            String field = fields.get(place);
            if (field.startsWith(PERSON)) {
                persons.add(field.substring(PERSON.length()));
                personPlaces.add(place);
            } else if (field.startsWith(ACCOUNT)) {
                accounts.add(field.substring(ACCOUNT.length()));
                accountPlaces.add(place);
            }
        }
    }

    /** Whether persons are split by fields of their account. */
    static boolean isByAccountOfPerson(Funnel funnel) {
        return funnel.entity() == Funnel.Entity.PERSON && isByAccount(funnel);
    }

    private static boolean isByAccount(Funnel funnel) {
        return funnel.breakdowns().stream()
                .flatMap(breakdown -> breakdown.fields().stream())
                .anyMatch(field -> field.startsWith(ACCOUNT));
    }

    /** Whether any funnel splits persons by fields of their account. */
    public boolean areOfPersonsAccounts() {
        return byAccountsOfPersons;
    }

    /** What an entity event says of these fields, null where nobody asks; a property it does not name stays. */
    public @Nullable Observation of(EntityChange change) {
        return change.entity().equals(EntityChange.ACCOUNT) && !byAccounts ? null : said(change);
    }

    /** What an entity event says of an account, for its persons. */
    public @Nullable Affiliation ofAccount(EntityChange change) {
        Observation said = change.entity().equals(EntityChange.ACCOUNT) ? said(change) : null;
        return said == null ? null : Affiliation.said(said);
    }

    /** To which account an observation of a person leads; null when nobody says. */
    public @Nullable Affiliation affiliation(Observation o) {
        String account = account(o);
        return account == null ? null : new Affiliation(o.id, o.at, account, null);
    }

    /** The key of the account of a person's event; null when nobody says. */
    @Nullable String account(Observation o) {
        for (int place : accountOfPerson) {
            String id = o.values[place];
            if (id != null) {
                return Entities.account(id);
            }
        }
        return null;
    }

    private @Nullable Observation said(EntityChange change) {
        List<String> asked = asked(change.entity());
        @Nullable String[] said = new @Nullable String[asked.size()];
        boolean any = false;
        for (int i = 0; i < said.length; i++) {
            String name = asked.get(i);
            said[i] = name.equals("parent_id")
                    ? change.parentId()
                    : change.properties().get(name);
            any |= said[i] != null;
        }
        return any ? Observation.profile(change, said) : null;
    }

    /** Where an observation belongs: to the entity that a profile is of, or where it was sent. */
    public static String key(Difference<Observation> difference) {
        String of = Objects.requireNonNull(difference.fact).profileOf;
        return of == null ? difference.key : of;
    }

    private List<String> asked(String entity) {
        return switch (entity) {
            case EntityChange.PERSON -> persons;
            case EntityChange.ACCOUNT -> accounts;
            default -> List.of();
        };
    }

    /** One entity as time goes by. */
    final class Course {
        private final List<Observation> profiles;
        private final List<Integer> places;
        private final @Nullable String[] now;
        private int next;

        /** @param profiles of the entity of a key, in order of time */
        Course(String key, List<Observation> profiles) {
            this.profiles = profiles;
            this.places = Entities.counts(key, Funnel.Entity.ACCOUNT) ? accountPlaces : personPlaces;
            this.now = new @Nullable String[places.size()];
        }

        /** The observation with what was known of the entity then; call in order of time. */
        Observation fill(Observation observation) {
            while (next < profiles.size() && profiles.get(next).at <= observation.at) {
                @Nullable String[] said = profiles.get(next++).values;
                for (int i = 0; i < Math.min(now.length, said.length); i++) {
                    now[i] = said[i] == null ? now[i] : said[i].isEmpty() ? null : said[i];
                }
            }
            return next == 0 || observation.values.length == 0 ? observation : observation.with(places, now);
        }
    }
}
