package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Heard;
import dev.weir.io.DeliveryLog.Memory;
import dev.weir.io.DeliveryLog.Told;
import dev.weir.io.DeliveryLog.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one receiver was told and is to be told. Of an alert that changes while it waits only the newest is told; what was told
 * is not told again, however often it is heard; and a receiver that is new hears of what stands, not of what is past.
 */
final class Outgoing {
    /** So long it is remembered what was told of an alert that is over. */
    static final Duration REMEMBERED = Duration.ofDays(400);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration LONGEST_WISH = Duration.ofHours(1);

    private final Receiver.Filter filter;
    private final boolean hearsDetails;
    private final Map<String, Told> told;
    private final Map<String, Waiting> waiting;
    /** Of the waiting: those that are noted as waiting. */
    private final Set<String> noted;
    /** Of the waiting: those of which it is not noted how it went. */
    private final Set<String> failed = new HashSet<>();
    /** Of the waiting that were tried: when last. */
    private final Map<String, Instant> tried = new HashMap<>();

    private int failures;
    private Instant notBefore = Instant.MIN;

    /**
     * @param hearsDetails whether the receiver hears of {@link Change#DETAIL} too
     * @param memory what is known of it; taken over
     */
    Outgoing(Receiver.Filter filter, boolean hearsDetails, Memory memory) {
        this.filter = filter;
        this.hearsDetails = hearsDetails;
        this.told = memory.told();
        this.waiting = memory.waiting();
        this.noted = new HashSet<>(waiting.keySet());
        // Told, and then the end came before it was noted that it waits no more.
        waiting.values().removeIf(w -> before(w.alert()) != null && !isAfterTold(w));
    }

    private boolean isAfterTold(Waiting wait) {
        Told before = told.get(wait.alert().alertId());
        return before == null || wait.place().isAfter(before.place());
    }

    private @Nullable Alert before(Alert alert) {
        Told before = told.get(alert.alertId());
        return before == null ? null : before.alert();
    }

    /** Takes in what the topic says. */
    void hear(Heard heard) {
        Alert alert = heard.alert();
        String id = alert.alertId();
        Waiting newest = waiting.get(id);
        Waiting now = new Waiting(alert, heard.place());
        if ((newest != null && !heard.place().isAfter(newest.place())) || !isAfterTold(now)) {
            return;
        }
        Alert before = before(alert);
        Change change = Change.between(before, alert);
        boolean taken = before != null || (filter.takes(alert) && !(heard.past() && !Change.stands(alert)));
        if (taken && (change == Change.NEWS || (change == Change.DETAIL && hearsDetails))) {
            waiting.put(id, now);
            noted.remove(id);
        } else {
            waiting.remove(id);
        }
    }

    /** What is to be told now: of several what was not tried for longest. Null when there is none, or the receiver needs rest. */
    @Nullable Waiting next(Instant now) {
        if (now.isBefore(notBefore)) {
            return null;
        }
        return waiting.values().stream()
                .filter(one -> !now.isBefore(due(one)))
                .min(Comparator.comparing(
                                (Waiting one) -> tried.getOrDefault(one.alert().alertId(), Instant.MIN))
                        .thenComparing(one -> one.alert().startedAt())
                        .thenComparing(one -> one.alert().alertId()))
                .orElse(null);
    }

    /** Nobody is woken in quiet hours; but that something is over, or was never so, whoever was told hears at once. */
    private Instant due(Waiting one) {
        Instant after = one.alert().deliverAfter();
        boolean ends = told.containsKey(one.alert().alertId()) && !Change.stands(one.alert());
        return after == null || ends ? Instant.MIN : after;
    }

    @Nullable Told told(String alertId) {
        return told.get(alertId);
    }

    /** What was told and stands, by id. */
    List<Told> standing() {
        return told.values().stream()
                .filter(one -> Change.stands(one.alert()))
                .sorted(Comparator.comparing(one -> one.alert().alertId()))
                .toList();
    }

    /** It was told. */
    void succeeded(Told now) {
        String id = now.alert().alertId();
        told.put(id, now);
        waiting.remove(id);
        tried.remove(id);
        rested();
    }

    /** The receiver answers. */
    void rested() {
        failures = 0;
        notBefore = Instant.MIN;
    }

    /**
     * It was not told, which is noted with the reason; the receiver is left alone for a second, twice as long after each failure in a row, at most for five
     * minutes, or for as long as it wished.
     */
    void failed(@Nullable Waiting one, Instant now, String why, @Nullable Duration wish) {
        if (one != null) {
            String id = one.alert().alertId();
            tried.put(id, now);
            waiting.put(id, one.failed(why, now));
            failed.add(id);
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 9));
        failures++;
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        if (wish != null && wish.compareTo(pause) > 0) {
            pause = wish.compareTo(LONGEST_WISH) < 0 ? wish : LONGEST_WISH;
        }
        notBefore = now.plus(pause);
    }

    int waiting() {
        return waiting.size();
    }

    /** Whether the receiver may be asked again. */
    boolean isReady(Instant now) {
        return !now.isBefore(notBefore);
    }

    /** What waits and is not noted yet, or not how it went; from now on it is. */
    List<Waiting> toNote() {
        List<Waiting> toNote = new ArrayList<>();
        waiting.forEach((id, one) -> {
            if (!noted.contains(id) || failed.contains(id)) {
                toNote.add(one);
            }
        });
        noted.addAll(waiting.keySet());
        failed.clear();
        return toNote;
    }

    /** Alerts that are noted as waiting and do not wait any more; from now on they are not noted. */
    List<String> toStrike() {
        List<String> toStrike =
                noted.stream().filter(id -> !waiting.containsKey(id)).sorted().toList();
        toStrike.forEach(noted::remove);
        return toStrike;
    }

    /** Alerts that were over long ago; from now on they are not known. */
    List<String> forget(Instant now) {
        List<String> forgotten = told.values().stream()
                .filter(one -> !Change.stands(one.alert())
                        && one.at().plus(REMEMBERED).isBefore(now)
                        && !waiting.containsKey(one.alert().alertId()))
                .map(one -> one.alert().alertId())
                .sorted()
                .toList();
        forgotten.forEach(told::remove);
        return forgotten;
    }
}
