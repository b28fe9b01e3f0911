package dev.weir.io;

import dev.weir.flink.FlatType;
import dev.weir.machine.Position;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.jspecify.annotations.Nullable;

/**
 * What one record of a topic was: an event, a time mark or a dead letter.
 *
 * <p>The three travel together until after the watermarks, which marks move too. The fields are public and there is an empty
 * constructor for the serializer; nothing changes them after that.
 */
public final class Received<E> {
    public Position position = new Position("", 0, 0);
    /** When the broker took it, epoch milliseconds. */
    public long appendedAt;
    /** When it happened or, of a mark, up to when history is complete; epoch milliseconds. */
    public long at;
    /** The event, of an event. */
    public @Nullable E event;
    /** Why it is none, of a dead letter. */
    public @Nullable String reason;

    public String detail = "";
    /** Bytes of the whole record. */
    public long length;

    public String sha256 = "";
    /** The first bytes, of a dead letter. */
    public byte @Nullable [] payload;

    public boolean isDeadLetter() {
        return reason != null;
    }

    public boolean isMark() {
        return reason == null && event == null;
    }

    static <E> TypeInformation<Received<E>> type(Class<E> event) {
        return FlatType.of(Received.class, event);
    }
}
