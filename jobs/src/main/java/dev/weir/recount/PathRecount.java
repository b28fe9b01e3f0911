package dev.weir.recount;

import dev.weir.playbook.Attribution;
import dev.weir.playbook.Grain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which channels all paths of a window went through, and what would be missing without each: the credit of the model markov.
 * Chances are found by walking on and on, until nothing is on its way any more.
 */
final class PathRecount {
    private static final String OTHER = "(other)";
    private static final int START = -1;
    private static final int WIN = -2;
    private static final int NOTHING = -3;

    private final Attribution attribution;
    private final Map<List<String>, Window> windows = new LinkedHashMap<>();

    /** What lies in one window: moves from channel to channel, and what is to be shared out. */
    private static final class Window {
        final List<int[]> moves = new ArrayList<>();
        final TouchRecount.Credit attributed = new TouchRecount.Credit();
        final TouchRecount.Credit nobodys = new TouchRecount.Credit();
    }

    /** Who is told what a value of the breakdown channel, or the total, has in a window; inexact where effects share it. */
    interface Teller {
        void tell(List<String> key, TouchRecount.Credit credit, boolean exact);
    }

    PathRecount(Attribution attribution) {
        this.attribution = attribution;
    }

    private Window window(Grain grain, String start) {
        return windows.computeIfAbsent(List.of(TouchRecount.word(grain), start), w -> new Window());
    }

    /** A win and the channels of its touches, in order; {@code revenue} null without a rate. */
    void won(Grain grain, String start, List<@Nullable String> channels, @Nullable Long revenue) {
        Window window = window(grain, start);
        walk(window, channels, WIN);
        TouchRecount.Credit credit = channels.isEmpty() ? window.nobodys : window.attributed;
        credit.shares += 1_000_000;
        credit.revenue += revenue == null ? 0 : revenue;
        credit.withoutRate += revenue == null ? 1_000_000 : 0;
    }

    /** Touches of somebody, in order, that no win may credit. */
    void lost(Grain grain, String start, List<@Nullable String> channels) {
        walk(window(grain, start), channels, NOTHING);
    }

    private void walk(Window window, List<@Nullable String> channels, int end) {
        int at = START;
        for (String channel : channels) {
            int named = channel == null ? -1 : attribution.channels().indexOf(channel);
            int to = named < 0 ? attribution.channels().size() : named;
            if (to != at) {
                window.moves.add(new int[] {at, to});
                at = to;
            }
        }
        if (at != START) {
            window.moves.add(new int[] {at, end});
        }
    }

    void say(Teller teller) {
        windows.forEach((name, window) -> say(name, window, teller));
    }

    private void say(List<String> name, Window window, Teller teller) {
        long wins = window.attributed.shares + window.nobodys.shares;
        if (wins == 0 || wins < attribution.minimumConversions() * 1_000_000L) {
            return;
        }
        int channels = attribution.channels().size() + 1;
        double all = chance(window.moves, channels, START);
        double[] effects = new double[channels];
        for (int c = 0; all > 0 && c < channels; c++) {
            effects[c] = 1 - chance(window.moves, channels, c) / all;
        }
        long[] shares = TouchRecount.split(window.attributed.shares, effects);
        long[] revenue = TouchRecount.split(window.attributed.revenue, effects);
        long[] withoutRate = TouchRecount.split(window.attributed.withoutRate, effects);
        for (int c = 0; c < channels; c++) {
            if (effects[c] > 1e-12) {
                String channel = c < channels - 1 ? attribution.channels().get(c) : OTHER;
                teller.tell(
                        key(name, "channel", channel),
                        new TouchRecount.Credit(shares[c], revenue[c], withoutRate[c]),
                        false);
            }
        }
        if (window.nobodys.shares > 0) {
            teller.tell(key(name, "channel", TouchRecount.NOBODY), window.nobodys, true);
        }
        teller.tell(
                key(name, "(total)", "(total)"),
                new TouchRecount.Credit(
                        wins,
                        window.attributed.revenue + window.nobodys.revenue,
                        window.attributed.withoutRate + window.nobodys.withoutRate),
                true);
    }

    private static List<String> key(List<String> window, String breakdown, String value) {
        return List.of(window.get(0), window.get(1), "markov", breakdown, value);
    }

    /** The share of paths that end in a win when whoever comes to one channel is lost. */
    private static double chance(List<int[]> moves, int channels, int without) {
        Map<Integer, Double> here = new LinkedHashMap<>(Map.of(START, 1.0));
        double won = 0;
        for (double left = 1; left > 1e-17; ) {
            Map<Integer, Double> next = new LinkedHashMap<>();
            for (int at = START; at < channels; at++) {
                double mass = here.getOrDefault(at, 0.0);
                int from = at;
                List<int[]> ways =
                        moves.stream().filter(move -> move[0] == from).toList();
                for (int[] way : mass > 0 ? ways : List.<int[]>of()) {
                    next.merge(way[1], mass / ways.size(), Double::sum);
                }
            }
            won += Objects.requireNonNullElse(next.remove(WIN), 0.0);
            next.remove(NOTHING);
            next.remove(without);
            here = next;
            left = here.values().stream().mapToDouble(mass -> mass).sum();
        }
        return won;
    }
}
