package dev.weir.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/** Avro as the loops read it, and as the bytes are made. */
final class Avro {
    /** A marker of two bytes and the schema's fingerprint stand before a single object. */
    private static final int HEADER = 10;

    private Avro() {}

    static <T extends SpecificRecordBase> BinaryMessageEncoder<T> encoder(Schema schema) {
        return new BinaryMessageEncoder<>(SpecificData.getForSchema(schema), schema);
    }

    static <T> byte[] bytes(BinaryMessageEncoder<T> encoder, T record) {
        try {
            ByteBuffer encoded = encoder.encode(record);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The generic reader, with everything reused that can be. */
    static final class Reader {
        private final GenericDatumReader<GenericRecord> reader;
        private final GenericRecord record;
        private @Nullable BinaryDecoder decoder;

        Reader(Schema schema) {
            reader = new GenericDatumReader<>(schema);
            record = new GenericData.Record(schema);
        }

        GenericRecord read(byte[] bytes) throws IOException {
            decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, decoder);
            return reader.read(record, decoder);
        }
    }
}
