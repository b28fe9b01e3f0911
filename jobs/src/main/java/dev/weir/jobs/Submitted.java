package dev.weir.jobs;

import dev.weir.flink.Flow;
import dev.weir.flink.Sealing;
import dev.weir.io.DeadLetterTable;
import dev.weir.io.KafkaInputs;
import dev.weir.io.KafkaOutputs;
import dev.weir.io.Outbox;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Settings;
import dev.weir.io.Tables;
import dev.weir.machine.Difference;
import dev.weir.machine.Row;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job as it was submitted: its playbook and settings, fixed for its whole life, and the doors it reads and writes through.
 *
 * <p>{@code weir submit} passes both texts as program arguments; secrets are not in them but in files or variables that they
 * name.
 */
final class Submitted {
    private final String job;
    private final Playbook playbook;
    private final Settings settings;
    private final StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    private final Flow flow;
    private final KafkaInputs inputs;

    private Submitted(String job, Playbook playbook, Settings settings) {
        this.job = job;
        this.playbook = playbook;
        this.settings = settings;
        this.flow = new Flow(
                job,
                Long.MAX_VALUE,
                new Sealing(
                        settings.horizon(job),
                        (position, fact, upTo) -> DeadLetterTable.expired(job, position, fact, upTo)));
        this.inputs = new KafkaInputs(env, settings, job);
    }

    /**
     * Reads the program arguments.
     *
     * @throws IllegalArgumentException when one is missing
     */
    static Submitted as(String job, String[] arguments) {
        Map<String, String> texts = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            texts.put(arguments[i], new String(Base64.getDecoder().decode(arguments[i + 1]), StandardCharsets.UTF_8));
        }
        return new Submitted(
                job,
                PlaybookLoader.load(given(texts, "--playbook"), "playbook"),
                Settings.parse(given(texts, "--settings"), "settings"));
    }

    private static String given(Map<String, String> texts, String argument) {
        String text = texts.get(argument);
        if (text == null) {
            throw new IllegalArgumentException("argument " + argument + " is missing; submit jobs with weir submit");
        }
        return text;
    }

    Playbook playbook() {
        return playbook;
    }

    Flow flow() {
        return flow;
    }

    KafkaInputs inputs() {
        return inputs;
    }

    /** The events of a topic; what could not be read and the counts of what was go into the job's rows. */
    <E> DataStream<Difference<E>> read(String name, KafkaInputs.Input<E> input) {
        flow.add(name + "-read", input.counts());
        flow.addRows(input.deadLetters());
        return input.events();
    }

    /** Sends rows where they belong, and runs the job. */
    void write(DataStream<Row> rows) throws Exception {
        KafkaOutputs.write(rows, settings, job);
        Outbox.write(
                rows.filter(row -> Tables.warehouse().containsKey(row.table()))
                        .uid(job + "-warehouse-rows")
                        .name(job + "-warehouse-rows"),
                settings.warehouse(),
                Tables.warehouse(),
                epoch(),
                job);
        env.execute(job);
    }

    private long epoch() throws IOException {
        return settings.warehouse().drawEpoch();
    }
}
