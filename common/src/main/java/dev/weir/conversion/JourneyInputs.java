package dev.weir.conversion;

import dev.weir.event.Engagement;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What funnels and attribution together ask of every event, so that each event is matched and finds its person once; and
 * which of the two an {@link Observation} concerns. What funnels ask comes first, so that for them nothing changes.
 */
public final class JourneyInputs implements Serializable {
    private static final String CAMPAIGN = "engagement.campaign != ''";
    private static final List<String> FIELDS = List.of(
            "kind",
            "channel",
            "campaign",
            "asset",
            "asset_version",
            "person_id",
            "anonymous_id",
            "properties.amount",
            "properties.currency");

    private final boolean persons;
    private final boolean accounts;
    private final boolean attributes;
    private final int[] funnels;
    private final int words;
    private final int width;
    private final int touch;
    private final int campaign;
    private final int[] fields;

    public JourneyInputs(Playbook playbook) {
        List<String> conditions = conditions(playbook);
        List<String> ofFunnels = FunnelInputs.conditions(playbook.funnels());
        Attribution attribution = playbook.attribution();
        persons = playbook.funnels().stream().anyMatch(f -> f.entity() == Funnel.Entity.PERSON);
        accounts = playbook.funnels().stream().anyMatch(f -> f.entity() == Funnel.Entity.ACCOUNT);
        attributes = attribution != null;
        funnels = ofFunnels.stream().mapToInt(conditions::indexOf).toArray();
        words = (ofFunnels.size() + Long.SIZE - 1) / Long.SIZE;
        width = FunnelInputs.fields(playbook.funnels()).size();
        touch = attribution == null ? -1 : conditions.indexOf(attribution.touches());
        campaign = attribution == null ? -1 : conditions.indexOf(CAMPAIGN);
        fields = FIELDS.stream().mapToInt(fields(playbook)::lastIndexOf).toArray();
    }

    /** Every distinct condition of funnels and attribution. */
    public static List<String> conditions(Playbook playbook) {
        Set<String> conditions = new LinkedHashSet<>(FunnelInputs.conditions(playbook.funnels()));
        Attribution attribution = playbook.attribution();
        if (attribution != null) {
            conditions.add(attribution.touches());
            conditions.add(CAMPAIGN);
        }
        return new ArrayList<>(conditions);
    }

    /** The fields of funnels, then those of attribution. */
    public static List<String> fields(Playbook playbook) {
        List<String> fields = new ArrayList<>(FunnelInputs.fields(playbook.funnels()));
        if (playbook.attribution() != null) {
            fields.addAll(FIELDS);
        }
        return fields;
    }

    /** Whether anybody asks for what belongs to persons, so that visitors must find theirs. */
    public boolean asksForPersons() {
        return persons || attributes;
    }

    /** Whether what fulfils these conditions is kept for a person or visitor. */
    public boolean keepsForPersons(long[] holds) {
        return attributes ? (persons && anyOfFunnels(holds)) || isJourney(holds) : persons;
    }

    /** Whether what fulfils these conditions is kept for an account. */
    public boolean keepsForAccounts(long[] holds) {
        return attributes ? (accounts && anyOfFunnels(holds)) || isJourney(holds) : accounts;
    }

    /** Whether an observation of this key concerns a funnel. */
    public boolean isForFunnels(String key, Observation o) {
        return (Entities.counts(key, Funnel.Entity.ACCOUNT) ? accounts : persons) && anyOfFunnels(o.holds);
    }

    /** The observation without what funnels do not ask. */
    public Observation forFunnels(Observation o) {
        return new Observation(o.id, o.at, Arrays.copyOf(o.holds, words), Arrays.copyOf(o.values, width), o.joins);
    }

    /** Whether an observation concerns attribution: a touch, or anything that names a campaign. */
    public boolean isForJourneys(Observation o) {
        return isJourney(o.holds);
    }

    /** The observation as a touch of this key. */
    public JourneyPoint forJourneys(String key, Observation o) {
        boolean ofPerson = value(o, 5) != null || value(o, 6) != null;
        String kind = value(o, 0);
        boolean cost = Engagement.COST.equals(kind);
        return JourneyPoint.of(new Touch(
                o.id.substring(o.id.indexOf(':') + 1),
                o.at,
                kind == null ? "" : kind,
                value(o, 1),
                value(o, 2),
                value(o, 3),
                value(o, 4),
                o.holds(touch) && !cost,
                !ofPerson || !Entities.counts(key, Funnel.Entity.ACCOUNT),
                cost ? value(o, 7) : null,
                cost ? value(o, 8) : null));
    }

    private @Nullable String value(Observation o, int field) {
        return o.values[fields[field]];
    }

    private boolean isJourney(long[] holds) {
        return attributes && (Observation.holds(holds, touch) || Observation.holds(holds, campaign));
    }

    private boolean anyOfFunnels(long[] holds) {
        for (int condition : funnels) {
            if (Observation.holds(holds, condition)) {
                return true;
            }
        }
        return false;
    }
}
