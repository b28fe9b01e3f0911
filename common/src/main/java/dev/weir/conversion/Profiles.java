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
 */
public final class Profiles implements Serializable {
    public static final String PERSON = "person.";
    public static final String ACCOUNT = "account.";

    /** Asked of nobody. */
    public static final Profiles NONE = new Profiles(List.of());

    private final List<String> persons = new ArrayList<>();
    private final List<String> accounts = new ArrayList<>();
    private final List<Integer> personPlaces = new ArrayList<>();
    private final List<Integer> accountPlaces = new ArrayList<>();

    /** What a playbook's funnels ask. */
    public Profiles(Playbook playbook) {
        this(FunnelInputs.fields(playbook.funnels()));
    }

    private Profiles(List<String> fields) {
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

    /** The first part of the fields that a funnel of such entities may be split by. */
    public static String prefix(Funnel.Entity entity) {
        return switch (entity) {
            case PERSON -> PERSON;
            case ACCOUNT -> ACCOUNT;
        };
    }

    /** What an entity event says of these fields, null where nobody asks; a property it does not name stays. */
    public @Nullable Observation of(EntityChange change) {
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
