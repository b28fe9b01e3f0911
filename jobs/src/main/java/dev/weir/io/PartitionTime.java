package dev.weir.io;

import java.io.Serializable;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * How far time has come in one partition.
 *
 * <p>Its events move it, {@code outOfOrderness} behind the latest. When they pause for {@code idleAfter} the wall clock does,
 * so that what is due comes due; the pause is measured on a clock that stands still under back-pressure. A partition that
 * never had an event is left out instead: time has not begun there. A time mark moves it to the mark and holds it there, as a
 * history that has ended has no present, until something happened after the mark. Dead letters move nothing.
 */
final class PartitionTime<E> implements WatermarkGenerator<Received<E>> {
    /** A wall clock, epoch milliseconds. */
    interface WallClock extends LongSupplier, Serializable {}

    private static final long NEVER = Long.MIN_VALUE;

    private final long outOfOrderness;
    private final long idleAfter;
    private final boolean followsClock;
    private final RelativeClock activity;
    private final WallClock wall;

    private long newest = NEVER;
    private long mark = NEVER;
    private long active;
    private boolean idle;

    /**
     * Time of a partition that has just been found.
     *
     * @param followsClock whether a pause moves time on; where not, a partition that pauses is left out
     * @param activity stands still while nothing could be read
     */
    PartitionTime(
            Duration outOfOrderness, Duration idleAfter, boolean followsClock, RelativeClock activity, WallClock wall) {
        this.outOfOrderness = outOfOrderness.toMillis();
        this.idleAfter = idleAfter.toMillis();
        this.followsClock = followsClock;
        this.activity = activity;
        this.wall = wall;
        this.active = activity.relativeTimeMillis();
    }

    @Override
    public void onEvent(Received<E> received, long at, WatermarkOutput output) {
        if (received.isDeadLetter()) {
            return;
        }
        active = activity.relativeTimeMillis();
        idle = false;
        if (received.isMark()) {
            mark = Math.max(mark, received.at);
            if (newest <= mark) {
                // At once: a checkpoint between the mark and its effect would forget it.
                output.emitWatermark(new Watermark(mark));
            }
        } else {
            newest = Math.max(newest, received.at);
        }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        boolean paused = activity.relativeTimeMillis() - active >= idleAfter;
        if (mark != NEVER && newest <= mark) {
            output.emitWatermark(new Watermark(mark));
        } else if (paused && (newest == NEVER || !followsClock)) {
            if (!idle) {
                output.markIdle();
                idle = true;
            }
        } else if (newest != NEVER) {
            long time = newest - outOfOrderness - 1;
            output.emitWatermark(new Watermark(paused ? Math.max(time, wall.getAsLong() - outOfOrderness) : time));
        }
    }
}
