package dev.weir.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.event.DealChange;
import dev.weir.machine.Facts;
import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.testing.Seeds;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlatTypeTest {
    /** A little of everything. */
    public record Thing(
            @Nullable String text,
            long number,
            @Nullable Long maybe,
            int small,
            double real,
            boolean yes,
            @Nullable Boolean perhaps,
            @Nullable Instant at,
            @Nullable BigDecimal money,
            @Nullable List<Part> parts,
            @Nullable Map<String, Long> counts) {}

    /** A record within. */
    public record Part(String name, @Nullable Core core) {}

    /** A record within that. */
    public record Core(long size) {}

    /** Tells parts apart by what they say. */
    private static final class Parting implements Machine<Part, Part> {
        @Override
        public String id(Part fact) {
            return fact.name;
        }

        @Override
        public long time(Part fact) {
            return fact.hashCode();
        }

        @Override
        public Part prefer(Part kept, Part newcomer) {
            return kept;
        }

        @Override
        public void say(String key, List<Part> facts, Step<Part> step) {}

        @Override
        public int marks() {
            return 2;
        }

        @Override
        public long mark(Part fact, int word) {
            return word == 0 ? 0 : -fact.hashCode();
        }
    }

    /** What a later version makes of {@link Part}: a field came, another went. */
    public record Renewed(String name, @Nullable String added, long more) {}

    /** What no version may make of it: the same name holds something else. */
    public record Changed(long name) {}

    /** Its field is no flat one. */
    public record Dated(LocalDate day) {}

    @Test
    void whatIsWrittenIsWhatIsRead() {
        TypeSerializer<Thing> things = serializer(FlatType.of(Thing.class));
        Seeds.hold(random -> {
            DataOutputSerializer out = new DataOutputSerializer(16);
            List<Thing> written = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                written.add(thing(random));
                things.serialize(written.get(i), out);
            }
            DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
            for (Thing thing : written) {
                assertThat(things.deserialize(in)).isEqualTo(thing);
            }
            assertThat(in.available()).isZero();
        });
    }

    private static Thing thing(Random random) {
        return new Thing(
                maybe(random, text(random)),
                number(random),
                maybe(random, number(random)),
                (int) number(random),
                random.nextInt(3) == 0 ? 0 : random.nextDouble() - 0.5,
                random.nextBoolean(),
                maybe(random, random.nextBoolean()),
                maybe(random, Instant.ofEpochSecond(random.nextInt(), random.nextInt(3) * 1_000_001L)),
                maybe(random, new BigDecimal(new BigInteger(random.nextInt(100), random), random.nextInt(9) - 4)),
                maybe(random, List.of(new Part(text(random), null), new Part("", new Core(random.nextInt(3))))),
                maybe(random, Map.of("a", number(random), text(random) + "b", 0L)));
    }

    private static <T> @Nullable T maybe(Random random, T value) {
        return random.nextInt(3) == 0 ? null : value;
    }

    private static long number(Random random) {
        return random.nextLong() >> random.nextInt(64);
    }

    /** Empty, plain, of Latin-1, of Unicode, a lone surrogate among it. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int range = List.of(0x80, 0x100, 0x10000).get(random.nextInt(3));
        for (int length = random.nextInt(300); length > 0; length--) {
            text.append((char) random.nextInt(range));
        }
        return text.toString();
    }

    @Test
    void nullsAndZerosTakeNoRoom() throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(16);
        serializer(FlatType.of(Thing.class))
                .serialize(new Thing(null, 0, null, 0, 0, false, null, null, null, null, null), out);
        assertThat(out.length()).as("a length and a number of fields").isEqualTo(5);
    }

    @Test
    void aRowKeepsItsNulls() throws IOException {
        Row row = new Row("deal", new @Nullable String[] {"d1", null, ""}, "abc", true, 5);
        assertThat(through(serializer(StreamTypes.ROW), serializer(StreamTypes.ROW), row))
                .isEqualTo(row);
    }

    @Test
    void whatIsKeptIsCopiedAndFactsAreNot() {
        Memory<Part> memory = new Memory<>();
        memory.facts.add(new Part("a", null));
        memory.saidUpTo = 7;
        Memory<Part> copy = serializer(StreamTypes.memory(Part.class)).copy(memory);
        memory.facts.add(new Part("b", null));
        assertThat(copy.saidUpTo).isEqualTo(7);
        assertThat(copy.facts).containsExactly(memory.facts.get(0));
        assertThat(copy.facts.get(0)).isSameAs(memory.facts.get(0));

        TallyOperator.Said said = new TallyOperator.Said();
        said.sums.add(1, 1);
        TallyOperator.Said saidBefore = serializer(StreamTypes.SAID).copy(said);
        said.sums.add(1, 1);
        said.rows.put("row", 1L);
        Sums one = new Sums();
        one.add(1, 1);
        assertThat(saidBefore.sums).isEqualTo(one);
        assertThat(saidBefore.rows).isEmpty();
    }

    /** Against a list of objects: whatever is put in and taken out, and a copy knows nothing of what comes later. */
    @Test
    void packedFactsAreAListAndAreWrittenAsOne() {
        PackedFacts.Packing packing =
                new PackedFacts.Packing(StreamTypes.memory(Part.class).items("facts"));
        FlatPart list = new FlatPart.ListOf(packing.part);
        Seeds.hold(random -> {
            List<Part> plain = new ArrayList<>();
            Facts<Part> packed = new PackedFacts<>(new Parting(), packing, plain);
            for (int i = random.nextInt(60); i > 0; i--) {
                List<Part> before = List.copyOf(plain);
                Facts<Part> copy = packed.copy(UnaryOperator.identity());
                if (random.nextInt(3) == 0) {
                    packed = copy;
                    copy = packed.copy(UnaryOperator.identity());
                }
                if (!plain.isEmpty() && random.nextInt(3) == 0) {
                    int at = random.nextInt(plain.size());
                    assertThat(packed.remove(at)).isEqualTo(plain.remove(at));
                } else {
                    Part part = new Part(text(random), random.nextBoolean() ? null : new Core(number(random)));
                    int at = random.nextInt(plain.size() + 1);
                    plain.add(at, part);
                    packed.add(at, part);
                }
                assertThat(packed).isEqualTo(plain);
                assertThat(copy).isEqualTo(before);
                for (int at = 0; at < plain.size(); at++) {
                    assertThat(packed.time(at)).isEqualTo(plain.get(at).hashCode());
                    assertThat(packed.mark(at, 1)).isEqualTo(-plain.get(at).hashCode());
                }
            }
            FlatBytes written = new FlatBytes();
            list.write(packed, written);
            FlatBytes read = new FlatBytes();
            byte[] bytes = new byte[written.length()];
            written.copyTo(bytes, 0);
            read.over(bytes, 0);
            assertThat(list.read(read)).isEqualTo(plain);
            packed.clear();
            assertThat(packed).isEmpty();
        });
    }

    @Test
    void whatIsKeptOfAKeyIsWrittenAsItIsHoweverOftenItWasWrittenBefore() throws IOException {
        TypeSerializer<Memory<Part>> serializer = serializer(StreamTypes.memory(Part.class));
        Memory<Part> memory = new Memory<>();
        for (int i = 0; i < 3; i++) {
            memory.changes();
            memory.facts.add(new Part("part" + i, null));
            for (int times = 0; times < 2; times++) {
                assertThat(through(serializer, serializer, memory).facts).isEqualTo(memory.facts);
            }
        }
    }

    /** The resolver and the machine of a deal each keep its changes, and every one of them says whose it is and what it is. */
    @Test
    void aChangeOfADealTakesAtMostFiftySixBytesOfAKeyAndTheKeyThirtyTwo() throws IOException {
        int one = bytes(1);
        double each = (bytes(101) - one) / 100.0;
        assertThat(each).as("bytes a change").isLessThanOrEqualTo(56);
        assertThat(one - each).as("bytes a key, without its name").isLessThanOrEqualTo(32);
    }

    private static int bytes(int changes) throws IOException {
        Memory<DealChange> memory = new Memory<>();
        memory.saidUpTo = Instant.parse("2026-03-02T00:00:00Z").toEpochMilli();
        memory.wake = memory.saidUpTo;
        Instant at = Instant.parse("2026-03-01T12:34:56.789Z");
        for (int i = 0; i < changes; i++) {
            memory.facts.add(new DealChange(
                    "m" + (123_456 + i),
                    at.plusSeconds(1_000L * i),
                    "d12345",
                    DealChange.STAGE_CHANGED,
                    "sales",
                    "offer",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of(),
                    Map.of()));
        }
        DataOutputSerializer out = new DataOutputSerializer(16);
        serializer(StreamTypes.memory(DealChange.class)).serialize(memory, out);
        return out.length();
    }

    @Test
    void aFieldThatComesOrGoesIsReadByALaterVersion() throws IOException {
        TypeSerializer<Part> then = serializer(FlatType.of(Part.class));
        TypeSerializer<Renewed> now = serializer(FlatType.of(Renewed.class));
        FlatSnapshot<Renewed> kept = new FlatSnapshot<>();
        FlatShape old = ((FlatSerializer<Part>) then).shape;
        DataOutputSerializer out = new DataOutputSerializer(16);
        new FlatSnapshot<Renewed>(new FlatShape(Renewed.class, old.names, old.parts)).writeSnapshot(out);
        kept.readSnapshot(
                1, new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());
        TypeSerializerSnapshot<Renewed> snapshot = now.snapshotConfiguration();
        assertThat(snapshot.resolveSchemaCompatibility(kept).isCompatibleAfterMigration())
                .isTrue();
        DataOutputSerializer bytes = new DataOutputSerializer(16);
        then.serialize(new Part("kept", new Core(3)), bytes);
        assertThat(kept.restoreSerializer().deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer())))
                .isEqualTo(new Renewed("kept", null, 0));
    }

    @Test
    void aFieldThatHoldsSomethingElseIsRefused() {
        FlatShape old = ((FlatSerializer<Part>) serializer(FlatType.of(Part.class))).shape;
        FlatSnapshot<Changed> kept = new FlatSnapshot<>(new FlatShape(Changed.class, old.names, old.parts));
        TypeSerializer<Changed> now = serializer(FlatType.of(Changed.class));
        assertThat(now.snapshotConfiguration().resolveSchemaCompatibility(kept).isIncompatible())
                .isTrue();
    }

    @Test
    void whatFlinkKeptOfThePojoIsTakenOver() {
        TypeSerializerSnapshot<DealChange> kept =
                serializer(Types.POJO(DealChange.class)).snapshotConfiguration();
        assertThat(serializer(FlatType.of(DealChange.class))
                        .snapshotConfiguration()
                        .resolveSchemaCompatibility(kept)
                        .isCompatibleAfterMigration())
                .isTrue();
    }

    @Test
    void aTypeThatIsNotFlatIsRefused() {
        assertThatThrownBy(() -> FlatType.of(Dated.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LocalDate is not flat");
    }

    private static <T> TypeSerializer<T> serializer(TypeInformation<T> type) {
        return type.createSerializer(new SerializerConfigImpl());
    }

    private static <T> T through(TypeSerializer<T> writer, TypeSerializer<T> reader, T value) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(16);
        writer.serialize(value, out);
        return reader.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }
}
