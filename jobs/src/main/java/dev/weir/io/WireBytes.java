package dev.weir.io;

import dev.weir.flink.KnownTexts;
import dev.weir.io.WireSchema.Fault;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The bytes of one record after another: reads what is there and believes no length. For one thread. */
final class WireBytes {
    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    /** Of a number of 64 bits, seven a byte. */
    private static final int MOST_BYTES = 10;

    /** The sign of each of eight bytes. */
    private static final long SIGNS = 0x8080808080808080L;

    private final @Nullable KnownTexts known;
    private byte[] bytes = {};
    private int at;
    private boolean plain;

    /** @param known texts of the records before; null where there were none */
    WireBytes(@Nullable KnownTexts known) {
        this.known = known;
    }

    /** Goes on with the record that begins at an offset of these bytes. */
    WireBytes of(byte[] record, int offset) {
        bytes = record;
        at = offset;
        plain = true;
        return this;
    }

    /**
     * Whether every text so far was of ASCII without NUL, and not longer than any text may be: no rule about characters and
     * lengths can refuse it.
     */
    boolean isPlain() {
        return plain;
    }

    /** Refuses what follows the last field. */
    void end() throws Fault {
        if (at != bytes.length) {
            throw new Fault(Wire.INVALID, (bytes.length - at) + " bytes follow the record: write one event a record");
        }
    }

    int branch() throws Fault {
        long branch = number();
        if (branch != 0 && branch != 1) {
            throw new Fault(Wire.INVALID, "a field has a type that its schema does not know");
        }
        return (int) branch;
    }

    long number() throws Fault {
        if (at < bytes.length && bytes[at] >= 0) {
            long zigzag = bytes[at++];
            return zigzag >>> 1 ^ -(zigzag & 1);
        }
        return longNumber();
    }

    private long longNumber() throws Fault {
        int from = at;
        int end = Math.min(bytes.length, from + MOST_BYTES);
        long zigzag = 0;
        for (int i = from; i < end; i++) {
            int b = bytes[i];
            zigzag |= (b & 0x7FL) << (7 * (i - from));
            if (b >= 0) {
                at = i + 1;
                return zigzag >>> 1 ^ -(zigzag & 1);
            }
        }
        throw end - from < MOST_BYTES ? truncated() : new Fault(Wire.INVALID, "a number has more than ten bytes");
    }

    double real() throws Fault {
        return (double) DOUBLES.get(bytes, take(Double.BYTES));
    }

    boolean isTrue() throws Fault {
        return bytes[take(1)] != 0;
    }

    byte[] array() throws Fault {
        int length = length();
        return Arrays.copyOfRange(bytes, at, take(length) + length);
    }

    String text() throws Fault {
        return text(null);
    }

    /** A text that may have come before: then it is the same object. */
    String knownText() throws Fault {
        return text(known);
    }

    private String text(@Nullable KnownTexts known) throws Fault {
        int length = length();
        int from = take(length);
        if (isAscii(from, length)) {
            return known != null
                    ? known.of(bytes, from, length)
                    : new String(bytes, from, length, StandardCharsets.ISO_8859_1);
        }
        plain = false;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Fault(Wire.INVALID, "a text is not UTF-8");
        }
    }

    /** Most texts are: they need no decoder that could refuse them. And most have no NUL and are short, which it remembers. */
    private boolean isAscii(int from, int length) {
        long signs = 0;
        // Of a byte that is neither negative nor zero: its sign after 0x7F was added.
        long filled = SIGNS;
        for (int i = 0; i < length; i += Long.BYTES) {
            long eight = KnownTexts.eight(bytes, from + i, length - i);
            signs |= eight;
            filled &= eight + ~SIGNS | (i > length - Long.BYTES ? SIGNS << ((length - i) * Byte.SIZE) : 0);
        }
        plain &= filled == SIGNS && length <= EventRules.NAME_LIMIT;
        return (signs & SIGNS) == 0;
    }

    BigDecimal money(String field) throws Fault {
        int length = length();
        int from = take(length);
        BigDecimal money = length == 0 || length > 16
                ? null
                : Wire.money(new BigDecimal(new BigInteger(bytes, from, length), EventRules.MONEY_SCALE));
        if (money == null) {
            throw new Fault(Wire.INVALID, field + " has too many digits");
        }
        return money;
    }

    List<String> texts() throws Fault {
        List<String> texts = new ArrayList<>();
        for (long count = block(0); count != 0; count = block(texts.size())) {
            for (long i = 0; i < count; i++) {
                texts.add(text());
            }
        }
        return texts;
    }

    Map<String, String> map() throws Fault {
        long count = block(0);
        if (count == 0) {
            return Map.of();
        }
        Map<String, String> map = new LinkedHashMap<>();
        for (; count != 0; count = block(map.size())) {
            for (long i = 0; i < count; i++) {
                map.put(knownText(), knownText());
            }
        }
        return map;
    }

    /** How many items follow; zero ends it. */
    private long block(long soFar) throws Fault {
        long count = number();
        if (count < 0) {
            count = -count;
            number();
        }
        // More than the limit of both is refused by the rules; this only keeps memory in bounds.
        if (count < 0 || soFar + count > EventRules.COUNT_LIMIT + 1L) {
            throw new Fault(Wire.INVALID, "a list or map has more than " + EventRules.COUNT_LIMIT + " items");
        }
        return count;
    }

    private int length() throws Fault {
        long length = number();
        if (length < 0) {
            throw new Fault(Wire.INVALID, "a length is negative");
        }
        if (length > bytes.length - at) {
            throw truncated();
        }
        return (int) length;
    }

    private static Fault truncated() {
        return new Fault(Wire.TRUNCATED, "it ends before its last field");
    }

    /** Moves on, and says where it was. */
    private int take(int count) throws Fault {
        if (count > bytes.length - at) {
            throw truncated();
        }
        at += count;
        return at - count;
    }
}
