package dev.weir.jobs;

import dev.weir.conversion.AccountFieldsMachine;
import dev.weir.conversion.AccountProfilesMachine;
import dev.weir.conversion.Affiliation;
import dev.weir.conversion.AffiliationMachine;
import dev.weir.conversion.AskingMachine;
import dev.weir.conversion.AttributionTables;
import dev.weir.conversion.BelongingMachine;
import dev.weir.conversion.CampaignTally;
import dev.weir.conversion.CompletionMachine;
import dev.weir.conversion.CreditMachine;
import dev.weir.conversion.CreditTally;
import dev.weir.conversion.DealOwnersMachine;
import dev.weir.conversion.DealWinsMachine;
import dev.weir.conversion.Entities;
import dev.weir.conversion.FunnelMachine;
import dev.weir.conversion.FunnelTables;
import dev.weir.conversion.FunnelTally;
import dev.weir.conversion.IdentityMachine;
import dev.weir.conversion.JourneyInputs;
import dev.weir.conversion.JourneyMachine;
import dev.weir.conversion.JourneyPoint;
import dev.weir.conversion.Observation;
import dev.weir.conversion.PathTally;
import dev.weir.conversion.Profiles;
import dev.weir.event.DealChange;
import dev.weir.event.EntityChange;
import dev.weir.event.EntityTables;
import dev.weir.event.MetricPoint;
import dev.weir.flink.CountingOperator;
import dev.weir.flink.Flow;
import dev.weir.flink.StreamTypes;
import dev.weir.io.Matcher;
import dev.weir.machine.Belonging;
import dev.weir.machine.Difference;
import dev.weir.machine.Keys;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Merge;
import dev.weir.machine.Merges;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** How people convert: funnels over engagement, deals and feedback, and which touches came before the deals that were won. */
public final class ConversionJob {
    public static final String NAME = "conversion";

    /** What this job says, beside the ledger. */
    static final List<Table> TABLES = List.of(
            FunnelTables.FUNNEL_ATTEMPT,
            FunnelTables.FUNNEL_WINDOW,
            AttributionTables.CONVERSION,
            AttributionTables.TOUCH_CREDIT,
            AttributionTables.ATTRIBUTION_WINDOW,
            AttributionTables.CAMPAIGN_WINDOW,
            EntityTables.PERSON,
            EntityTables.ACCOUNT,
            EntityTables.CAMPAIGN,
            MetricPoint.TABLE,
            LedgerTally.TABLE);

    private ConversionJob() {}

    public static void main(String[] arguments) throws Exception {
        Submitted job = Submitted.as(NAME, arguments);
        Inputs inputs = new Inputs(
                job.read("engagement", job.inputs().engagements()),
                job.read("deal", job.inputs().deals()),
                job.read("feedback", job.inputs().feedback()),
                job.read("entity", job.inputs().entities()));
        job.write(flow(job.flow(), job.playbook(), inputs));
    }

