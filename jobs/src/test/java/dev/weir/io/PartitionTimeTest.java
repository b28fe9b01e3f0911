package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.Feedback;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.Test;

class PartitionTimeTest {
    private static final long WALL = 1_000_000;

    private final List<String> said = new ArrayList<>();
    private long millis;

    private final WatermarkOutput output = new WatermarkOutput() {
        @Override
        public void emitWatermark(Watermark watermark) {
            said.add(Long.toString(watermark.getTimestamp()));
        }

        @Override
        public void markIdle() {
            said.add("idle");
        }

        @Override
        public void markActive() {
            said.add("active");
        }
    };

    private PartitionTime<Feedback> partition(boolean followsClock) {
        RelativeClock clock = new RelativeClock() {
            @Override
            public long relativeTimeMillis() {
                return millis;
            }

            @Override
            public long relativeTimeNanos() {
                return millis * 1_000_000;
            }
        };
        return new PartitionTime<>(
                Duration.ofMillis(10), Duration.ofMillis(100), followsClock, clock, () -> WALL + millis);
    }

    private void event(PartitionTime<Feedback> time, long at) {
        Received<Feedback> received = new Received<>();
        received.at = at;
        received.event =
                new Feedback("e", Instant.ofEpochMilli(at), null, null, null, null, "nps", null, null, Map.of());
        time.onEvent(received, at, output);
    }

    private void mark(PartitionTime<Feedback> time, long at) {
        Received<Feedback> received = new Received<>();
        received.at = at;
        time.onEvent(received, at, output);
    }

    private String tick(PartitionTime<Feedback> time) {
        said.clear();
        time.onPeriodicEmit(output);
        return String.join(",", said);
    }

    @Test
    void eventsMoveTimeAndLaterOnesThatAreEarlierDoNot() {
        PartitionTime<Feedback> time = partition(true);
        event(time, 500);
        event(time, 300);
        assertThat(tick(time)).isEqualTo("489");
    }

    @Test
    void aPartitionThatNeverHadAnEventIsLeftOutAndDoesNotJumpToNow() {
        PartitionTime<Feedback> time = partition(true);
        assertThat(tick(time)).isEmpty();
        millis = 100;
        assertThat(tick(time)).isEqualTo("idle");
        millis = 200;
        assertThat(tick(time)).isEmpty();
        event(time, 500);
        assertThat(tick(time)).isEqualTo("489");
    }

    @Test
    void aPauseLetsTheWallClockMoveTime() {
        PartitionTime<Feedback> time = partition(true);
        event(time, 500);
        millis = 99;
        assertThat(tick(time)).isEqualTo("489");
        millis = 100;
        assertThat(tick(time)).isEqualTo("1000090");
        millis = 150;
        assertThat(tick(time)).isEqualTo("1000140");
    }

    @Test
    void aPauseLeavesOutAPartitionOfAnotherJob() {
        PartitionTime<Feedback> time = partition(false);
        event(time, 500);
        assertThat(tick(time)).isEqualTo("489");
        millis = 100;
        assertThat(tick(time)).isEqualTo("idle");
        event(time, 700);
        assertThat(tick(time)).isEqualTo("689");
    }

    @Test
    void aMarkHoldsTimeUntilSomethingHappenedAfterIt() {
        PartitionTime<Feedback> time = partition(true);
        event(time, 500);
        mark(time, 600);
        assertThat(tick(time)).isEqualTo("600");
        millis = 10_000;
        assertThat(tick(time)).isEqualTo("600");
        event(time, 550);
        assertThat(tick(time)).isEqualTo("600");
        event(time, 601);
        assertThat(tick(time)).isEqualTo("590");
        millis = 20_000;
        assertThat(tick(time)).isEqualTo("1019990");
    }

    @Test
    void aMarkMovesAPartitionWithoutEvents() {
        PartitionTime<Feedback> time = partition(true);
        millis = 500;
        assertThat(tick(time)).isEqualTo("idle");
        mark(time, 600);
        assertThat(tick(time)).isEqualTo("600");
        millis = 5_000;
        assertThat(tick(time)).isEqualTo("600");
    }

    @Test
    void aMarkBeforeTheLastEventSaysNothingNew() {
        PartitionTime<Feedback> time = partition(true);
        event(time, 500);
        mark(time, 400);
        assertThat(tick(time)).isEqualTo("489");
    }

    @Test
    void deadLettersMoveNothing() {
        PartitionTime<Feedback> time = partition(true);
        Received<Feedback> dead = new Received<>();
        dead.reason = Wire.INVALID;
        dead.at = 900;
        millis = 99;
        time.onEvent(dead, 900, output);
        assertThat(tick(time)).isEmpty();
        millis = 100;
        assertThat(tick(time)).isEqualTo("idle");
    }
}
