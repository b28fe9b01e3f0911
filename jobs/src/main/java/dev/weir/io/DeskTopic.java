package dev.weir.io;

import dev.weir.alert.DeskEntry;
import org.jspecify.annotations.Nullable;

/** Where what people say at the alert desk goes in, whatever they say it with. */
public final class DeskTopic implements AutoCloseable {
    private final Sender sender;

    private DeskTopic(Sender sender) {
        this.sender = sender;
    }

    /**
     * Connects; makes the topic if it is not there.
     *
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static DeskTopic open(Settings settings) throws Unreachable {
        return new DeskTopic(new Sender(settings, null, refusal -> {}));
    }

    /** Why the desk would refuse an entry, naming the field and the mend; null when it takes it. */
    public static @Nullable String fault(DeskEntry entry) {
        String fault = EventRules.fault(EventShape.DESK, EventShape.DESK.take().from(entry));
        return fault == null ? EventRules.fault(entry) : fault;
    }

    /**
     * Writes an entry and waits until the brokers hold it. The same entry again, under its id, counts once.
     *
     * @throws IllegalArgumentException when the desk would refuse it, see {@link #fault}
     * @throws Unreachable when the brokers do not take it
     */
    public void write(DeskEntry entry) throws Unreachable {
        String fault = fault(entry);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        sender.event(entry);
        sender.flush();
    }

    @Override
    public void close() {
        sender.close();
    }
}
