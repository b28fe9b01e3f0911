package dev.weir.faults;

import dev.weir.event.DealChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Events that lie, come late, take back, contradict each other. */
final class EventFaults {
    private EventFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault("T1", "clocks that are wrong by a day and by a year", EventFaults::wrongClocks),
                new Fault("T4", "half of the events late, up to 30 days", EventFaults::late),
                new Fault("B1", "moves out of order, back, closed and reopened", site -> shuffled(site, Set.of())),
                new Fault("B2", "merges before and after the other's events", site -> shuffled(site, Set.of("merged"))),
                new Fault(
                        "B3",
                        "deleted before created, restored, deleted again",
                        site -> shuffled(site, Set.of("deleted", "restored"))),
                new Fault("B5", "one id with two payloads", EventFaults::retold));
    }

    private static void wrongClocks(Site site) throws Exception {
        List<DealChange> deals = site.deals();
        long before = site.number("SELECT count(*) FROM weir.dead_letter WHERE reason = 'FUTURE'");
        List<Object> wrong = new ArrayList<>();
        for (Duration ahead : List.of(Duration.ofDays(2), Duration.ofDays(365))) {
            wrong.add(amendment(
                    deals.get(0).eventId() + "-ahead-" + ahead,
                    Instant.now().plus(ahead),
                    deals.get(0).dealId(),
                    "wrong"));
        }
        site.send(wrong);
        site.sent.removeAll(wrong); // nobody may believe them
        site.send(deals);
        // Both jobs that read deals refuse them.
        site.await(
                "the dead letters",
                () -> site.number("SELECT count(*) FROM weir.dead_letter WHERE reason = 'FUTURE'")
                        >= before + 2L * wrong.size());
    }

    private static void late(Site site) {
        List<Object> events = site.draw();
        Collections.shuffle(events, site.random());
        site.send(events.subList(0, events.size() / 2));
        site.mark();
        site.send(events.subList(events.size() / 2, events.size()));
    }

    /** The latest first, and half of all again, with the job broken in the middle. */
    private static void shuffled(Site site, Set<String> first) throws Exception {
        List<DealChange> deals = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            deals.addAll(site.deals());
        }
        Collections.shuffle(deals, site.random());
        deals.sort(Comparator.comparing((DealChange change) -> first.contains(change.kind()) ? 0 : 1));
        long before = site.read("cycle-time");
        site.send(deals.subList(0, deals.size() / 2));
        site.awaitMoreRead(before);
        long pid = site.system.flink().taskManagerPid();
        Site.signal("KILL", pid, false);
        site.send(deals.subList(deals.size() / 2, deals.size()));
        site.send(deals.subList(0, deals.size() / 2));
    }

    private static void retold(Site site) {
        var draw = site.drawn();
        List<DealChange> deals = site.past(draw.deals());
        List<DealChange> again = site.past(deals.stream().map(draw::retold).toList());
        site.send(deals);
        site.send(again);
        site.send(deals);
    }

    /** A change that says a deal type and nothing else. */
    static DealChange amendment(String eventId, Instant time, String deal, String dealType) {
        return new DealChange(
                eventId,
                time,
                deal,
                DealChange.AMENDED,
                null,
                null,
                dealType,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }
}
