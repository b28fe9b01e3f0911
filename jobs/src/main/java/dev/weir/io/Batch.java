package dev.weir.io;

import dev.weir.machine.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table, one per key and sorted by key, that wait for their checkpoint.
 *
 * <p>It is bytes from its birth: Flink serializes a committable eight times on its way, and reads it once.
 *
 * @param table the table of all its rows
 * @param revision the revision of all its rows
 * @param size how many rows
 * @param bytes the rows
 */
record Batch(String table, long revision, int size, byte[] bytes) {
    /** Rows in a batch, at most. */
    static final int ROWS = 10_000;
    /** Bytes after which a batch takes no further row. */
    static final int BYTES = 8 << 20;

    static final SimpleVersionedSerializer<Batch> SERIALIZER = new Serializer();

    /** Cuts sorted rows of one table into batches. */
    static List<Batch> of(String table, long revision, Collection<Row> sorted) {
        List<Batch> batches = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        int size = 0;
        try {
            for (Row row : sorted) {
                write(row, out);
                size++;
                if (size == ROWS || bytes.size() >= BYTES) {
                    batches.add(new Batch(table, revision, size, bytes.toByteArray()));
                    bytes.reset();
                    size = 0;
                }
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        if (size > 0) {
            batches.add(new Batch(table, revision, size, bytes.toByteArray()));
        }
        return batches;
    }

    List<Row> rows() throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        List<Row> rows = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            rows.add(read(in));
        }
        return rows;
    }

    private static void write(Row row, DataOutputStream out) throws IOException {
        writeText(row.definition(), out);
        out.writeBoolean(row.deleted());
        out.writeLong(row.asOfMillis());
        out.writeInt(row.values().length);
        for (String value : row.values()) {
            writeText(value, out);
        }
    }

    private Row read(DataInputStream in) throws IOException {
        String definition = readText(in);
        boolean deleted = in.readBoolean();
        long asOf = in.readLong();
        @Nullable String[] values = new @Nullable String[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = readText(in);
        }
        return new Row(table, values, definition == null ? "" : definition, deleted, asOf);
    }

    private static void writeText(@Nullable String text, DataOutputStream out) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static @Nullable String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Version 1: table, revision, size, bytes. */
    private static final class Serializer implements SimpleVersionedSerializer<Batch> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Batch batch) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(batch.bytes.length + 64);
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeUTF(batch.table);
            out.writeLong(batch.revision);
            out.writeInt(batch.size);
            out.writeInt(batch.bytes.length);
            out.write(batch.bytes);
            return bytes.toByteArray();
        }

        @Override
        public Batch deserialize(int version, byte[] serialized) throws IOException {
            if (version != getVersion()) {
                throw new IOException("a batch of version " + version + " is newer than this program");
            }
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
            String table = in.readUTF();
            long revision = in.readLong();
            int size = in.readInt();
            return new Batch(table, revision, size, in.readNBytes(in.readInt()));
        }
    }
}
