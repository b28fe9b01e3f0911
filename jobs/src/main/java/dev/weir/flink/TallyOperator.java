package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Gatherings;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for the tallies: adds deltas to the sums of each group, and before every checkpoint says the rows that changed,
 * by deltas or by time alone, as of the watermark. What comes between two checkpoints is added up first, so a busy group
 * costs one read and one write of state a checkpoint.
 */
final class TallyOperator extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Delta, Row> {
    /** Most room that deltas take between checkpoints, see {@link Gatherings#room}. */
    private static final int LIMIT = 1_000_000;

    private final Map<String, Tally> tallies;
    private final Map<String, Table> tables;
    private final AsOf asOf;

    /** By group; the key is their owner. */
    private transient @Nullable MapState<String, Said> state;

    private transient Gatherings pending = new Gatherings();
    /** Groups to say again: changed by deltas, or by time from the given moment on. */
    private transient Map<String, Long> due = new HashMap<>();

    /** Groups of whose sums nothing is left: all they do is take back their rows. */
    private transient Set<String> emptied = new HashSet<>();

    private transient long time = AsOf.UNKNOWN;

    /**
     * What is kept of one group: its sums, the time it last spoke of, and a fingerprint of each row it said.
     *
     * <p>The fields are public and there is an empty constructor for the serializer.
     */
    public static final class Said {
        public Sums sums = new Sums();
        public long asOf = AsOf.UNKNOWN;
        public Map<String, Long> rows = new HashMap<>();

        public Said() {}
    }

    TallyOperator(Map<String, Tally> tallies, Map<String, Table> tables, AsOf asOf) {
        this.tallies = tallies;
        this.tables = tables;
        this.asOf = asOf;
    }

    @Override
    public void open() throws Exception {
        super.open();
        pending = new Gatherings();
        due = new HashMap<>();
        emptied = new HashSet<>();
        time = AsOf.UNKNOWN;
        MapState<String, Said> groups =
                getRuntimeContext().getMapState(new MapStateDescriptor<>("tally", Types.STRING, StreamTypes.SAID));
        state = groups;
        List<String> owners;
        try (Stream<String> keys = this.<String>getKeyedStateBackend().getKeys("tally", VoidNamespace.INSTANCE)) {
            owners = keys.toList();
        }
        for (String owner : owners) {
            setCurrentKey(owner);
            for (Map.Entry<String, Said> entry : groups.entries()) {
                due.put(entry.getKey(), Tally.ALWAYS);
                // Emptied while no time was known, and so not yet said when the checkpoint was taken.
                if (entry.getValue().sums.isZero()) {
                    emptied.add(entry.getKey());
                }
            }
        }
    }

    @Override
    public void processElement(StreamRecord<Delta> element) throws Exception {
        Delta delta = element.getValue();
        pending.plus(delta.group, delta.sums);
        if (pending.room() >= LIMIT) {
            addUp();
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        time = Math.max(time, asOf.at(mark.getTimestamp()));
        super.processWatermark(mark);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        speak();
    }

    @Override
    public void finish() throws Exception {
        speak();
    }

    private void addUp() throws Exception {
        MapState<String, Said> groups = Objects.requireNonNull(state);
        for (Delta delta : pending.drain()) {
            String group = delta.group;
            setCurrentKey(tally(group).owner(group));
            Said said = groups.get(group);
            if (said == null) {
                said = new Said();
            }
            said.sums.plus(delta.sums);
            groups.put(group, said);
            due.put(group, Tally.ALWAYS);
            if (said.sums.isZero()) {
                emptied.add(group);
            } else {
                emptied.remove(group);
            }
        }
    }

    private void speak() throws Exception {
        addUp();
        if (time == AsOf.UNKNOWN) {
            return;
        }
        // In order of their names, so that the windows of a series leave one after the other: whoever watches it learns
        // no gap. First those that only take back, since another group of the owner may say such a row now.
        List<String> groups = due.entrySet().stream()
                .filter(entry -> entry.getValue() <= time)
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing((String group) -> !emptied.contains(group))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        emptied.clear();
        for (String group : groups) {
            long when = say(group);
            if (when == Tally.NEVER) {
                due.remove(group);
            } else {
                due.put(group, when);
            }
        }
    }

    /** Says the rows of one group that changed; gives the time from which time alone may change one. */
    private long say(String group) throws Exception {
        MapState<String, Said> groups = Objects.requireNonNull(state);
        Tally tally = tally(group);
        setCurrentKey(tally.owner(group));
        Said said = groups.get(group);
        if (said == null) {
            return Tally.NEVER;
        }
        said.asOf = Math.max(said.asOf, time);
        Set<String> gone = new HashSet<>(said.rows.keySet());
        long at = said.asOf;
        long next = tally.rows(group, said.sums, other -> sums(groups, other), at, row -> {
            String key = row.key(table(row.table()));
            gone.remove(key);
            long print = fingerprint(row);
            Long before = said.rows.put(key, print);
            if (before == null || before != print) {
                output.collect(new StreamRecord<>(row));
            }
        });
        for (String key : gone) {
            said.rows.remove(key);
            output.collect(new StreamRecord<>(deleted(key, at)));
        }
        if (said.sums.isZero() && said.rows.isEmpty()) {
            groups.remove(group);
        } else {
            groups.put(group, said);
        }
        return next;
    }

    private static @Nullable Sums sums(MapState<String, Said> groups, String group) {
        try {
            Said said = groups.get(group);
            return said == null ? null : said.sums;
        } catch (Exception e) {
            throw new IllegalStateException("state of group " + group + " cannot be read", e);
        }
    }

    private Tally tally(String group) {
        return of(tallies, group);
    }

    /** The tally that a group belongs to. */
    static Tally of(Map<String, Tally> tallies, String group) {
        int end = group.indexOf(Keys.SEPARATOR);
        Tally tally = tallies.get(end < 0 ? group : group.substring(0, end));
        if (tally == null) {
            throw new IllegalStateException("no tally for group " + group);
        }
        return tally;
    }

    private Table table(String name) {
        Table table = tables.get(name);
        if (table == null) {
            throw new IllegalStateException("no description of table " + name);
        }
        return table;
    }

    /** A row that is said no more has its key only. */
    private Row deleted(String key, long at) {
        List<String> parts = Keys.split(key);
        Table table = table(parts.get(0));
        @Nullable String[] values = new @Nullable String[table.width()];
        for (int i = 0; i < table.keys().size(); i++) {
            values[i] = parts.get(2 + i);
        }
        return new Row(table.name(), values, parts.get(1), true, at);
    }

    /** 64 bits of FNV-1a over the values; the key is not part of it. */
    private static long fingerprint(Row row) {
        long hash = 0xcbf29ce484222325L;
        for (String value : row.values()) {
            int length = value == null ? -1 : value.length();
            hash = (hash ^ length) * 0x100000001b3L;
            for (int i = 0; i < length; i++) {
                hash = (hash ^ Objects.requireNonNull(value).charAt(i)) * 0x100000001b3L;
            }
        }
        return hash;
    }
}
