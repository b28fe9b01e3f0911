package dev.weir.flink;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one flat value, written and read in memory and passed on as a whole: streams take a byte at a time dearly.
 * Small numbers take few bytes, texts of Latin-1 one byte a character, others two.
 */
final class FlatBytes {
    private static final int MILLION = 1_000_000;
    /** Most arrays that are remembered. */
    private static final int KNOWN = 1 << 12;

    private byte[] bytes = new byte[256];
    private int at;
    /** Of the value that was taken over. */
    private int length;

    // What was read lately: few values stand in many records, and one object for all of them takes less memory.
    private @Nullable KnownTexts knownTexts;
    private long[][] knownLongs = {};

    /** Begins a new value. */
    void clear() {
        at = 0;
    }

    /** Writes its length and the value. */
    void writeTo(DataOutputView out) throws IOException {
        out.writeInt(at);
        out.write(bytes, 0, at);
    }

    /** Writes a value that was written before. */
    static void write(byte[] value, DataOutputView out) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    /** The value. */
    byte[] toArray() {
        return Arrays.copyOf(bytes, at);
    }

    /** Takes a value over, to be read from its first byte. */
    void readFrom(DataInputView in) throws IOException {
        length = in.readInt();
        if (length > bytes.length) {
            bytes = new byte[length];
        }
        in.readFully(bytes, 0, length);
        at = 0;
    }

    /** Reads a value where it is, in bytes that are not its own; nothing may be put after that. */
    void over(byte[] in, int from) {
        bytes = in;
        at = from;
    }

    /** How many bytes of a new value there are. */
    int length() {
        return at;
    }

    /** Writes the value into these bytes. */
    void copyTo(byte[] out, int from) {
        System.arraycopy(bytes, 0, out, from, at);
    }

    /** Puts bytes as they are. */
    void putAll(byte[] more, int from, int count) {
        room(count);
        System.arraycopy(more, from, bytes, at, count);
        at += count;
    }

    /** Passes a value on unread. */
    void copy(DataInputView in, DataOutputView out) throws IOException {
        readFrom(in);
        at = length;
        writeTo(out);
    }

    private void room(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, at + more));
        }
    }

    /** A number that is not negative, or whose sign does not matter; seven bits a byte. */
    void putUnsigned(long number) {
        room(10);
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    long unsigned() {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[at++];
            number |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return number;
            }
        }
    }

    /** A number near zero, on either side. */
    void putLong(long number) {
        putUnsigned(number << 1 ^ number >> 63);
    }

    long getLong() {
        long zigzag = unsigned();
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    void putDouble(double number) {
        room(8);
        long bits = Double.doubleToRawLongBits(number);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[at++] = (byte) (bits >>> shift);
        }
    }

    double getDouble() {
        long bits = 0;
        for (int i = 0; i < 8; i++) {
            bits = bits << 8 | (bytes[at++] & 0xFF);
        }
        return Double.longBitsToDouble(bits);
    }

    void putBytes(byte[] array) {
        putUnsigned(array.length);
        room(array.length);
        System.arraycopy(array, 0, bytes, at, array.length);
        at += array.length;
    }

    byte[] getBytes() {
        int length = (int) unsigned();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /** Its length comes before it, with a bit that says how many bytes a character takes. */
    void putText(String text) {
        int length = text.length();
        int start = at;
        putUnsigned((long) length << 1);
        room(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c > 0xFF) {
                at = start;
                putWideText(text);
                return;
            }
            bytes[at++] = (byte) c;
        }
    }

    private void putWideText(String text) {
        int length = text.length();
        putUnsigned((long) length << 1 | 1);
        room(2 * length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            bytes[at++] = (byte) (c >> 8);
            bytes[at++] = (byte) c;
        }
    }

    String text() {
        long header = unsigned();
        int length = (int) (header >>> 1);
        if ((header & 1) == 0) {
            at += length;
            return knownTexts().of(bytes, at - length, length);
        }
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = (char) (bytes[at++] << 8 | (bytes[at++] & 0xFF));
        }
        return new String(text);
    }

    private KnownTexts knownTexts() {
        KnownTexts texts = knownTexts;
        if (texts == null) {
            texts = new KnownTexts();
            knownTexts = texts;
        }
        return texts;
    }

    /** Numbers that nobody will change: the same object as the last time, where they are few. */
    long[] known(long[] numbers) {
        if (numbers.length != 1) {
            return numbers;
        }
        if (knownLongs.length == 0) {
            knownLongs = new long[KNOWN][];
            Arrays.fill(knownLongs, new long[0]);
        }
        int slot = (int) (numbers[0] ^ numbers[0] >>> 24) & (KNOWN - 1);
        long[] same = knownLongs[slot];
        if (same.length == 0 || same[0] != numbers[0]) {
            knownLongs[slot] = numbers;
            return numbers;
        }
        return same;
    }

    /** Most instants are whole milliseconds. */
    void putInstant(Instant instant) {
        putLong(instant.getEpochSecond());
        int nanos = instant.getNano();
        putUnsigned(nanos % MILLION == 0 ? nanos / MILLION * 2L : nanos * 2L + 1);
    }

    Instant instant() {
        long seconds = getLong();
        long rest = unsigned();
        return Instant.ofEpochSecond(seconds, (rest & 1) == 0 ? (rest >>> 1) * MILLION : rest >>> 1);
    }

    /** As scale and unscaled number, which most often fits into 64 bits. */
    void putDecimal(BigDecimal number) {
        BigInteger unscaled = number.unscaledValue();
        boolean fits = unscaled.bitLength() < Long.SIZE;
        putLong((long) number.scale() << 1 | (fits ? 0 : 1));
        if (fits) {
            putLong(unscaled.longValue());
        } else {
            putBytes(unscaled.toByteArray());
        }
    }

    BigDecimal decimal() {
        long header = getLong();
        int scale = (int) (header >> 1);
        return (header & 1) == 0
                ? BigDecimal.valueOf(getLong(), scale)
                : new BigDecimal(new BigInteger(getBytes()), scale);
    }
}
