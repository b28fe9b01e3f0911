package dev.weir.local;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** An endless job that does nothing much; packed into a jar of its own by {@link LocalFlinkTest}. */
public final class TickingJob {
    private TickingJob() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("fail")) {
            throw new IllegalArgumentException("asked to fail");
        }
        GeneratorFunction<Long, Long> same = number -> number;
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment
                .fromSource(
                        new DataGeneratorSource<>(same, Long.MAX_VALUE, RateLimiterStrategy.perSecond(100), Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "ticks")
                .uid("ticks")
                .sinkTo(new DiscardingSink<>())
                .name("nowhere")
                .uid("nowhere");
        environment.execute();
    }
}
