package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

/**
 * What a checkpoint of today must find tomorrow: the uid of every operator and the shape of all it keeps, locked in
 * {@code state.lock}. An operator that is gone or renamed loses its state; a field that is renamed loses its value; a type
 * that changes makes the restore fail. A field that comes or goes restores.
 */
class StateLockTest {
    private static final Path LOCK = Path.of("src/test/resources/state.lock");

    private static final String MEND =
            "%nThe state of the jobs is not what %s says (- locked, + now).%nMeant? A new uid or field is"
                    + " safe; a uid or field that is gone or has another type is lost or refused by running jobs: then they must be"
                    + " submitted with --fresh, and the commit should say so.%nLock it anew, and look at the difference: mvn -pl jobs -am"
                    + " test -Dtest=StateLockTest -Dsurefire.failIfNoSpecifiedTests=false -Dlock.write=true";

    @Test
    void uidsAndStateAreThoseOfTheLock() throws Exception {
        List<String> now = new ArrayList<>();
        for (Map.Entry<String, JobGraph.Wiring> job : ProductionJobs.all().entrySet()) {
            now.add("job " + job.getKey());
            Map<String, String> kept = kept(job.getKey(), job.getValue());
            for (String uid : uids(job.getKey(), job.getValue())) {
                now.add("  " + uid);
                String state = kept.get(uid);
                if (state != null) {
                    now.add(state);
                }
            }
        }
        if (Boolean.getBoolean("lock.write")) {
            Files.writeString(LOCK, String.join("\n", now) + "\n");
        }
        List<String> locked = Files.readAllLines(LOCK);
        List<String> split = List.of(String.join("\n", now).split("\n", -1));
        List<String> differences = new ArrayList<>();
        locked.stream().filter(line -> !split.contains(line)).forEach(line -> differences.add("- " + line.strip()));
        split.stream().filter(line -> !locked.contains(line)).forEach(line -> differences.add("+ " + line.strip()));
        assertThat(differences).as(String.format(MEND, LOCK)).isEmpty();
        assertThat(split).as(String.format(MEND, LOCK)).isEqualTo(locked);
    }

    /** Of all operators, doors too. */
    private static List<String> uids(String job, JobGraph.Wiring wiring) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        var rows = wiring.apply(
                new dev.weir.flink.Flow(job, Long.MAX_VALUE), new KafkaInputs(env, ProductionJobs.SETTINGS, job));
        KafkaOutputs.write(rows, ProductionJobs.SETTINGS, job);
        Outbox.write(
                rows.filter(row -> Tables.warehouse().containsKey(row.table())).uid(job + "-warehouse-rows"),
                ProductionJobs.SETTINGS.warehouse(),
                Tables.warehouse(),
                1,
                job);
        List<String> uids = new ArrayList<>();
        for (StreamNode node : env.getStreamGraph().getStreamNodes()) {
            uids.add(Objects.requireNonNull(node.getTransformationUID(), node.getOperatorName() + " has no uid"));
        }
        uids.sort(null);
        return uids;
    }

    /** By uid, what a checkpoint says of the state in it. */
    private static Map<String, String> kept(String job, JobGraph.Wiring wiring) throws Exception {
        SimulatedAttempt attempt = new SimulatedAttempt(
                JobGraph.of(job, ProductionJobs.SETTINGS, ProductionJobs.tables(), 1, wiring), null, new Random(1));
        Map<String, String> kept = new TreeMap<>();
        for (Map.Entry<String, List<OperatorSubtaskState>> operator :
                attempt.snapshot(1).operators().entrySet()) {
            List<String> states = new ArrayList<>();
            for (KeyedStateHandle handle : operator.getValue().get(0).getManagedKeyedState()) {
                states.addAll(states((KeyGroupsStateHandle) handle));
            }
            for (OperatorStateHandle handle : operator.getValue().get(0).getManagedOperatorState()) {
                states.addAll(states(handle));
            }
            states.sort(null);
            kept.put(operator.getKey(), String.join("\n", states));
        }
        attempt.close();
        return kept;
    }

    private static List<String> states(KeyGroupsStateHandle handle) throws IOException, ReflectiveOperationException {
        List<String> states = new ArrayList<>();
        try (InputStream in = handle.openInputStream()) {
            KeyedBackendSerializationProxy<?> proxy =
                    new KeyedBackendSerializationProxy<>(StateLockTest.class.getClassLoader());
            proxy.read(new DataInputViewStreamWrapper(in));
            states.add("    key: "
                    + shape(Objects.requireNonNull(proxy.getKeySerializerSnapshot())
                            .restoreSerializer()));
            for (StateMetaInfoSnapshot state : proxy.getStateMetaInfoSnapshots()) {
                String type = state.getSerializerSnapshotsImmutable().containsKey("VALUE_SERIALIZER")
                        ? shape(Objects.requireNonNull(state.getTypeSerializerSnapshot(
                                        StateMetaInfoSnapshot.CommonSerializerKeys.VALUE_SERIALIZER))
                                .restoreSerializer())
                        : "timers";
                states.add("    " + state.getName() + ": " + type);
            }
        }
        return states;
    }

    /** What every subtask keeps for all of its keys. */
    private static List<String> states(OperatorStateHandle handle) throws IOException, ReflectiveOperationException {
        List<String> states = new ArrayList<>();
        try (InputStream in = handle.openInputStream()) {
            OperatorBackendSerializationProxy proxy =
                    new OperatorBackendSerializationProxy(StateLockTest.class.getClassLoader());
            proxy.read(new DataInputViewStreamWrapper(in));
            for (StateMetaInfoSnapshot state : proxy.getBroadcastStateMetaInfoSnapshots()) {
                states.add("    broadcast " + state.getName() + ": "
                        + shape(Objects.requireNonNull(state.getTypeSerializerSnapshot(
                                        StateMetaInfoSnapshot.CommonSerializerKeys.VALUE_SERIALIZER))
                                .restoreSerializer()));
            }
        }
        return states;
    }

    private static String shape(TypeSerializer<?> serializer) throws ReflectiveOperationException {
        if (serializer instanceof MapSerializer<?, ?> map) {
            return "map of " + shape(map.getKeySerializer()) + " to " + shape(map.getValueSerializer());
        }
        String name = serializer.getClass().getSimpleName().replace("Serializer", "");
        return name.equals("Flat") ? shape(inner(serializer, "shape")) : name;
    }

    /** Of what {@code FlatType} makes of a class, or of a field of it. */
    private static String shape(Object part) throws ReflectiveOperationException {
        return switch (part.getClass().getSimpleName()) {
            case "FlatShape" -> {
                String[] names = (String[]) inner(part, "names");
                Object[] parts = (Object[]) inner(part, "parts");
                String type = ((Class<?>) inner(part, "type")).getSimpleName();
                List<String> shapes = new ArrayList<>();
                for (int i = 0; i < names.length; i++) {
                    shapes.add("\n        " + type + "." + names[i] + " " + shape(parts[i]));
                }
                yield type + String.join("", shapes);
            }
            case "ListOf" -> "list of " + shape(inner(part, "item"));
            case "MapOf" -> "map of " + shape(inner(part, "key")) + " to " + shape(inner(part, "item"));
            default -> (String) inner(part, "word");
        };
    }

    private static Object inner(Object object, String name) throws ReflectiveOperationException {
        Class<?> type = object instanceof Enum<?> constant ? constant.getDeclaringClass() : object.getClass();
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return Objects.requireNonNull(field.get(object));
    }
}
