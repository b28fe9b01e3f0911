package dev.weir.anomaly;

import dev.weir.alert.AlertDesk;
import dev.weir.alert.Signal;
import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which stage of a pipeline is its bottleneck, as time goes by: of those that got slow, the one where most deals wait beyond
 * the usual. Key: the pipeline; facts: its {@link Signal#BOTTLENECK} signals. When the lead passes from one stage to another
 * it says {@link Signal#BOTTLENECK_MOVED}, which lasts as long as that stage leads. That a first stage gets slow, or the only
 * one recovers, is what the bottleneck's own signal says already.
 *
 * <p>Only stages that are known to have got slow may lead, so quiet weeks move nothing; and who overtakes needs a
 * {@link #CLEAR clear lead}, so two that are about as bad do not take turns.
 */
public final class LeadMachine implements Machine<Signal, Signal> {
    /** How many times the deals of the leading stage must wait in another before that leads. */
    private static final double CLEAR = 1.25;

    /** After a longer pause without any the next bottleneck is a new one, not where the last has gone. */
    private static final Duration PAUSE = AlertDesk.ONE_ALERT;

    private static final String EXTRA = "extra_wip";

    /** The key of a bottleneck: its pipeline, as it is defined. */
    public static String key(Signal signal) {
        return Keys.join(signal.definition(), pipeline(signal));
    }

    private static String pipeline(Signal signal) {
        return signal.subject().substring(0, signal.subject().lastIndexOf('/'));
    }

    private static String stage(Signal signal) {
        return signal.subject().substring(signal.subject().lastIndexOf('/') + 1);
    }

    @Override
    public String id(Signal fact) {
        return fact.signalId();
    }

    @Override
    public long time(Signal fact) {
        return fact.startedAt().toEpochMilli();
    }

    @Override
    public Signal prefer(Signal kept, Signal newcomer) {
        return newcomer;
    }

    /**
     * One stage's time at the head.
     *
     * @param before the stage that led before, until no longer ago than {@link #PAUSE}; null where none did
     * @param until null while it leads
     */
    private record Lead(
            String stage,
            @Nullable String before,
            Instant from,
            @Nullable Instant until) {
        boolean endedBefore(Instant moment) {
            return until != null && until.isBefore(moment);
        }
    }

    @Override
    public void say(String key, List<Signal> facts, Step<Signal> step) {
        List<Signal> slow = facts.stream().filter(signal -> !signal.deleted()).toList();
        for (Lead lead : leads(slow)) {
            if (lead.before != null) {
                step.row(Signal.TABLE, moved(lead, slow).row(step.asOf()));
            }
        }
    }

    private static List<Lead> leads(List<Signal> slow) {
        SortedSet<Instant> moments = new TreeSet<>();
        for (Signal signal : slow) {
            moments.add(signal.startedAt());
            if (signal.endedAt() != null) {
                moments.add(signal.endedAt());
            }
        }
        List<Lead> leads = new ArrayList<>();
        String stage = null;
        Instant from = Instant.MIN;
        for (Instant moment : moments) {
            String next = leading(stage, at(moment, slow));
            if (!Objects.equals(next, stage)) {
                add(leads, stage, from, moment);
                stage = next;
                from = moment;
            }
        }
        add(leads, stage, from, null);
        return leads;
    }

    private static void add(List<Lead> leads, @Nullable String stage, Instant from, @Nullable Instant until) {
        if (stage == null) {
            return;
        }
        Lead last = leads.isEmpty() ? null : leads.get(leads.size() - 1);
        String before =
                last == null || last.stage.equals(stage) || last.endedBefore(from.minus(PAUSE)) ? null : last.stage;
        leads.add(new Lead(stage, before, from, until));
    }

    private static List<Signal> at(Instant moment, List<Signal> slow) {
        return slow.stream()
                .filter(signal -> !signal.startedAt().isAfter(moment)
                        && (signal.endedAt() == null || signal.endedAt().isAfter(moment)))
                .toList();
    }

    /** The stage with most deals beyond the usual, unless the one that leads is about as bad; null where none is slow. */
    private static @Nullable String leading(@Nullable String leads, List<Signal> standing) {
        Map<String, Double> extra = new TreeMap<>();
        standing.forEach(signal -> extra.merge(stage(signal), figure(signal, EXTRA), Math::max));
        String most = extra.entrySet().stream()
                .max(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .orElse(null);
        Double now = leads == null ? null : extra.get(leads);
        return most == null || now == null || extra.getOrDefault(most, 0.0) > CLEAR * now ? most : leads;
    }

    private static Signal moved(Lead lead, List<Signal> slow) {
        List<Signal> ofStage = at(lead.from, slow).stream()
                .filter(signal -> stage(signal).equals(lead.stage))
                .sorted(Comparator.comparingDouble((Signal signal) -> -figure(signal, "surprise"))
                        .thenComparing(Signal::signalId))
                .toList();
        Signal whole = ofStage.stream()
                .filter(signal -> SeriesMachine.TOTAL.equals(signal.breakdown()))
                .findFirst()
                .orElse(ofStage.get(0));
        Signal segment = ofStage.stream()
                .filter(signal -> !SeriesMachine.TOTAL.equals(signal.breakdown()))
                .findFirst()
                .orElse(whole);
        String owner = ofStage.stream()
                .filter(signal -> "owner_id".equals(signal.breakdown()))
                .map(Signal::value)
                .findFirst()
                .orElse(null);
        String subject = pipeline(whole) + "/" + lead.stage;
        return new Signal(
                Hash.of(Signal.BOTTLENECK_MOVED, whole.definition(), subject, lead.from.toString()),
                Signal.BOTTLENECK_MOVED,
                subject,
                whole.metric(),
                segment.breakdown(),
                segment.value(),
                owner,
                lead.from,
                lead.until,
                whole.score(),
                evidence(lead, whole, segment),
                whole.definition(),
                false);
    }

    private static String evidence(Lead lead, Signal whole, Signal segment) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        evidence.put("stage", lead.stage);
        evidence.put("before", lead.before);
        Map<String, @Nullable Object> of = Json.read(whole.evidence());
        for (String figure : List.of("noticed_at", "from", "to", "days_lost_per_deal", EXTRA, "fall", "surprise")) {
            evidence.put(figure, of.get(figure));
        }
        evidence.put("extra_wip_of_segment", Json.read(segment.evidence()).get(EXTRA));
        return Json.object(evidence);
    }

    private static double figure(Signal signal, String name) {
        return Json.read(signal.evidence()).get(name) instanceof BigDecimal number ? number.doubleValue() : 0;
    }
}
