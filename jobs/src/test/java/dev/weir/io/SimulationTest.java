package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.AlertTables;
import dev.weir.alert.DeskEntry;
import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.event.MetricPoint;
import dev.weir.jobs.AnomalyJob;
import dev.weir.jobs.ConversionJob;
import dev.weir.jobs.CycleTimeJob;
import dev.weir.machine.Hash;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import dev.weir.recount.Differences;
import dev.weir.recount.DrawnEvents;
import dev.weir.recount.Recount;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whole jobs in one JVM, seeded: what arrives, in which order, and what goes wrong is drawn, and at the end the tables must
 * say what a recount of the events says. {@code scripts/simulate} runs more seeds, and one again.
 */
@Tag("slow")
class SimulationTest {
    private static final int SEEDS = 60;
    private static final int WIDEST = 4;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final Playbook PLAYBOOK = ProductionJobs.PLAYBOOK;
    private static final Map<String, Table> TABLES = ProductionJobs.tables();
    private static final Map<String, Map<Integer, JobGraph>> GRAPHS = graphs();
    private static final Map<Integer, JobGraph> LEAN =
            byParallelism(ConversionJob.NAME, ProductionJobs::leanConversion);

    private static final List<String> CYCLE_TIME = List.of(
            "deal",
            "deal_history",
            "pipeline_waterfall",
            "pipeline_figures",
            "stage_visit",
            "stage_flow",
            "stage_cohort",
            "stage_queue",
            "stage_hazard",
            "bottleneck",
            "forecast",
            "data_issue",
            "stage_limit",
            "owner");
    private static final List<String> CONVERSION = List.of(
            "funnel_attempt",
            "funnel_window",
            "conversion",
            "touch_credit",
            "attribution_window",
            "campaign_window",
            "data_issue",
            "account",
            "person",
            "campaign");

    private static Map<String, Map<Integer, JobGraph>> graphs() {
        Map<String, Map<Integer, JobGraph>> graphs = new HashMap<>();
        ProductionJobs.all().forEach((job, wiring) -> graphs.put(job, byParallelism(job, wiring)));
        return graphs;
    }

    private static Map<Integer, JobGraph> byParallelism(String job, JobGraph.Wiring wiring) {
        Map<Integer, JobGraph> byParallelism = new LinkedHashMap<>();
        for (int parallelism = 1; parallelism <= WIDEST; parallelism++) {
            byParallelism.put(parallelism, JobGraph.of(job, ProductionJobs.SETTINGS, TABLES, parallelism, wiring));
        }
        return byParallelism;
    }

    private static Map<Integer, JobGraph> graphs(String job) {
        return Objects.requireNonNull(GRAPHS.get(job));
    }

