package dev.weir.faults;

import dev.weir.local.Failure;
import dev.weir.local.LocalSystem.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Flink's processes killed, stopped, cancelled, widened. */
final class ProcessFaults {
    private ProcessFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault("P1", "TaskManager killed: in work, in a checkpoint, in a commit", ProcessFaults::killed),
                new Fault("P3", "power cut: TaskManager and JobManager killed", ProcessFaults::powerCut),
                new Fault("P4", "TaskManager hangs in a commit, is replaced, and wakes", ProcessFaults::zombie),
                new Fault("P8", "cancelled, stopped with a savepoint, drained, under load", ProcessFaults::stopped),
                new Fault("P9", "from one subtask to two, to four, to one", ProcessFaults::rescaled),
                new Fault("S1", "checkpoints cannot be written", ProcessFaults::noRoomForCheckpoints));
    }

    private static void kill(Site site) throws Exception {
        long pid = site.system.flink().taskManagerPid();
        Site.signal("KILL", pid, false);
        site.await("another TaskManager", () -> site.system.flink().taskManagerPid() != pid);
    }

    private static void killed(Site site) throws Exception {
        List<Object> events = site.draw();
        long before = site.read("cycle-time");
        site.send(events.subList(0, events.size() / 2));
        site.awaitMoreRead(before);
        site.send(events.subList(events.size() / 2, events.size()));
        kill(site);
        site.awaitHealthy();
        site.send(site.draw());
        String job = site.job("cycle-time");
        site.await("a checkpoint on its way", () -> site.flink().checkpointsInProgress(job) > 0);
        kill(site);
        site.awaitHealthy();
        try (Lock lock = new Lock(site, "stage_visit", "funnel_window")) {
            site.send(site.draw());
            site.await("a commit that waits", () -> site.waiting() > 0);
            kill(site);
            lock.release();
        }
        site.awaitHealthy();
    }

    private static void powerCut(Site site) throws Exception {
        long before = site.read("cycle-time");
        site.send(site.draw());
        site.awaitMoreRead(before);
        site.send(site.draw());
        site.system.flink().kill();
        site.system.restart(Part.FLINK);
        site.submit(0);
    }

    private static void zombie(Site site) throws Exception {
        long hanging;
        try (Lock lock = new Lock(site, "stage_flow", "deal", "funnel_window")) {
            site.send(site.draw());
            site.await("a commit that waits", () -> site.waiting() > 0);
            Site.signal("STOP", site.system.flink().taskManagerPid(), false);
            hanging = site.system.flink().replaceTaskManager();
            lock.release();
        }
        try {
            site.awaitHealthy();
            long before = site.read("cycle-time");
            site.send(site.draw());
            site.awaitMoreRead(before);
            Site.signal("CONT", hanging, false);
            site.await(
                    "the one that hung to be heard of again",
                    () -> site.flink().overview().path("taskmanagers").asInt() > 1
                            || ProcessHandle.of(hanging).isEmpty());
            before = site.read("cycle-time");
            site.send(site.draw());
            site.awaitMoreRead(before);
        } finally {
            ProcessHandle.of(hanging).ifPresent(ProcessHandle::destroyForcibly);
        }
        site.awaitHealthy();
    }

    private static void stopped(Site site) throws Exception {
        site.send(site.draw());
        for (String job : site.jobs()) {
            site.flink().cancel(job);
        }
        awaitEnded(site);
        site.send(site.draw());
        site.submit(0);
        for (boolean drain : new boolean[] {false, true}) {
            site.send(site.draw());
            stopAll(site, drain);
            site.submit(0);
        }
    }

    private static void rescaled(Site site) throws Exception {
        for (int parallelism : new int[] {2, 4, 1}) {
            site.send(site.draw());
            stopAll(site, false);
            site.submit(parallelism);
        }
    }

    private static void stopAll(Site site, boolean drain) throws Exception {
        for (String job : List.of("cycle-time", "conversion", "anomaly")) {
            site.flink().stop(site.job(job), site.checkpoints(job), drain);
        }
        awaitEnded(site);
    }

    private static void awaitEnded(Site site) {
        site.await("the jobs to end", () -> {
            for (String job : site.jobs()) {
                String state = site.flink().state(job);
                if (state.equals("FAILED")) {
                    throw new Failure(
                            "a job failed as it was stopped: " + site.flink().rootException(job));
                }
                if (!state.equals("CANCELED") && !state.equals("FINISHED")) {
                    return false;
                }
            }
            return true;
        });
    }

    /** A file stands where the folder of the checkpoints was. */
    private static void noRoomForCheckpoints(Site site) throws Exception {
        List<Moved> moved = new ArrayList<>();
        try {
            for (String job : List.of("cycle-time", "conversion")) {
                moved.add(new Moved(Path.of(URI.create(site.checkpoints(job)))));
            }
            site.send(site.draw());
            String job = site.job("cycle-time");
            site.await("a checkpoint that failed", () -> site.flink().failedCheckpoints(job) > 0);
        } finally {
            for (Moved one : moved) {
                one.back();
            }
        }
        site.awaitHealthy();
    }

    private static final class Moved {
        private final Path folder;
        private final Path aside;

        Moved(Path folder) throws IOException {
            this.folder = folder;
            this.aside = folder.resolveSibling(folder.getFileName() + ".aside");
            Files.move(folder, aside);
            Files.createFile(folder);
        }

        void back() throws IOException {
            Files.delete(folder);
            Files.move(aside, folder);
        }
    }
}
