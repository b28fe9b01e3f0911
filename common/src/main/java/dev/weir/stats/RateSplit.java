package dev.weir.stats;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Why the rate of a whole moved: because its segments convert otherwise, or because other segments make up more of it.
 *
 * <p>With weight w (its share of the trials) and rate r of each segment before (0) and now (1), the change of the whole is
 * exactly the sum over segments of (w1 + w0) / 2 (r1 - r0), the rate part, and of (w1 - w0) ((r1 + r0) / 2 - m), the mix
 * part, where m is the mean of both whole rates: a segment that grows lifts the whole when it converts better than that. A
 * segment that was absent on one side takes the other side's rate, so its coming or going is mix alone.
 *
 * <p>Source: Kitagawa, Components of a difference between two rates, JASA 50 (1955). Symmetric in before and now. A split
 * describes; it does not say what caused either part.
 *
 * @param before the whole rate before
 * @param now the whole rate now
 * @param segments in falling order of how much they moved the whole, then by name
 */
public record RateSplit(double before, double now, List<Part> segments) {
    /** A part that is this share of the sizes of both is named as the cause. */
    private static final double CLEAR = 2.0 / 3;

    /** What one segment had on both sides. */
    public record Segment(
            String name, double successesBefore, double trialsBefore, double successesNow, double trialsNow) {}

    /**
     * What one segment did to the whole.
     *
     * @param rate change of the whole by the segment's own rate
     * @param mix change of the whole by the segment's share
     */
    public record Part(
            String name,
            double weightBefore,
            double weightNow,
            double rateBefore,
            double rateNow,
            double rate,
            double mix) {
        /** What the segment did to the whole in all. */
        public double moved() {
            return rate + mix;
        }
    }

    /**
     * The split of a change.
     *
     * @param segments each trial in exactly one of them
     * @return the whole rate of a side without trials is that of the other side
     */
    public static RateSplit of(List<Segment> segments) {
        double trials0 = segments.stream().mapToDouble(Segment::trialsBefore).sum();
        double trials1 = segments.stream().mapToDouble(Segment::trialsNow).sum();
        double successes0 =
                segments.stream().mapToDouble(Segment::successesBefore).sum();
        double successes1 = segments.stream().mapToDouble(Segment::successesNow).sum();
        if (trials0 <= 0 || trials1 <= 0) {
            double only = trials0 > 0 ? successes0 / trials0 : trials1 > 0 ? successes1 / trials1 : 0;
            return new RateSplit(only, only, List.of());
        }
        double before = successes0 / trials0;
        double now = successes1 / trials1;
        double middle = (before + now) / 2;
        List<Part> parts = new ArrayList<>();
        for (Segment s : segments) {
            if (s.trialsBefore <= 0 && s.trialsNow <= 0) {
                continue;
            }
            double w0 = s.trialsBefore / trials0;
            double w1 = s.trialsNow / trials1;
            double r0 = s.trialsBefore > 0 ? s.successesBefore / s.trialsBefore : s.successesNow / s.trialsNow;
            double r1 = s.trialsNow > 0 ? s.successesNow / s.trialsNow : r0;
            parts.add(
                    new Part(s.name, w0, w1, r0, r1, (w1 + w0) / 2 * (r1 - r0), (w1 - w0) * ((r1 + r0) / 2 - middle)));
        }
        parts.sort(Comparator.comparingDouble((Part part) -> -Math.abs(part.moved()))
                .thenComparing(Part::name));
        return new RateSplit(before, now, List.copyOf(parts));
    }

    /** How much the whole moved: {@link #rate} and {@link #mix} together. */
    public double change() {
        return now - before;
    }

    /** What the segments' own rates did to the whole. */
    public double rate() {
        return segments.stream().mapToDouble(Part::rate).sum();
    }

    /** What the segments' shares did to the whole. */
    public double mix() {
        return segments.stream().mapToDouble(Part::mix).sum();
    }

    /** {@code rate} or {@code mix} when that part is two thirds of both parts' sizes, else {@code both}. */
    public String cause() {
        double rate = Math.abs(rate());
        double mix = Math.abs(mix());
        if (rate + mix == 0) {
            return "both";
        }
        return rate >= CLEAR * (rate + mix) ? "rate" : mix >= CLEAR * (rate + mix) ? "mix" : "both";
    }
}
