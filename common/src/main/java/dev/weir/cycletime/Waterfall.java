package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the chapters of a deal add to the waterfall of its pipeline: the money that may come in within a window, from the
 * window's start to its end.
 *
 * <p>In scope of a window is an open deal that is due before the window's end, overdue ones included; a deal for which no one
 * said when is due at any time. So a deal that is put off beyond the end leaves (pushed_out), one that is brought forward comes
 * (pulled_in), and one that closes in a window was due in it whatever had been expected. A won deal that turns out lost, or
 * the other way round, was open again for that instant.
 *
 * <p>Nothing is added per window that a deal waits through: what is open at a window's start follows from differences, one
 * where the deal comes into scope and one where its chapter ends.
 */
final class Waterfall implements Serializable {
    /** First part of a group of its tally. */
    static final String KIND = "waterfall";

    static final int OPENING = 0;
    static final int CREATED = 1;
    static final int REOPENED = 2;
    static final int AMOUNT_UP = 3;
    static final int AMOUNT_DOWN = 4;
    static final int PULLED_IN = 5;
    static final int PUSHED_OUT = 6;
    static final int WON = 7;
    static final int LOST = 8;
    static final int REMOVED = 9;

    /** The farthest day on which a deal may be due, 9999-12-31. What is due later is due then. */
    private static final long FARTHEST = 253_402_214_400_000L;

    /** What a deal is to a pipeline before it is in it. */
    private static final Stake NOTHING = new Stake("", 0, Long.MIN_VALUE);

    /** Of each pipeline, the group of each grain. */
    private final Map<String, Map<Grain, String>> groups = new HashMap<>();

    private final Windows windows;

    Waterfall(Playbook playbook) {
        for (Pipeline pipeline : playbook.pipelines()) {
            Map<Grain, String> ofGrains = new EnumMap<>(Grain.class);
            pipeline.windows().forEach(grain -> ofGrains.put(grain, Groups.whole(KIND, pipeline, grain)));
            ofGrains.put(Grain.ALL, Groups.whole(KIND, pipeline, Grain.ALL));
            groups.put(pipeline.name(), ofGrains);
        }
        windows = Windows.of(playbook);
    }

    /**
     * Adds what a chapter changes and what it leaves open.
     *
     * @param times 1, or -1 to take it away
     */
    void add(Chapter chapter, int times, Step<DealChange> step) {
        Chapter.Pot earlier = chapter.before();
        Stake before = earlier == null ? NOTHING : stake(earlier);
        Stake now = stake(chapter.pot());
        if (now.units == 0 && before.units == 0) {
            return;
        }
        if (earlier != null && !earlier.pipeline().equals(chapter.pot().pipeline())) {
            for (Window window : windows(earlier.pipeline(), chapter.from(), times, step)) {
                window.add(REMOVED, window.holds(before) ? before.units : 0);
            }
            before = NOTHING;
        }
        for (Window window : windows(chapter.pot().pipeline(), chapter.from(), times, step)) {
            change(window, before, now);
            if (now.isOpen() && window.grain != Grain.ALL) {
                leaveOpen(window, chapter.to(), now);
            }
        }
    }

    /**
     * What a deal is to its pipeline, in numbers.
     *
     * @param status empty before there is any
     * @param units its amount in ten-thousandths of the reporting currency; 0 without
     * @param dueAt start of the day on which it is expected to close; {@link Long#MIN_VALUE} where no one said
     */
    private record Stake(String status, long units, long dueAt) {
        boolean isNone() {
            return status.isEmpty();
        }

        boolean isOpen() {
            return status.equals("open");
        }

        boolean isClosed() {
            return status.equals("won") || status.equals("lost");
        }
    }

    private Stake stake(Chapter.Pot pot) {
        return new Stake(pot.status(), Units.of(pot.amount()), dueAt(pot.expectedClose()));
    }

    private long dueAt(@Nullable String expectedClose) {
        if (expectedClose == null) {
            return Long.MIN_VALUE;
        }
        try {
            LocalDate day = LocalDate.parse(expectedClose);
            return Math.min(
                    FARTHEST, day.atStartOfDay(windows.zone()).toInstant().toEpochMilli());
        } catch (DateTimeException | ArithmeticException notADay) {
            return Long.MIN_VALUE;
        }
    }

    private static void change(Window window, Stake before, Stake now) {
        boolean held = window.holds(before);
        if (now.isOpen()) {
            if (held && window.holds(now)) {
                window.change(now.units - before.units);
            } else if (held) {
                window.add(PUSHED_OUT, before.units);
            } else if (window.holds(now)) {
                window.add(before.isNone() ? CREATED : before.isOpen() ? PULLED_IN : REOPENED, now.units);
            }
        } else if (now.isClosed()) {
            close(window, before, now, held);
        } else if (held) {
            window.add(REMOVED, before.units);
        }
    }

    private static void close(Window window, Stake before, Stake now, boolean held) {
        if (before.isNone()) {
            window.add(CREATED, now.units);
        } else if (before.isOpen()) {
            window.add(PULLED_IN, held ? 0 : before.units);
            window.change(now.units - before.units);
        } else if (before.isClosed() && !before.status.equals(now.status)) {
            window.add(REOPENED, now.units);
        } else {
            return; // it was closed so before, and only amended or restored
        }
        window.add(now.status.equals("won") ? WON : LOST, now.units);
    }

    /** Open at the start of each later window in whose scope it is, up to the one in which the chapter ends. */
    private void leaveOpen(Window window, @Nullable Long to, Stake pot) {
        long first = window.end;
        if (pot.dueAt >= first) {
            first = windows.start(window.grain, pot.dueAt);
        }
        long end = to == null ? Long.MAX_VALUE : windows.end(window.grain, windows.start(window.grain, to));
        if (first < end) {
            window.add(first, OPENING, pot.units);
            if (to != null) {
                window.add(end, OPENING, -pot.units);
            }
        }
    }

    private List<Window> windows(String pipeline, long time, int times, Step<DealChange> step) {
        List<Window> all = new ArrayList<>();
        for (Map.Entry<Grain, String> group :
                groups.getOrDefault(pipeline, Map.of()).entrySet()) {
            all.add(new Window(group.getKey(), group.getValue(), time, times, step));
        }
        return all;
    }

    /** The window of one grain in which a change happens. */
    private final class Window {
        final Grain grain;
        final long start;
        final long end;
        private final String group;
        private final int times;
        private final Step<DealChange> step;

        Window(Grain grain, String group, long time, int times, Step<DealChange> step) {
            this.grain = grain;
            this.start = windows.start(grain, time);
            this.end = windows.end(grain, start);
            this.group = group;
            this.times = times;
            this.step = step;
        }

        boolean holds(Stake pot) {
            return pot.isOpen() && pot.dueAt < end;
        }

        void change(long units) {
            add(units > 0 ? AMOUNT_UP : AMOUNT_DOWN, Math.abs(units));
        }

        void add(int measure, long units) {
            add(start, measure, units);
        }

        void add(long at, int measure, long units) {
            step.sum(group, Cell.of(at / 1000, 0, measure), times * units);
        }
    }
}
