package dev.weir.jobs;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimitedSourceReader;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;

/**
 * Numbers that stop before one of them until they are let go on, so that a test can take a savepoint in the middle of a
 * history. The reader waits and does not block: barriers pass.
 */
final class HeldNumbers extends NumberSequenceSource {
    private static volatile CompletableFuture<Void> release = CompletableFuture.completedFuture(null);
    private static volatile long read;

    private final long before;

    /**
     * Numbers from 0 up to and including {@code last}.
     *
     * @param before how many come before the stop
     */
    HeldNumbers(long last, long before) {
        super(0, last);
        this.before = before;
    }

    /** From now on all numbers stop. */
    static void hold() {
        read = 0;
        release = new CompletableFuture<>();
    }

    /** Lets all go on. */
    static void letGo() {
        release.complete(null);
    }

    /** How many were read by all since {@link #hold}. */
    static long read() {
        return read;
    }

    @Override
    public SourceReader<Long, NumberSequenceSplit> createReader(SourceReaderContext context) {
        return new RateLimitedSourceReader<>(super.createReader(context), new Limit(before));
    }

    private static final class Limit implements RateLimiter<NumberSequenceSplit> {
        private long left;

        Limit(long left) {
            this.left = left;
        }

        @Override
        public CompletionStage<Void> acquire(int numbers) {
            if (left > 0) {
                left -= numbers;
                count(numbers);
                return CompletableFuture.completedFuture(null);
            }
            return release;
        }

        private static synchronized void count(int numbers) {
            read += numbers;
        }
    }
}
