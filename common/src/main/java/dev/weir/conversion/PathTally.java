package dev.weir.conversion;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.stats.Apportionment;
import dev.weir.stats.RemovalEffect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * All paths of one window, and the credit they give each channel by its removal effect: attribution_window of the model
 * markov. One group is one window.
 *
 * <p>What an order-1 chain knows of paths is how often each channel began one, followed another, came last before a win or
 * before nothing. These are few cells and a group, so paths themselves are not kept and may be of any length. The channels
 * are those the playbook names, all others are one. A window has the paths of the deals won in it, and of everybody touched in
 * it the touches that no win of theirs may credit.
 */
public final class PathTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "paths";

    private static final String OTHER = "(other)";

    // Parts below STARTS are channels, measures of a part the channels that follow.
    private static final int STARTS = 100;
    static final int CONVERTS = 101;
    static final int ENDS = 102;
    static final int ATTRIBUTED = 103;
    static final int UNATTRIBUTED = 104;

    private final Attribution attribution;
    private final CreditTally rows;

    public PathTally(Playbook playbook, Attribution attribution) {
        this.attribution = attribution;
        this.rows = new CreditTally(playbook, attribution);
    }

    static String group(Grain grain, long windowStart) {
        return Keys.join(KIND, grain.word(), Long.toString(windowStart));
    }

    /** The channels of touches by their place in the playbook; one that repeats itself is one. */
    static List<Integer> channels(Attribution attribution, List<Touch> touches) {
        List<Integer> channels = new ArrayList<>();
        for (Touch touch : touches) {
            int named = touch.channel() == null ? -1 : attribution.channels().indexOf(touch.channel());
            int channel = named < 0 ? attribution.channels().size() : named;
            if (channels.isEmpty() || channels.get(channels.size() - 1) != channel) {
                channels.add(channel);
            }
        }
        return channels;
    }

    /** Adds a path that ends in {@link #CONVERTS} or {@link #ENDS}. */
    static void addUp(String group, List<Integer> channels, int end, Step<?> step) {
        int before = STARTS;
        for (int channel : channels) {
            step.sum(group, Cell.of(0, before, channel), 1);
            before = channel;
        }
        if (!channels.isEmpty()) {
            step.sum(group, Cell.of(0, end, before), 1);
        }
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Grain grain = Grain.valueOf(name.get(1).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(2));
        long share = sums.get(Cell.of(0, ATTRIBUTED, CreditTally.SHARE));
        long nobodys = sums.get(Cell.of(0, UNATTRIBUTED, CreditTally.SHARE));
        if (share + nobodys == 0 || share + nobodys < attribution.minimumConversions() * CreditTally.WHOLE) {
            return NEVER;
        }
        double[] effects = effects(sums);
        long[] shares = split(sums, CreditTally.SHARE, effects);
        long[] revenue = split(sums, CreditTally.REVENUE, effects);
        long[] withoutRate = split(sums, CreditTally.WITHOUT_RATE, effects);
        String model = Attribution.Model.MARKOV.word();
        for (int c = 0; c < effects.length; c++) {
            if (effects[c] > 0) {
                Subject channel = new Subject(
                        "channel",
                        c < attribution.channels().size()
                                ? attribution.channels().get(c)
                                : OTHER);
                out.accept(rows.row(model, grain, start, channel, shares[c], revenue[c], withoutRate[c], asOf));
            }
        }
        if (nobodys > 0) {
            out.accept(rows.row(
                    model,
                    grain,
                    start,
                    new Subject("channel", CreditMachine.NOBODY),
                    nobodys,
                    sums.get(Cell.of(0, UNATTRIBUTED, CreditTally.REVENUE)),
                    sums.get(Cell.of(0, UNATTRIBUTED, CreditTally.WITHOUT_RATE)),
                    asOf));
        }
        out.accept(rows.row(
                model,
                grain,
                start,
                Subject.TOTAL,
                share + nobodys,
                both(sums, CreditTally.REVENUE),
                both(sums, CreditTally.WITHOUT_RATE),
                asOf));
        return rows.next(grain, start, asOf);
    }

    private double[] effects(Sums sums) {
        int n = attribution.channels().size() + 1;
        long[] starts = new long[n];
        long[][] follows = new long[n][n];
        long[] converts = new long[n];
        long[] ends = new long[n];
        for (int c = 0; c < n; c++) {
            starts[c] = sums.get(Cell.of(0, STARTS, c));
            converts[c] = sums.get(Cell.of(0, CONVERTS, c));
            ends[c] = sums.get(Cell.of(0, ENDS, c));
            for (int next = 0; next < n; next++) {
                follows[c][next] = sums.get(Cell.of(0, c, next));
            }
        }
        return RemovalEffect.of(starts, follows, converts, ends);
    }

    private static long[] split(Sums sums, int measure, double[] effects) {
        return Apportionment.split(sums.get(Cell.of(0, ATTRIBUTED, measure)), effects);
    }

    private static long both(Sums sums, int measure) {
        return sums.get(Cell.of(0, ATTRIBUTED, measure)) + sums.get(Cell.of(0, UNATTRIBUTED, measure));
    }
}
