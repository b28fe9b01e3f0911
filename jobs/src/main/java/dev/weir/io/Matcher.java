package dev.weir.io;

import dev.weir.conversion.Entities;
import dev.weir.conversion.JourneyInputs;
import dev.weir.conversion.Observation;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.flink.LedgerGroups;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import dev.weir.machine.Sums;
import dev.weir.playbook.Playbook;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into observations: which of the playbook's conditions hold, which values it is broken down by, and whose it
 * is. What matches no condition is dropped here, before the shuffle, and counted as filtered.
 */
public abstract class Matcher<E> extends ProcessFunction<Difference<E>, Difference<Observation>> {
    /** Observations of visitors nobody has identified by the event itself. */
    public static final OutputTag<Difference<Observation>> ANONYMOUS =
            new OutputTag<>("anonymous", StreamTypes.difference(Observation.class));

    /** Counts of what was filtered. */
    public static final OutputTag<Delta> FILTERED = new OutputTag<>("filtered", StreamTypes.DELTA);

    final Conditions conditions;
    final Fields fields;
    final JourneyInputs asked;
    private final String job;
    private transient @Nullable LedgerGroups ledger;

    private Matcher(String job, Playbook playbook) {
        this.job = job;
        conditions = Conditions.of(JourneyInputs.conditions(playbook), playbook.pipelines());
        fields = Fields.of(JourneyInputs.fields(playbook));
        asked = new JourneyInputs(playbook);
    }

    @Override
    public void open(OpenContext context) {
        conditions.open();
        ledger = new LedgerGroups(job);
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
            @Nullable String account,
            Context context,
            Collector<Difference<Observation>> out) {
        Position position = event.position;
        if (asked.asksForPersons() && anonymous != null) {
            context.output(
                    ANONYMOUS, new Difference<>(Entities.anonymous(anonymous), event.comes, observation, position));
            position = null;
        } else if (person != null && asked.keepsForPersons(observation.holds)) {
            out.collect(new Difference<>(Entities.person(person), event.comes, observation, position));
            position = null;
        }
        if (account != null && asked.keepsForAccounts(observation.holds)) {
            out.collect(new Difference<>(Entities.account(account), event.comes, observation, position));
            position = null;
        }
        if (position != null) {
            filtered(position, context);
        }
    }

    final void filtered(@Nullable Position position, Context context) {
        if (position != null) {
            Sums sums = new Sums();
            LedgerTally.count(sums, position, LedgerTally.Fate.FILTERED);
            context.output(FILTERED, new Delta(Objects.requireNonNull(ledger).group(position), sums));
        }
    }

    /** Engagement; an identify always passes, since it joins a visitor to a person. */
    public static final class OfEngagement extends Matcher<Engagement> {
        public OfEngagement(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        public void processElement(
                Difference<Engagement> difference, Context context, Collector<Difference<Observation>> out) {
            Engagement event = Objects.requireNonNull(difference.fact);
            if (event.retracts() != null) {
                retract(event, event.retracts(), difference, context, out);
                return;
            }
            long[] bits = new long[conditions.words()];
            conditions.holds(event, bits);
            boolean joins =
                    event.kind().equals(Engagement.IDENTIFY) && event.anonymousId() != null && event.personId() != null;
            if (none(bits) && !joins) {
                filtered(difference.position, context);
                return;
            }
            Observation observation = new Observation(
                    "e:" + event.eventId(),
                    event.occurredAt().toEpochMilli(),
                    bits,
                    fields.values(event),
                    joins ? event.personId() : null);
            if (event.kind().equals(Engagement.COST) && event.campaign() != null) {
                out.collect(new Difference<>(
                        Entities.campaign(event.campaign()), difference.comes, observation, difference.position));
                return;
            }
            boolean known = event.personId() != null && !joins;
            send(
                    observation,
                    difference,
                    event.personId(),
                    known ? null : event.anonymousId(),
                    event.accountId(),
                    context,
                    out);
        }

        /** To every key it names: the event it takes back is kept at one of each kind. */
        private void retract(
                Engagement event,
                String retracted,
                Difference<Engagement> difference,
                Context context,
                Collector<Difference<Observation>> out) {
            Observation retraction = Observation.retraction(
                    "e:" + event.eventId(), event.occurredAt().toEpochMilli(), "e:" + retracted);
            Position position = difference.position;
            if (asked.asksForPersons() && event.anonymousId() != null) {
                String visitor = Entities.anonymous(event.anonymousId());
                context.output(ANONYMOUS, new Difference<>(visitor, difference.comes, retraction, position));
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
                out.collect(new Difference<>(key, difference.comes, retraction, position));
                position = null;
            }
            filtered(position, context);
        }
    }

    /** Feedback. */
    public static final class OfFeedback extends Matcher<Feedback> {
        public OfFeedback(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        public void processElement(
                Difference<Feedback> difference, Context context, Collector<Difference<Observation>> out) {
            Feedback event = Objects.requireNonNull(difference.fact);
            long[] bits = new long[conditions.words()];
            conditions.holds(event, bits);
            if (none(bits)) {
                filtered(difference.position, context);
                return;
            }
            Observation observation = new Observation(
                    "f:" + event.eventId(), event.occurredAt().toEpochMilli(), bits, fields.values(event), null);
            send(observation, difference, event.personId(), null, event.accountId(), context, out);
        }
    }

    /** Full deals that already have an owner, their records counted where the patches were put together. */
    public static final class OfDeals extends Matcher<DealChange> {
        public OfDeals(String job, Playbook playbook) {
            super(job, playbook);
        }

        @Override
        public void processElement(
                Difference<DealChange> difference, Context context, Collector<Difference<Observation>> out) {
            DealChange deal = Objects.requireNonNull(difference.fact);
            long[] bits = new long[conditions.words()];
            conditions.holds(deal, bits);
            if (!none(bits)) {
                Observation observation = new Observation(
                        "d:" + deal.eventId(), deal.occurredAt().toEpochMilli(), bits, fields.values(deal), null);
                out.collect(difference.made(observation));
            }
        }
    }
}