    /**
     * Events are matched before they are shuffled; visitors find their person and deals their owners, merged ones come
     * together; then each person's machine says attempts, where a person was merged the one who lives on, and the tallies say
     * funnels. Persons are given the fields of their accounts where funnels ask. Persons, accounts and campaigns keep their
     * history.
     */
    public static DataStream<Row> flow(Flow flow, Playbook playbook, Inputs inputs) {
        EntityHistory.rows(
                flow,
                EntityHistory.kept(
                        flow,
                        inputs.entities(),
                        Set.of(EntityChange.PERSON, EntityChange.ACCOUNT, EntityChange.CAMPAIGN)));
        SingleOutputStreamOperator<Difference<Observation>> engagements =
                match(flow, "engagement", inputs.engagements(), new Matcher.OfEngagement(NAME, playbook));
        SingleOutputStreamOperator<Difference<Observation>> feedback =
                match(flow, "feedback", inputs.feedback(), new Matcher.OfFeedback(NAME, playbook));
        DataStream<Difference<Observation>> identified = flow.machine(
                "identity",
                engagements.getSideOutput(Matcher.ANONYMOUS),
                difference -> difference.key,
                new IdentityMachine(),
                Observation.class,
                Observation.class);
        DataStream<Difference<DealChange>> changes = Merging.deals(flow, NAME, inputs.deals());
        DataStream<Difference<DealChange>> owned = flow.machine(
                "deal-owners", changes, Merging::deal, new DealOwnersMachine(), DealChange.class, DealChange.class);
        DataStream<Difference<Observation>> deals = match(flow, "deal", owned, new Matcher.OfDeals(NAME, playbook));
        DataStream<Difference<Belonging>> merged = merged(flow, inputs.entities());
        Profiles profiles = new Profiles(playbook);
        DataStream<Difference<Observation>> observed = flow.machine(
                "belonging",
                engagements.union(
                        feedback,
                        identified,
                        deals,
                        flow.made("entity-belongings", merged, IdentityMachine::told, Observation.class),
                        flow.made("entity-profiles", inputs.entities(), profiles::of, Observation.class)),
                Profiles::key,
                BelongingMachine.of(playbook, profiles),
                Observation.class,
                Observation.class);
        Map<String, Tally> tallies =
                new HashMap<>(Map.of(FunnelTally.KIND, new FunnelTally(playbook), LedgerTally.KIND, new LedgerTally()));
        Attribution attribution = playbook.attribution();
        if (attribution != null) {
            JourneyInputs asked = new JourneyInputs(playbook);
            DataStream<Difference<JourneyPoint>> touches = touches(observed, asked);
            observed = ofFunnels(observed, asked);
            attribute(flow, playbook, attribution, touches, changes, observed, merged);
            tallies.put(CampaignTally.KIND, new CampaignTally(playbook, attribution));
            tallies.put(CreditTally.KIND, new CreditTally(playbook, attribution));
            tallies.put(PathTally.KIND, new PathTally(playbook, attribution));
        }
        if (profiles.areOfPersonsAccounts()) {
            observed = withAccounts(flow, profiles, observed, inputs.entities());
        }
        flow.machine(
                "funnel",
                observed,
                difference -> difference.key,
                new FunnelMachine(playbook),
                Observation.class,
                Observation.class);
        return flow.rows(tallies, TABLES);
    }

    /**
     * Persons ask their accounts what is known of them, and it is filled in where that and what they did come together. So an
     * account keeps its persons, not all that they did, and what it says of itself late corrects each of them.
     */
    private static DataStream<Difference<Observation>> withAccounts(
            Flow flow,
            Profiles profiles,
            DataStream<Difference<Observation>> observed,
            DataStream<Difference<EntityChange>> entities) {
        DataStream<Difference<Observation>> ofPersons =
                only("of-persons", observed, o -> Entities.counts(o.key, Funnel.Entity.PERSON));
        DataStream<Difference<Affiliation>> asking = flow.machine(
                "affiliation",
                flow.made("affiliations", ofPersons, profiles::affiliation, Affiliation.class),
                difference -> difference.key,
                new AffiliationMachine(),
                Affiliation.class,
                Affiliation.class);
        DataStream<Difference<Observation>> told = flow.machine(
                "account-profiles",
                asking.union(flow.made("account-words", entities, profiles::ofAccount, Affiliation.class)),
                Affiliation::key,
                new AccountProfilesMachine(),
                Affiliation.class,
                Observation.class);
        return flow.machine(
                        "account-fields",
                        ofPersons.union(told),
                        difference -> difference.key,
                        new AccountFieldsMachine(profiles),
                        Observation.class,
                        Observation.class)
                .union(only("of-accounts", observed, o -> Entities.counts(o.key, Funnel.Entity.ACCOUNT)));
    }

