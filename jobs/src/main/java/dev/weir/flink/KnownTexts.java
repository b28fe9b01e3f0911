package dev.weir.flink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts that were read lately, found by their bytes. Few values stand in many records: one object for all of them takes less
 * memory, and equals itself at once. For one thread.
 */
public final class KnownTexts {
    /** Most texts that are remembered. */
    private static final int LIMIT = 1 << 12;
    /** Longest text that is, in bytes. */
    private static final int SHORT = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[][] keys = new byte[LIMIT][];
    private final String[] texts = new String[LIMIT];
    /** Of each place the hash of the text that is known and, above it, of the one that was not known last. */
    private final long[] hashes = new long[LIMIT];

    public KnownTexts() {
        Arrays.fill(keys, new byte[0]);
        Arrays.fill(texts, "");
    }

    /** The text of these bytes, one a character. */
    public String of(byte[] bytes, int from, int length) {
        if (length == 0 || length > SHORT) {
            return latin(bytes, from, length);
        }
        int hash = hash(bytes, from, length);
        int place = hash & (LIMIT - 1);
        long there = hashes[place];
        if ((int) there == hash && Arrays.equals(bytes, from, from + length, keys[place], 0, keys[place].length)) {
            return texts[place];
        }
        String text = latin(bytes, from, length);
        // Kept is what comes twice, else ids, which come once, would drive out all that comes often.
        if ((int) (there >>> Integer.SIZE) == hash) {
            keys[place] = Arrays.copyOfRange(bytes, from, from + length);
            texts[place] = text;
            there = hash;
        }
        hashes[place] = (long) hash << Integer.SIZE | (there & 0xFFFFFFFFL);
        return text;
    }

    private static String latin(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    /** Fibonacci hashing of eight bytes at a time: texts that differ in one character come to lie apart. */
    private static int hash(byte[] bytes, int from, int length) {
        long hash = length;
        for (int at = 0; at < length; at += Long.BYTES) {
            hash = (hash ^ eight(bytes, from + at, length - at)) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> Integer.SIZE;
        }
        return (int) hash;
    }

    /** Up to eight bytes, the first the lowest; zero where there are fewer. */
    public static long eight(byte[] bytes, int from, int count) {
        if (from <= bytes.length - Long.BYTES) {
            long eight = (long) LONGS.get(bytes, from);
            return count >= Long.BYTES ? eight : eight & ((1L << (count * Byte.SIZE)) - 1);
        }
        long few = 0;
        for (int i = count - 1; i >= 0; i--) {
            few = few << Byte.SIZE | (bytes[from + i] & 0xFF);
        }
        return few;
    }
}
