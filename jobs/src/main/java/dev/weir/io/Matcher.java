package dev.weir.io;

import dev.weir.conversion.Entities;
import dev.weir.conversion.JourneyInputs;
import dev.weir.conversion.Observation;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.flink.CountingOperator;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import dev.weir.playbook.Playbook;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into observations: which of the playbook's conditions hold, which values it is broken down by, and whose it
 * is. What matches no condition is dropped here, before the shuffle, and counted as filtered.
 */
public abstract class Matcher<E> extends CountingOperator<Difference<E>, Difference<Observation>> {
    /** Observations of visitors nobody has identified by the event itself. */
    public static final OutputTag<Difference<Observation>> ANONYMOUS =
            new OutputTag<>("anonymous", StreamTypes.difference(Observation.class));

    final Conditions conditions;
    final Fields fields;
    final JourneyInputs asked;

    private Matcher(String job, Playbook playbook) {
        super(job);
        conditions = Conditions.of(JourneyInputs.conditions(playbook), playbook.pipelines());
        fields = Fields.of(JourneyInputs.fields(playbook));
        asked = new JourneyInputs(playbook);
    }

    @Override
    public void open() throws Exception {
        super.open();
        conditions.open();
    }

    static boolean none(long[] bits) {
        for (long word : bits) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    /** Sends an observation to whoever it belongs to; the first of them counts the record. */
    final void send(
            Observation observation,
            Difference<E> event,
            @Nullable String person,
            @Nullable String anonymous,
            @Nullable String account) {
        Position position = event.position;
        if (asked.asksForPersons() && anonymous != null) {
            send(ANONYMOUS, new Difference<>(Entities.anonymous(anonymous), event.comes, observation, position));
            position = null;
        } else if (person != null && asked.keepsForPersons(observation.holds)) {
            send(new Difference<>(Entities.person(person), event.comes, observation, position));
            position = null;
        }
        if (account != null && asked.keepsForAccounts(observation.holds)) {
            send(new Difference<>(Entities.account(account), event.comes, observation, position));
            position = null;
        }
        if (position != null) {
            filtered(position);
        }
    }

    final void filtered(@Nullable Position position) {
        if (position != null) {
            count(position, LedgerTally.Fate.FILTERED);
        }
    }

    /** Engagement; an identify always passes, since it joins a visitor to a person. */
    public static final class OfEngagement extends Matcher<Engagement> {
        public OfEngagement(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        protected void process(Difference<Engagement> difference) {
            Engagement event = Objects.requireNonNull(difference.fact);
            if (event.retracts() != null) {
                retract(event, event.retracts(), difference);
                return;
            }
            long[] bits = new long[conditions.words()];
            conditions.holds(event, bits);
            boolean joins =
                    event.kind().equals(Engagement.IDENTIFY) && event.anonymousId() != null && event.personId() != null;
            if (none(bits) && !joins) {
                filtered(difference.position);
                return;
            }
            Observation observation = new Observation(
                    "e:" + event.eventId(),
                    event.occurredAt().toEpochMilli(),
                    bits,
                    fields.values(event),
                    joins ? event.personId() : null);
            if (event.kind().equals(Engagement.COST) && event.campaign() != null) {
                send(new Difference<>(
                        Entities.campaign(event.campaign()), difference.comes, observation, difference.position));
                return;
            }
            boolean known = event.personId() != null && !joins;
            send(observation, difference, event.personId(), known ? null : event.anonymousId(), event.accountId());
        }

        /** To every key it names: the event it takes back is kept at one of each kind. */
        private void retract(Engagement event, String retracted, Difference<Engagement> difference) {
            Observation retraction = Observation.retraction(
                    "e:" + event.eventId(), event.occurredAt().toEpochMilli(), "e:" + retracted);
            Position position = difference.position;
            if (asked.asksForPersons() && event.anonymousId() != null) {
                String visitor = Entities.anonymous(event.anonymousId());
                send(ANONYMOUS, new Difference<>(visitor, difference.comes, retraction, position));
                position = null;
            }
            List<String> keys = new ArrayList<>();
            if (asked.asksForPersons() && event.personId() != null) {
                keys.add(Entities.person(event.personId()));
            }
            if (event.accountId() != null) {
                keys.add(Entities.account(event.accountId()));
            }
            if (event.campaign() != null) {
                keys.add(Entities.campaign(event.campaign()));
            }
            for (String key : keys) {
                send(new Difference<>(key, difference.comes, retraction, position));
                position = null;
            }
            filtered(position);
        }
    }

    /** Feedback. */
    public static final class OfFeedback extends Matcher<Feedback> {
        public OfFeedback(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        protected void process(Difference<Feedback> difference) {
            Feedback event = Objects.requireNonNull(difference.fact);
            long[] bits = new long[conditions.words()];
            conditions.holds(event, bits);
            if (none(bits)) {
                filtered(difference.position);
                return;
            }
            Observation observation = new Observation(
                    "f:" + event.eventId(), event.occurredAt().toEpochMilli(), bits, fields.values(event), null);
            send(observation, difference, event.personId(), null, event.accountId());
        }
    }

    /** Full deals that already have an owner, their records counted where the patches were put together. */
    public static final class OfDeals extends Matcher<DealChange> {
        public OfDeals(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        protected void process(Difference<DealChange> difference) {
            DealChange deal = Objects.requireNonNull(difference.fact);
            long[] bits = new long[conditions.words()];
            conditions.holds(deal, bits);
            if (!none(bits)) {
                Observation observation = new Observation(
                        "d:" + deal.eventId(), deal.occurredAt().toEpochMilli(), bits, fields.values(deal), null);
                send(difference.made(observation));
            }
        }
    }
}
