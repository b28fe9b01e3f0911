package dev.weir.io;

import dev.weir.conversion.Profiles;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The breakdown values of events: a list of fields such as {@code channel} or {@code properties.device}, looked up once.
 *
 * <p>A field that the event's kind does not have, and one that the event leaves empty, is null; so are those of the person or
 * account behind it, which are filled in later.
 */
public final class Fields implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String PROPERTY = EventFields.PROPERTIES + ".";

    /** Names one event, not a group of them, or is a column of its own already. */
    private static final Set<String> NO_BREAKDOWN = Set.of(
            "event_id",
            "comment",
            "stage",
            "pipeline",
            "into_id",
            "expected_close",
            "contract_start",
            "contract_end",
            "person_id",
            "anonymous_id",
            "deal_id");

    private final List<String> names;
    private transient volatile EventFields.@Nullable Read @Nullable [][] reads;

    private Fields(List<String> names) {
        this.names = new ArrayList<>(names);
    }

    /** These fields, in this order; a name twice is read twice. */
    public static Fields of(List<String> names) {
        return new Fields(names);
    }

    public List<String> names() {
        return List.copyOf(names);
    }

    /** The text of each field, in order. */
    public @Nullable String[] values(Engagement event) {
        return values(0, event);
    }

    /** The text of each field, in order; the deal must be full, not a patch. */
    public @Nullable String[] values(DealChange event) {
        return values(1, event);
    }

    /** The text of each field, in order. */
    public @Nullable String[] values(Feedback event) {
        return values(2, event);
    }

    /** One field of one event; for many events build {@link Fields} once. */
    public static @Nullable String value(Engagement event, String name) {
        return text(read("engagement", name), event);
    }

    /** One field of one full deal; for many events build {@link Fields} once. */
    public static @Nullable String value(DealChange event, String name) {
        return text(read("deal", name), event);
    }

    /** One field of one event; for many events build {@link Fields} once. */
    public static @Nullable String value(Feedback event, String name) {
        return text(read("feedback", name), event);
    }

    /** Fields by which rows of these subjects (engagement, deal, feedback) may be split, {@code properties.…} aside. */
    static List<String> breakdowns(List<String> subjects) {
        Set<String> known = new LinkedHashSet<>();
        for (String subject : subjects) {
            for (EventFields.Field field : EventFields.of(subject).values()) {
                if (field.type() == EventFields.Type.TEXT && !NO_BREAKDOWN.contains(field.name())) {
                    known.add(field.name());
                }
            }
        }
        return List.copyOf(known);
    }

    /** Whether the name speaks of a property of an event. */
    static boolean isProperty(String name) {
        return name.startsWith(PROPERTY) && name.length() > PROPERTY.length();
    }

    /** Whether the name speaks of a property of the person or account behind an event, which no event says. */
    static boolean isProfile(String name) {
        return Stream.of(Profiles.PERSON, Profiles.ACCOUNT)
                .anyMatch(prefix -> name.startsWith(prefix) && name.length() > prefix.length());
    }

    private @Nullable String[] values(int subject, Object event) {
        EventFields.@Nullable Read[] of = reads()[subject];
        @Nullable String[] values = new @Nullable String[of.length];
        for (int i = 0; i < of.length; i++) {
            values[i] = text(of[i], event);
        }
        return values;
    }

    private EventFields.@Nullable Read[][] reads() {
        EventFields.@Nullable Read[][] ready = reads;
        if (ready == null) {
            ready = new EventFields.@Nullable Read[EventFields.SUBJECTS.size()][names.size()];
            for (int s = 0; s < ready.length; s++) {
                for (int i = 0; i < names.size(); i++) {
                    ready[s][i] = read(EventFields.SUBJECTS.get(s), names.get(i));
                }
            }
            reads = ready;
        }
        return ready;
    }

    private static EventFields.@Nullable Read read(String subject, String name) {
        if (isProperty(name)) {
            String property = name.substring(PROPERTY.length());
            return event -> EventFields.properties(event).get(property);
        }
        EventFields.Field field = EventFields.of(subject).get(name);
        return field == null || field.type() != EventFields.Type.TEXT ? null : field.read();
    }

    private static @Nullable String text(EventFields.@Nullable Read read, Object event) {
        Object value = read == null ? null : read.of(event);
        return value == null || value.equals("") ? null : (String) value;
    }
}
