package dev.weir.relay;

import dev.weir.io.DeliveryLog;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.io.Warehouse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A courier for each receiver. */
public final class Relay implements AutoCloseable {
    private static final long GRACE_MILLIS = 20_000;

    private final DeliveryLog log;
    private final Http http;
    private final List<Courier> couriers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Relay(DeliveryLog log, Http http) {
        this.log = log;
        this.http = http;
    }

    /**
     * Starts them.
     *
     * @param say hears of each trouble, and of its end
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static Relay start(Settings settings, Receivers receivers, InstantSource clock, Consumer<String> say)
            throws Unreachable {
        Relay relay = new Relay(DeliveryLog.open(settings), new Http(receivers.hosts()));
        Warehouse warehouse = settings.warehouse();
        for (Receiver receiver : receivers.all()) {
            relay.couriers.add(new Courier(
                    settings,
                    receiver,
                    relay.teller(receiver, receivers, new Owners.OfWarehouse(warehouse)),
                    new Longest.OfWarehouse(warehouse),
                    relay.log,
                    clock,
                    say));
        }
        for (int i = 0; i < relay.couriers.size(); i++) {
            Thread thread =
                    new Thread(relay.couriers.get(i), receivers.all().get(i).name());
            relay.threads.add(thread);
            thread.start();
        }
        return relay;
    }

    private Teller teller(Receiver receiver, Receivers receivers, Owners owners) {
        Receiver.Means means = receiver.means();
        if (means instanceof Receiver.Slack slack) {
            return new SlackTeller(slack, receivers.directory(), http);
        } else if (means instanceof Receiver.SlackHook hook) {
            return new SlackHookTeller(hook, http);
        } else if (means instanceof Receiver.Webhook webhook) {
            return new WebhookTeller(webhook, http);
        } else if (means instanceof Receiver.Alertmanager alertmanager) {
            return new AlertmanagerTeller(alertmanager, http);
        }
        Receiver.Mail mail = (Receiver.Mail) means;
        return new MailTeller(mail, receivers.directory(), owners, new Mailer(mail, receivers.hosts()));
    }

    /** Stays until it is closed, or other relays deliver to all of its receivers. */
    public void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** The names of those to whom it delivers. */
    public List<String> delivering() {
        return threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
    }

    /** Ends after what is being told. */
    @Override
    public void close() {
        couriers.forEach(Courier::stop);
        try {
            for (Thread thread : threads) {
                thread.join(GRACE_MILLIS);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        http.close();
        log.close();
    }
}
