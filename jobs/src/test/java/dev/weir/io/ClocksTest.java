package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.Feedback;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.SystemClock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clocks of senders, right and absurd: what becomes of their events, and of time. The broker takes each at {@link #NOW}. */
class ClocksTest {
    private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a right clock,                        1772366400000,        accepted",
        "a day fast to the millisecond,        1772452800000,        accepted",
        "a millisecond more than a day fast,   1772452800001,        FUTURE",
        "a year fast,                          1803902400000,        FUTURE",
        "the last moment of the year 9999,     253402300799999,      FUTURE",
        "microseconds for milliseconds,        1772366400000000,     INVALID",
        "the greatest number there is,         9223372036854775807,  INVALID",
        "the least number there is,            -9223372036854775808, INVALID",
        "years behind,                         946684800000,         accepted",
        "the first moment that is believed,    315532800000,         accepted",
        "just before it,                       315532799999,         INVALID",
        "the epoch: a clock that was never set, 0,                   INVALID",
        "before the epoch,                     -86400000,            INVALID",
        "seconds for milliseconds,             1772366400,           INVALID"
    })
    void anAbsurdClockIsRefusedWithAReasonAndMovesNothing(String clock, long at, String fate) {
        Received<Feedback> received = receive(at);
        assertThat(received.isDeadLetter() ? received.reason : "accepted").isEqualTo(fate);

        List<Long> said = new ArrayList<>();
        PartitionTime<Feedback> time =
                new PartitionTime<>(Duration.ZERO, Duration.ofHours(1), true, SystemClock.getInstance(), () -> NOW);
        WatermarkOutput output = output(said);
        long good = NOW - 3_600_000;
        time.onEvent(receive(good), good, output);
        time.onEvent(received, at, output);
        time.onPeriodicEmit(output);
        long newest = fate.equals("accepted") ? Math.max(good, at) : good;
        assertThat(said).containsExactly(newest - 1);
    }

    private static Received<Feedback> receive(long at) {
        Feedback event =
                new Feedback("e" + at, Instant.ofEpochMilli(at), "p", null, null, "q", "nps", 9.0, null, Map.of());
        return new Receiver<>(Feedback.class)
                .receive(new ConsumerRecord<>(
                        "feedback",
                        0,
                        0,
                        NOW,
                        TimestampType.LOG_APPEND_TIME,
                        0,
                        0,
                        new byte[0],
                        Wire.encode(event),
                        new RecordHeaders(),
                        Optional.empty()));
    }

    private static WatermarkOutput output(List<Long> said) {
        return new WatermarkOutput() {
            @Override
            public void emitWatermark(Watermark watermark) {
                said.add(watermark.getTimestamp());
            }

            @Override
            public void markIdle() {}

            @Override
            public void markActive() {}
        };
    }
}
