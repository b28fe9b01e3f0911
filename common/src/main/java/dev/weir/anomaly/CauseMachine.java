package dev.weir.anomaly;

import dev.weir.alert.Signal;
import dev.weir.machine.Json;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.stats.RateSplit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Completes the signal that a rate fell with why: the {@link RateSplit} of the windows in which it was off against those
 * before, for each breakdown, once every window it asked has answered. A signal that asked nothing stays as it is.
 *
 * <p>A whole may be split in several ways, and what one calls a worse rate another may explain: if by device every rate stood,
 * it was the devices that changed, whatever the channels say. So a breakdown that explains the fall by mix goes first, the
 * one that explains most of it; else the one of whose values one moved the whole most.
 */
public final class CauseMachine implements Machine<Clue, Clue> {
    /** Evidence that says how many windows from the start on the figures are of, and how many before they are held against. */
    static final String WINDOWS = "windows";

    static final String WINDOWS_BEFORE = "windows_before";

    /** Most breakdowns that evidence lists. */
    private static final int BREAKDOWNS = 20;

    @Override
    public String id(Clue fact) {
        return fact.id();
    }

    @Override
    public long time(Clue fact) {
        return fact.at();
    }

    @Override
    public Clue prefer(Clue kept, Clue newcomer) {
        return newcomer;
    }

    @Override
    public void say(String key, List<Clue> facts, Step<Clue> step) {
        Signal signal = null;
        List<Clue.Answer> answers = new ArrayList<>();
        for (Clue fact : facts) {
            if (fact.answer() != null) {
                answers.add(fact.answer());
            } else {
                signal = fact.signal();
            }
        }
        if (signal != null) {
            step.row(Signal.TABLE, explained(signal, answers).row(step.asOf()));
        }
    }

    private static Signal explained(Signal signal, List<Clue.Answer> answers) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>(Json.read(signal.evidence()));
        if (answers.isEmpty() || answers.size() != windows(evidence)) {
            return signal;
        }
        List<Split> splits = splits(answers);
        if (splits.isEmpty()) {
            return signal;
        }
        splits.get(0).tell(evidence);
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        for (Split split : splits.subList(0, Math.min(BREAKDOWNS, splits.size()))) {
            Map<String, @Nullable Object> told = new LinkedHashMap<>();
            split.tell(told);
            all.add(told);
        }
        evidence.put("splits", all);
        return new Signal(
                signal.signalId(),
                signal.kind(),
                signal.subject(),
                signal.metric(),
                signal.breakdown(),
                signal.value(),
                signal.ownerId(),
                signal.startedAt(),
                signal.endedAt(),
                signal.score(),
                Json.object(evidence),
                signal.definition(),
                signal.deleted());
    }

    private static int windows(Map<String, @Nullable Object> evidence) {
        return evidence.get(WINDOWS) instanceof Number off && evidence.get(WINDOWS_BEFORE) instanceof Number before
                ? off.intValue() + before.intValue()
                : 0;
    }

    /** The change of the whole, split by one breakdown. */
    private record Split(String breakdown, RateSplit of) {
        boolean isMix() {
            return of.cause().equals("mix");
        }

        double mixShare() {
            return Math.abs(of.mix()) / Math.max(Double.MIN_NORMAL, Math.abs(of.mix()) + Math.abs(of.rate()));
        }

        double mostMoved() {
            return Math.abs(of.segments().get(0).moved());
        }

        void tell(Map<String, @Nullable Object> evidence) {
            evidence.put("cause", of.cause());
            evidence.put("split_by", breakdown);
            evidence.put("rate_part", SeriesMachine.rounded(of.rate()));
            evidence.put("mix_part", SeriesMachine.rounded(of.mix()));
            evidence.put("moved_most", of.segments().get(0).name());
        }
    }

    /** By each breakdown that had trials on both sides; first the one that says why. */
    private static List<Split> splits(List<Clue.Answer> answers) {
        Map<String, Map<String, Counts>> breakdowns = new TreeMap<>();
        for (Clue.Answer answer : answers) {
            for (Clue.Share share : answer.shares()) {
                breakdowns
                        .computeIfAbsent(share.breakdown(), b -> new TreeMap<>())
                        .computeIfAbsent(share.value(), v -> new Counts())
                        .add(share, answer.now());
            }
        }
        List<Split> splits = new ArrayList<>();
        breakdowns.forEach((breakdown, values) -> {
            List<RateSplit.Segment> segments = new ArrayList<>();
            values.forEach((value, counts) -> segments.add(counts.segment(value)));
            RateSplit split = RateSplit.of(segments);
            if (!split.segments().isEmpty()) {
                splits.add(new Split(breakdown, split));
            }
        });
        splits.sort(Comparator.comparing((Split split) -> !split.isMix())
                .thenComparingDouble(split -> split.isMix() ? -split.mixShare() : -split.mostMoved())
                .thenComparing(Split::breakdown));
        return splits;
    }

    private static final class Counts {
        private final double[] successes = new double[2];
        private final double[] trials = new double[2];

        void add(Clue.Share share, boolean now) {
            successes[now ? 1 : 0] += share.successes();
            trials[now ? 1 : 0] += share.trials();
        }

        RateSplit.Segment segment(String value) {
            return new RateSplit.Segment(value, successes[0], trials[0], successes[1], trials[1]);
        }
    }
}