    /**
     * A won deal asks its persons and its account for their touches, they give them to it, and it says the credit; so does a
     * completed funnel whoever completed it. So a touch counts once for a conversion, whichever way it comes, and leaves it when
     * its visitor turns out to be somebody else. Who was merged is asked where its touches are.
     */
    private static void attribute(
            Flow flow,
            Playbook playbook,
            Attribution attribution,
            DataStream<Difference<JourneyPoint>> touches,
            DataStream<Difference<DealChange>> deals,
            DataStream<Difference<Observation>> observed,
            DataStream<Difference<Belonging>> merged) {
        DataStream<Difference<JourneyPoint>> wins = flow.machine(
                "deal-wins",
                deals,
                Merging::deal,
                new DealWinsMachine(playbook, attribution),
                DealChange.class,
                JourneyPoint.class);
        if (!attribution.completions().isEmpty()) {
            wins = wins.union(completions(flow, new CompletionMachine(playbook, attribution), observed));
        }
        DataStream<Difference<JourneyPoint>> asking = flow.machine(
                "asking",
                only("asking-wins", wins, win -> !Entities.isConversion(win.key))
                        .union(flow.made("asking-belongings", merged, JourneyPoint::told, JourneyPoint.class)),
                difference -> difference.key,
                new AskingMachine(),
                JourneyPoint.class,
                JourneyPoint.class);
        DataStream<Difference<JourneyPoint>> given = flow.machine(
                "journey",
                touches.union(asking),
                difference -> difference.key,
                new JourneyMachine(playbook, attribution),
                JourneyPoint.class,
                JourneyPoint.class);
        flow.machine(
                "credit",
                given.union(only("credited-wins", wins, win -> Entities.isConversion(win.key))),
                difference -> difference.key,
                new CreditMachine(playbook, attribution),
                JourneyPoint.class,
                JourneyPoint.class);
    }

    /** Funnels that were completed, where the playbook names them as conversions. */
    private static DataStream<Difference<JourneyPoint>> completions(
            Flow flow, CompletionMachine machine, DataStream<Difference<Observation>> observed) {
        return flow.machine(
                "completion",
                only("completing", observed, o -> o.fact != null && machine.asks(o.key, o.fact)),
                difference -> difference.key,
                machine,
                Observation.class,
                JourneyPoint.class);
    }

    private static <F> DataStream<Difference<F>> only(
            String name, DataStream<Difference<F>> all, FilterFunction<Difference<F>> which) {
        String uid = NAME + "-" + name;
        return all.filter(which).uid(uid).name(uid);
    }

    /** What funnels ask. */
    private static DataStream<Difference<Observation>> ofFunnels(
            DataStream<Difference<Observation>> observed, JourneyInputs asked) {
        String uid = NAME + "-funnel-observations";
        return observed.filter(d -> d.fact != null && asked.isForFunnels(d.key, d.fact))
                .uid(uid)
                .name(uid)
                .map(d -> d.made(asked.forFunnels(Objects.requireNonNull(d.fact))))
                .returns(StreamTypes.difference(Observation.class))
                .uid(uid + "-narrowed")
                .name(uid + "-narrowed");
    }

    /** What attribution asks. */
    private static DataStream<Difference<JourneyPoint>> touches(
            DataStream<Difference<Observation>> observed, JourneyInputs asked) {
        String uid = NAME + "-journey-observations";
        return observed.filter(d -> d.fact != null && asked.isForJourneys(d.fact))
                .uid(uid)
                .name(uid)
                .map(d -> d.made(asked.forJourneys(d.key, Objects.requireNonNull(d.fact))))
                .returns(StreamTypes.difference(JourneyPoint.class))
                .uid(uid + "-touches")
                .name(uid + "-touches");
    }

    /** What persons and accounts are told who were merged. */
    private static DataStream<Difference<Belonging>> merged(Flow flow, DataStream<Difference<EntityChange>> entities) {
        return flow.machine(
                "entity-merges",
                flow.made("entity-merge-facts", entities, IdentityMachine::merge, Merge.class),
                merge -> merge.fact == null ? "" : Keys.split(merge.fact.from()).get(0),
                new Merges(NAME, true),
                Merge.class,
                Belonging.class);
    }

    private static <E> SingleOutputStreamOperator<Difference<Observation>> match(
            Flow flow, String what, DataStream<Difference<E>> events, Matcher<E> matcher) {
        String uid = NAME + "-" + what + "-matcher";
        SingleOutputStreamOperator<Difference<Observation>> observations = events.transform(
                        uid, StreamTypes.difference(Observation.class), matcher)
                .uid(uid)
                .name(uid);
        flow.add(what + "-filtered", observations.getSideOutput(CountingOperator.COUNTS));
        return observations;
    }
}