    @Test
    void whateverHappensOnTheWayTheTablesSayWhatARecountSays() throws Exception {
        long only = Long.getLong("simulate.seed", 0);
        long first = only > 0 ? only : Long.getLong("simulate.first", 1);
        long last = only > 0 ? only : first + Integer.getInteger("simulate.seeds", SEEDS) - 1;
        AtomicLong next = new AtomicLong(first);
        ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();
        int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            workers.execute(() -> {
                for (long seed = next.getAndIncrement();
                        seed <= last && broken.isEmpty();
                        seed = next.getAndIncrement()) {
                    try {
                        life(new Random(seed * 0x9e3779b97f4a7c15L), seed % 3 == 0);
                    } catch (Exception | AssertionError failure) {
                        broken.add("seed " + seed + " (again: scripts/simulate --seed " + seed + "): " + failure
                                + trace(failure));
                    }
                }
            });
        }
        workers.shutdown();
        assertThat(workers.awaitTermination(1, TimeUnit.HOURS)).isTrue();
        assertThat(broken).isEmpty();
        System.out.println((last - first + 1) + " lives, from seed " + first + " on, all as recounted");
    }

    private static String trace(Throwable failure) {
        StringBuilder trace = new StringBuilder();
        for (Throwable cause = failure;
                cause != null && !(failure instanceof AssertionError);
                cause = cause.getCause()) {
            trace.append("\n").append(cause);
            for (StackTraceElement element : cause.getStackTrace()) {
                trace.append("\n    ").append(element);
            }
        }
        return trace.toString();
    }

    /** @param lean whether persons who are alone tell their funnels themselves */
    private static void life(Random random, boolean lean) throws Exception {
        DrawnEvents draw = new DrawnEvents(random, START, "");
        boolean people = random.nextBoolean();
        List<DealChange> deals = draw.deals();
        List<DealChange> told = new ArrayList<>(deals);
        deals.stream().filter(d -> random.nextInt(6) == 0).forEach(d -> told.add(draw.retold(d)));
        List<Engagement> engagements = new ArrayList<>(draw.activities());
        engagements.addAll(people ? draw.engagements() : List.of());
        engagements.addAll(draw.retractions(engagements));
        List<Feedback> feedback = people ? draw.feedback() : List.of();
        List<EntityChange> entities = draw.entities();
        List<Object> all = new ArrayList<>(told);
        all.addAll(engagements);
        all.addAll(feedback);
        all.addAll(entities);
        long end = all.stream()
                        .mapToLong(event -> History.time(event).toEpochMilli())
                        .max()
                        .orElseThrow()
                + random.nextInt(3) * (long) random.nextInt(1_000_000) * 3_000L;
        String job = people ? ConversionJob.NAME : CycleTimeJob.NAME;
        Recount recount = Recount.of(people && lean ? ProductionJobs.LEAN : PLAYBOOK, all, end)
                .saidBy(job);
        Log log = new Log(random, end);
        if (people) {
            conversion(log, recount, lean ? LEAN : graphs(ConversionJob.NAME), engagements, told, feedback, entities);
        } else {
            cycleTime(log, recount, told, engagements, entities);
        }
    }

    private static void conversion(
            Log log,
            Recount recount,
            Map<Integer, JobGraph> graphs,
            List<Engagement> engagements,
            List<DealChange> deals,
            List<Feedback> feedback,
            List<EntityChange> entities)
            throws Exception {
        SimulatedWarehouse warehouse = new SimulatedWarehouse(TABLES);
        Simulation.Topic[] topics = {
            log.topic(ConversionJob.NAME, "engagement", new Receiver<>(Engagement.class), engagements),
            log.topic(ConversionJob.NAME, "deal", new Receiver<>(DealChange.class), deals),
            log.topic(ConversionJob.NAME, "feedback", new Receiver<>(Feedback.class), feedback),
            log.topic(ConversionJob.NAME, "entity", new Receiver<>(EntityChange.class), entities)
        };
        new Simulation(ConversionJob.NAME, log.random, graphs, TABLES, warehouse, log.end, topics).run();
        var standing = warehouse.standing();
        assertThat(Differences.between(recount, CONVERSION, standing)).isEmpty();
        assertThat(unbalanced(standing, topics)).isEmpty();
        List<Row> published = warehouse.published();
        if (log.random.nextInt(3) == 0) {
            SimulatedWarehouse watched = new SimulatedWarehouse(TABLES);
            Simulation.Topic metrics = log.published("metric", MetricPoint.TABLE, MetricPoint.class, published);
            new Simulation(AnomalyJob.NAME, log.random, graphs(AnomalyJob.NAME), TABLES, watched, log.end, metrics)
                    .run();
            assertThat(Differences.between(recount, List.of("metric_point"), watched.standing()))
                    .isEmpty();
        }
    }

    private static void cycleTime(
            Log log, Recount recount, List<DealChange> deals, List<Engagement> engagements, List<EntityChange> entities)
            throws Exception {
        SimulatedWarehouse warehouse = new SimulatedWarehouse(TABLES);
        Simulation.Topic[] topics = {
            log.topic(CycleTimeJob.NAME, "deal", new Receiver<>(DealChange.class), deals),
            log.topic(CycleTimeJob.NAME, "engagement", new Receiver<>(Engagement.class), engagements),
            log.topic(CycleTimeJob.NAME, "entity", new Receiver<>(EntityChange.class), entities)
        };
        new Simulation(CycleTimeJob.NAME, log.random, graphs(CycleTimeJob.NAME), TABLES, warehouse, log.end, topics)
                .run();
        var standing = warehouse.standing();
        assertThat(Differences.between(recount, CYCLE_TIME, standing)).isEmpty();
        assertThat(unbalanced(standing, topics)).isEmpty();
        long accepted = deals.stream().map(DealChange::eventId).distinct().count();
        assertThat(accepted(standing, "deal")).as("accepted").isEqualTo(accepted);
        alerts(log, recount, warehouse.published());
    }

    /** The desk hears what was published, and the alerts that stand are those that must; every point is watched. */
    private static void alerts(Log log, Recount recount, List<Row> published) throws Exception {
        List<String> twice = new ArrayList<>();
        Map<String, DeskEntry> takenOn =
                takenOn(log, Simulation.newest(published, Signal.TABLE, twice).values());
        Simulation.newest(published, MetricPoint.TABLE, twice);
        assertThat(twice).isEmpty();
        SimulatedWarehouse warehouse = new SimulatedWarehouse(TABLES);
        Simulation.Topic metrics = log.published("metric", MetricPoint.TABLE, MetricPoint.class, published);
        Simulation.Topic signals = log.published("signal", Signal.TABLE, Signal.class, published);
        Simulation.Topic desk =
                log.topic(AnomalyJob.NAME, "desk", new Receiver<>(DeskEntry.class), List.copyOf(takenOn.values()));
        new Simulation(
                        AnomalyJob.NAME,
                        log.random,
                        graphs(AnomalyJob.NAME),
                        TABLES,
                        warehouse,
                        log.end,
                        metrics,
                        signals,
                        desk)
                .run();
        var standing = warehouse.standing();
        assertThat(Differences.between(recount, List.of("metric_point"), standing))
                .isEmpty();
        Map<String, List<Map<String, @Nullable String>>> firing = new HashMap<>();
        firing.put(
                "alert",
                standing.getOrDefault("alert", List.of()).stream()
                        .filter(alert ->
                                "stalled".equals(alert.get("kind")) && !"retracted".equals(alert.get("status")))
                        .map(SimulationTest::unanswered)
                        .toList());
        for (Map<String, @Nullable String> alert : standing.getOrDefault("alert", List.of())) {
            boolean taken = takenOn.containsKey(Objects.toString(alert.get("alert_id")));
            assertThat(alert.get("acknowledged_by")).as("%s", alert).isEqualTo(taken ? "ana" : null);
            assertThat("acknowledged".equals(alert.get("status")))
                    .isEqualTo(taken && alert.get("ended_at") == null && !"retracted".equals(alert.get("status")));
        }
        assertThat(Differences.between(recount, List.of("alert"), firing)).isEmpty();
        assertThat(unbalanced(standing, metrics, signals, desk)).isEmpty();
        Map<String, Row> newest = Simulation.newest(warehouse.published(), AlertTables.ALERT, twice);
        assertThat(twice).isEmpty();
        // What a recount no longer has is deleted in both: the digest of an owner who turned out to be another.
        assertThat(newest.values().stream().filter(row -> !row.deleted()).map(row -> row.values()[0] + row.values()[3]))
                .as("the topic's last word of each alert is the table's")
                .containsExactlyInAnyOrderElementsOf(standing.getOrDefault("alert", List.of()).stream()
                        .map(alert -> Objects.toString(alert.get("alert_id")) + alert.get("status"))
                        .toList());
    }

    /** Someone takes on half of the deals that stood still, by the alert. */
    private static Map<String, DeskEntry> takenOn(Log log, Collection<Row> signals) {
        Map<String, DeskEntry> takenOn = new TreeMap<>();
        for (Row row : signals) {
            Signal signal = Signal.of(row);
            if (signal.kind().equals(Signal.STALLED) && log.random.nextBoolean()) {
                String alert =
                        Hash.of("alert", signal.kind(), signal.definition(), signal.subject(), signal.signalId());
                takenOn.put(
                        alert, DeskEntry.acknowledged("k" + alert, Instant.ofEpochMilli(log.end), alert, "ana", null));
            }
        }
        return takenOn;
    }

    /** As a recount has it, which hears no answers. */
    private static Map<String, @Nullable String> unanswered(Map<String, @Nullable String> alert) {
        Map<String, @Nullable String> unanswered = new HashMap<>(alert);
        unanswered.replace("status", "acknowledged", "firing");
        return unanswered;
    }

    /** Buckets in which what was read is not what became of it, or not what there was to read. */
    private static List<String> unbalanced(
            Map<String, List<Map<String, @Nullable String>>> standing, Simulation.Topic... topics) {
        List<String> unbalanced = new ArrayList<>();
        long read = 0;
        for (Map<String, @Nullable String> row : standing.getOrDefault(LedgerTally.TABLE.name(), List.of())) {
            long became = 0;
            for (String fate : List.of("accepted", "duplicate", "filtered", "dead_lettered", "expired", "control")) {
                became += number(row, fate);
            }
            read += number(row, "read");
            if (number(row, "read") != became) {
                unbalanced.add(row.toString());
            }
        }
        long there = 0;
        for (Simulation.Topic topic : topics) {
            there += topic.partitions().stream().mapToLong(List::size).sum();
        }
        if (read != there) {
            unbalanced.add("read " + read + " of " + there);
        }
        return unbalanced;
    }

    private static long accepted(Map<String, List<Map<String, @Nullable String>>> standing, String topic) {
        return standing.getOrDefault(LedgerTally.TABLE.name(), List.of()).stream()
                .filter(row -> topic.equals(row.get("topic")))
                .mapToLong(row -> number(row, "accepted"))
                .sum();
    }

    private static long number(Map<String, @Nullable String> row, String column) {
        return Long.parseLong(Objects.requireNonNull(row.get(column)));
    }

    /** Topics of drawn width, in which events lie in a drawn order, some twice, with rubbish between, up to a mark. */
    private record Log(Random random, long end) {

        Simulation.Topic topic(String job, String what, Receiver<?> receiver, List<?> events) {
            List<Object> sent = new ArrayList<>(events);
            events.stream().filter(e -> random.nextInt(4) == 0).forEach(sent::add);
            if (random.nextInt(3) > 0) {
                Collections.shuffle(sent, random);
            } else if (!events.isEmpty()) {
                // In order, but half of it late.
                sent.sort(Comparator.comparing((Object e) -> History.time(e).plusMillis(late(e))));
            }
            List<List<Object>> partitions = partitions();
            for (Object event : sent) {
                partitions.get(random.nextInt(partitions.size())).add(event);
            }
            return new Simulation.Topic(job + "-" + what + "-source", receiver, records(what, partitions));
        }

        /** Nothing for half of the events, up to thirty days for the others; the same for the same event. */
        private static long late(Object event) {
            int drawn = Math.floorMod(event.hashCode() * 31, 60);
            return Math.max(0, drawn - 30) * 86_400_000L;
        }

        /** A later record of an id takes the place of an earlier one, so each id keeps to its partition. */
        Simulation.Topic published(String what, Table table, Class<?> type, List<Row> published) {
            List<List<Object>> partitions = partitions();
            for (Row row : published) {
                if (row.table().equals(table.name())) {
                    partitions
                            .get(Math.floorMod(row.key(table).hashCode(), partitions.size()))
                            .add(row);
                }
            }
            return new Simulation.Topic(
                    AnomalyJob.NAME + "-" + what + "-source", new Receiver<>(type), records(what, partitions));
        }

        private List<List<Object>> partitions() {
            List<List<Object>> partitions = new ArrayList<>();
            int many = 1 + random.nextInt(3);
            for (int p = 0; p < many; p++) {
                partitions.add(new ArrayList<>());
            }
            return partitions;
        }

        private List<List<ConsumerRecord<byte[], byte[]>>> records(String topic, List<List<Object>> partitions) {
            List<List<ConsumerRecord<byte[], byte[]>>> records = new ArrayList<>();
            for (int p = 0; p < partitions.size(); p++) {
                List<ConsumerRecord<byte[], byte[]>> of = new ArrayList<>();
                for (Object event : partitions.get(p)) {
                    if (random.nextInt(12) == 0) {
                        byte[] rubbish = new byte[random.nextInt(20)];
                        random.nextBytes(rubbish);
                        of.add(record(
                                topic, p, of.size(), random.nextInt(3) == 0 ? null : rubbish, new RecordHeaders()));
                    }
                    of.add(record(topic, p, of.size(), Wire.encode(event), new RecordHeaders()));
                }
                RecordHeaders mark = new RecordHeaders(new RecordHeader[] {
                    new RecordHeader(
                            Receiver.TIME_MARK,
                            Instant.ofEpochMilli(end).toString().getBytes(StandardCharsets.UTF_8))
                });
                of.add(record(topic, p, of.size(), null, mark));
                records.add(of);
            }
            return records;
        }

        private ConsumerRecord<byte[], byte[]> record(
                String topic, int partition, long offset, byte @Nullable [] value, RecordHeaders headers) {
            return new ConsumerRecord<>(
                    topic,
                    partition,
                    offset,
                    end,
                    TimestampType.CREATE_TIME,
                    -1,
                    -1,
                    null,
                    value,
                    headers,
                    Optional.empty());
        }
    }
}
