package dev.weir.relay;

import dev.weir.io.AlertFeed;
import dev.weir.io.DeliveryLog;
import dev.weir.io.DeliveryLog.Told;
import dev.weir.io.DeliveryLog.Waiting;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings alerts to one receiver, on a thread and with a position of its own.
 *
 * <p>What was told is noted after it was told, and the position moves when all before it is told or noted as waiting. So what
 * an end at any moment can do is to have one thing told a second time, under the same key.
 */
final class Courier implements Runnable {
    /** How long a wait for records lasts at most: what is due by the clock is at most so late. */
    private static final Duration LISTENING = Duration.ofMillis(500);
    /** After so long the topic is listened to again, however much waits. */
    private static final Duration TALKING = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Settings settings;
    private final Receiver receiver;
    private final Teller teller;
    private final Longest longest;
    private final DeliveryLog log;
    private final InstantSource clock;
    private final Consumer<String> say;
    private volatile boolean stopped;
    private volatile @Nullable AlertFeed listening;
    private @Nullable String trouble;
    private Instant repeated = Instant.MIN;

    Courier(
            Settings settings,
            Receiver receiver,
            Teller teller,
            Longest longest,
            DeliveryLog log,
            InstantSource clock,
            Consumer<String> say) {
        this.settings = settings;
        this.receiver = receiver;
        this.teller = teller;
        this.longest = longest;
        this.log = log;
        this.clock = clock;
        this.say = line -> say.accept(receiver.name() + ": " + line);
    }

    @Override
    public void run() {
        while (!stopped) {
            try (AlertFeed feed = AlertFeed.open(settings, receiver.name())) {
                listening = feed;
                serve(feed);
            } catch (AlertFeed.Superseded superseded) {
                say.accept("another relay delivers to it by now, so this one does not");
                stopped = true;
            } catch (Unreachable failure) {
                if (!stopped) {
                    troubled(String.valueOf(failure.getMessage()));
                    pause();
                }
            }
        }
        teller.close();
    }

    private void serve(AlertFeed feed) throws Unreachable {
        Outgoing outgoing = remember();
        long unreadable = 0;
        boolean moved = false;
        while (!stopped) {
            var heard = feed.next(LISTENING);
            moved |= !heard.isEmpty();
            if (feed.beganAnew()) {
                outgoing = remember();
                moved = true; // also to note that this receiver is new no more
            }
            heard.forEach(outgoing::hear);
            if (feed.unreadable() > unreadable) {
                say.accept((feed.unreadable() - unreadable)
                        + " records of the alert topic hold no alert: see `weir reconcile`");
                unreadable = feed.unreadable();
            }
            // Before all is read that is there, what is heard may be outdated by what follows.
            if (feed.hasCaughtUp()) {
                tell(outgoing);
                note(outgoing);
                if (moved) {
                    feed.commit();
                    moved = false;
                }
            }
        }
    }

    private Outgoing remember() throws Unreachable {
        Outgoing outgoing = new Outgoing(receiver.filter(), teller.hearsDetails(), log.read(receiver.name()));
        for (String alertId : outgoing.forget(clock.instant())) {
            log.forget(receiver.name(), alertId);
        }
        return outgoing;
    }

    /** Tells what is due, one after another, until the receiver fails. */
    private void tell(Outgoing outgoing) throws Unreachable {
        Instant until = clock.instant().plus(TALKING);
        Waiting next = outgoing.next(clock.instant());
        while (next != null && !stopped && clock.instant().isBefore(until)) {
            String id = next.alert().alertId();
            try {
                Teller.Message message =
                        new Teller.Message(next.alert(), next.place(), outgoing.told(id), longest.of(next.alert()));
                String handle = teller.tell(message, clock.instant());
                Told told = new Told(next.alert(), next.place(), handle, clock.instant());
                log.told(receiver.name(), told);
                outgoing.succeeded(told);
                well(outgoing);
            } catch (NotDelivered failure) {
                failed(outgoing, next, failure);
            } catch (RuntimeException mistake) { // of one alert: the others are delivered all the same
                failed(outgoing, next, new NotDelivered("a mistake in Weir: " + mistake, mistake));
            }
            next = outgoing.next(clock.instant());
        }
        repeat(outgoing);
    }

    private void repeat(Outgoing outgoing) {
        Instant now = clock.instant();
        if (teller.repeat().isZero() || !outgoing.isReady(now) || now.isBefore(repeated.plus(teller.repeat()))) {
            return;
        }
        try {
            teller.repeat(outgoing.standing().stream().map(Told::alert).toList(), now);
            repeated = now;
            outgoing.rested();
        } catch (NotDelivered failure) {
            failed(outgoing, null, failure);
        }
    }

    private void failed(Outgoing outgoing, @Nullable Waiting what, NotDelivered failure) {
        outgoing.failed(what, clock.instant(), String.valueOf(failure.getMessage()), failure.retryAfter());
        troubled(failure.getMessage() + "; tried again until it works, " + outgoing.waiting() + " waiting");
    }

    private void note(Outgoing outgoing) throws Unreachable {
        for (Waiting waiting : outgoing.toNote()) {
            log.waits(receiver.name(), waiting);
        }
        for (String alertId : outgoing.toStrike()) {
            log.waitsNoMore(receiver.name(), alertId);
        }
    }

    /** One line when trouble begins or becomes another, one when it is over: not one for each attempt. */
    private void troubled(String what) {
        String kind = what.replaceAll("[0-9]+", "0");
        if (!kind.equals(trouble)) {
            trouble = kind;
            say.accept(what);
        }
    }

    private void well(Outgoing outgoing) {
        if (trouble != null) {
            trouble = null;
            say.accept("delivered again, " + outgoing.waiting() + " waiting");
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
    }

    /** Ends it after what it is telling. */
    void stop() {
        stopped = true;
        AlertFeed feed = listening;
        if (feed != null) {
            feed.wake();
        }
    }
}
