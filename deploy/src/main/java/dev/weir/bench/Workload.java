package dev.weir.bench;

import dev.weir.machine.Row;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Events as Avro bytes, in order of time, and two ways to the same answer. */
interface Workload {
    /** One Avro single-object encoding each. */
    byte[][] events();

    /** The last event's time, epoch milliseconds. */
    long end();

    /** What the loop is. */
    String loopName();

    /** The plain Java loop: text of each cell, by its name. */
    Map<String, String> loop() throws IOException;

    /** The job's graph from the bytes of {@link Feed} to its rows. */
    DataStream<Row> flow(StreamExecutionEnvironment env);

    /** How its rows are compared with the loop. */
    Cells cells();
}
