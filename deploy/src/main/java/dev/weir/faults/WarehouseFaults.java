package dev.weir.faults;

import dev.weir.event.DealChange;
import dev.weir.local.Failure;
import dev.weir.local.LocalSystem.Part;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;

/** PostgreSQL killed, stopped, hung, locked. */
final class WarehouseFaults {
    private WarehouseFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault("D1", "PostgreSQL killed in a commit", WarehouseFaults::killed),
                new Fault("D2", "PostgreSQL away for 20 s", WarehouseFaults::away),
                new Fault("D3", "PostgreSQL hangs for 35 s, its sockets open", WarehouseFaults::hangs),
                new Fault("D4", "every session ended, again and again", WarehouseFaults::terminated),
                new Fault("D5", "a deadlock with another writer", WarehouseFaults::deadlock),
                new Fault("D6", "tables locked for longer than a commit waits", WarehouseFaults::locked),
                new Fault("D11", "a row that PostgreSQL refuses among good ones", WarehouseFaults::poison));
    }

    private static void killed(Site site) throws Exception {
        site.send(site.draw());
        Lock lock = new Lock(site, "stage_visit");
        site.send(site.draw());
        site.await("a commit that waits", () -> site.waiting() > 0);
        kill(site);
        try {
            lock.close();
        } catch (SQLException gone) {
            // with the server
        }
        site.system.restart(Part.POSTGRES);
    }

    /** With all its sessions, else they would hold its memory and no other could start. */
    private static void kill(Site site) throws Exception {
        long pid = site.system.pid(Part.POSTGRES);
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> sessions = server.descendants().toList();
        server.destroyForcibly();
        sessions.forEach(ProcessHandle::destroyForcibly);
        server.onExit().join();
        sessions.forEach(session -> session.onExit().join());
    }

    private static void away(Site site) throws Exception {
        long before = site.read("cycle-time");
        site.send(site.draw());
        site.awaitMoreRead(before);
        kill(site);
        site.send(site.draw());
        Site.pause(20_000);
        site.system.restart(Part.POSTGRES);
    }

    private static void hangs(Site site) throws Exception {
        site.send(site.draw());
        long pid = site.system.pid(Part.POSTGRES);
        Site.signal("STOP", pid, true);
        try {
            site.send(site.draw());
            Site.pause(35_000);
        } finally {
            Site.signal("CONT", pid, true);
        }
    }

    private static void terminated(Site site) throws Exception {
        long ended = 0;
        for (int i = 0; i < 8; i++) {
            site.send(site.draw());
            ended += site.number(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'weir'");
            Site.pause(500);
        }
        if (ended == 0) {
            throw new Failure("there was no session to end");
        }
    }

    /** The other holds the rows that a commit comes to last and then wants those that it has; it waits longer, so the commit goes. */
    private static void deadlock(Site site) throws Exception {
        site.send(site.draw());
        site.await(
                "rows of both pipelines",
                () -> site.number("SELECT count(DISTINCT definition) FROM weir.stage_flow") > 1);
        long before = deadlocks(site);
        try (Connection other = site.system.postgres().owner();
                Statement statement = other.createStatement()) {
            statement.execute("SET deadlock_timeout = '30s'");
            other.setAutoCommit(false);
            for (int i = 0; i < 10 && deadlocks(site) == before; i++) {
                touch(statement, "max");
                for (int more = 0; more < 3; more++) {
                    site.send(site.draw());
                }
                site.await("a commit that waits", () -> site.waiting() > 0);
                touch(statement, "min");
                other.rollback();
            }
        }
        site.await("a deadlock that PostgreSQL has counted", () -> deadlocks(site) > before);
    }

    private static void touch(Statement statement, String which) throws SQLException {
        statement.execute("UPDATE weir.stage_flow SET entered = entered WHERE definition = (SELECT " + which
                + "(definition) FROM weir.stage_flow)");
    }

    private static long deadlocks(Site site) throws SQLException {
        return site.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    }

    private static void locked(Site site) throws Exception {
        try (Lock lock = new Lock(site, "deal", "stage_flow")) {
            site.send(site.draw());
            site.await("a commit that waits", () -> site.waiting() > 0);
            Site.pause(15_000); // a commit gives up after ten and tries again
            lock.release();
        }
    }

    /** A check that one row of the batch breaks stands for whatever a table cannot hold; the row comes again as a dead letter. */
    private static void poison(Site site) throws Exception {
        List<DealChange> events = site.deals();
        String poisoned = events.get(0).dealId();
        site.run("ALTER TABLE weir.deal ADD CONSTRAINT poison CHECK (deal_id <> '" + poisoned + "') NOT VALID");
        try {
            site.send(events);
            site.await(
                    "the refused row as a dead letter",
                    () -> site.number("SELECT count(*) FROM weir.dead_letter WHERE reason = 'REFUSED_BY_WAREHOUSE'")
                            > 0);
        } finally {
            site.run("ALTER TABLE weir.deal DROP CONSTRAINT poison");
        }
        // Once it can be held, the next change of the deal brings it.
        DealChange last = events.stream()
                .filter(change -> change.dealId().equals(poisoned))
                .max(Comparator.comparing(DealChange::occurredAt))
                .orElseThrow();
        site.send(List.of(
                EventFaults.amendment(last.eventId() + "-touched", last.occurredAt(), last.dealId(), "touched")));
    }
}
