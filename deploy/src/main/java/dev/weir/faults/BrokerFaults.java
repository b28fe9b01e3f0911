package dev.weir.faults;

import dev.weir.event.DealChange;
import dev.weir.io.AlertTopic;
import dev.weir.io.Topics;
import dev.weir.io.Wire;
import dev.weir.local.Failure;
import dev.weir.local.LocalSystem.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Kafka killed, away, with more partitions, with a skewed one, with what is no event. */
final class BrokerFaults {
    /** How often is tried to hit the moment between a checkpoint and its commit. */
    private static final int FENCED_ROUNDS = 10;

    private static final int FENCED_A_ROUND = 30;

    private BrokerFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault("K1", "the broker killed while a transaction is open", BrokerFaults::killed),
                new Fault("K3", "the network to the broker silent, deaf, cut", BrokerFaults::partitioned),
                new Fault("K4", "the broker away for 20 s", BrokerFaults::away),
                new Fault("K8", "more partitions while the jobs run", BrokerFaults::morePartitions),
                new Fault("K9", "one partition idle, then all of them", BrokerFaults::idle),
                new Fault("K10", "one partition far behind the other", BrokerFaults::skewed),
                new Fault(
                        "K12",
                        "transactions of the desk ended by the broker before their commit",
                        BrokerFaults::fenced),
                new Fault("K21", "everything sent three times over", BrokerFaults::replayed),
                new Fault("K22", "records without a value, without a key, with great headers", BrokerFaults::noEvents),
                new Fault("K6", "records deleted before they were read: it says so", BrokerFaults::deleted, true));
    }

    private static void kill(Site site) throws Exception {
        ProcessHandle broker = ProcessHandle.of(site.system.pid(Part.KAFKA)).orElseThrow();
        broker.destroyForcibly();
        broker.onExit().join();
    }

    private static void killed(Site site) throws Exception {
        site.send(site.draw());
        String job = site.job("cycle-time");
        site.await("a checkpoint on its way", () -> site.flink().checkpointsInProgress(job) > 0);
        kill(site);
        site.system.restart(Part.KAFKA);
        site.send(site.draw());
    }

    private static void partitioned(Site site) throws Exception {
        for (Network.State state : List.of(Network.State.SILENT, Network.State.DEAF, Network.State.CUT)) {
            long before = site.read("cycle-time");
            site.send(site.draw());
            site.awaitMoreRead(before);
            site.network.become(state);
            Site.pause(7_000);
            site.network.become(Network.State.WHOLE);
            site.send(site.draw());
        }
    }

    private static void away(Site site) throws Exception {
        long before = site.read("cycle-time");
        site.send(site.draw());
        site.awaitMoreRead(before);
        kill(site);
        Site.pause(20_000);
        site.system.restart(Part.KAFKA);
        site.send(site.draw());
    }

    private static void morePartitions(Site site) throws Exception {
        site.send(site.draw());
        try (Admin admin = Admin.create(site.settings.kafka().client())) {
            int now = admin.describeTopics(List.of(site.topic(Topics.DEAL)))
                    .allTopicNames()
                    .get(20, TimeUnit.SECONDS)
                    .values()
                    .iterator()
                    .next()
                    .partitions()
                    .size();
            admin.createPartitions(Map.of(site.topic(Topics.DEAL), NewPartitions.increaseTo(now * 2)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
        site.send(site.draw());
    }

    private static void idle(Site site) throws Exception {
        List<DealChange> deals = site.deals();
        site.sent.addAll(deals);
        try (Outlet outlet = new Outlet(site)) {
            for (DealChange deal : deals) {
                outlet.send(Topics.DEAL, 0, null, Wire.encode(deal));
            }
        }
        long before = site.read("cycle-time");
        Site.pause(8_000); // longer than a partition may be silent
        site.send(site.deals());
        site.awaitMoreRead(before);
    }

    private static void skewed(Site site) throws Exception {
        List<DealChange> deals = new ArrayList<>(site.deals());
        deals.sort(Comparator.comparing(DealChange::occurredAt));
        site.sent.addAll(deals);
        try (Outlet outlet = new Outlet(site)) {
            for (int partition = 0; partition < 2; partition++) {
                long before = site.read("cycle-time");
                for (int i = partition; i < deals.size(); i += 2) {
                    outlet.send(Topics.DEAL, partition, null, Wire.encode(deals.get(i)));
                }
                outlet.flush();
                if (deals.size() > 1) {
                    site.awaitMoreRead(before);
                }
            }
        }
    }

    /**
     * What a transaction does whose time-out passes between its checkpoint and its commit: the broker ends it, and the
     * connector lets go of its records without a word. Done until alerts are missing; then the topic is held against the
     * table, as {@code weir reconcile} does, and what it lacks is published under the ids it has.
     */
    private static void fenced(Site site) throws Exception {
        String prefix = site.topic("anomaly");
        try (Admin admin = Admin.create(site.settings.kafka().client());
                AlertTopic topic = AlertTopic.open(site.settings)) {
            for (int round = 1; topic.compare().holds(); round++) {
                if (round > FENCED_ROUNDS) {
                    throw new Failure("no alert was lost in " + FENCED_ROUNDS + " rounds");
                }
                site.send(site.draw());
                site.mark();
                Checks checks = new Checks(site);
                site.await("everything to be read", () -> {
                    for (int i = 0; i < FENCED_A_ROUND; i++) {
                        admin.fenceProducers(transactions(admin, prefix)).all().get(20, TimeUnit.SECONDS);
                    }
                    return checks.settled();
                });
                site.awaitHealthy();
            }
            AlertTopic.Comparison lost = topic.compare();
            topic.publish(lost.missing());
            topic.publish(lost.outdated());
        }
    }

    private static List<String> transactions(Admin admin, String prefix) throws Exception {
        return admin.listTransactions().all().get(20, TimeUnit.SECONDS).stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.startsWith(prefix))
                .toList();
    }

    private static void replayed(Site site) throws Exception {
        List<Object> events = site.draw();
        long before = site.number("SELECT coalesce(sum(duplicate), 0) FROM weir.ledger");
        site.send(events);
        site.send(events);
        site.send(events);
        site.await(
                "duplicates in the ledger",
                () -> site.number("SELECT coalesce(sum(duplicate), 0) FROM weir.ledger") >= before + events.size());
    }

    private static void noEvents(Site site) throws Exception {
        long before = site.number("SELECT count(*) FROM weir.dead_letter WHERE job = 'cycle-time'");
        byte[] great = new byte[200_000];
        try (Outlet outlet = new Outlet(site)) {
            for (int i = 0; i < 5; i++) {
                outlet.send(Topics.DEAL, 0, "gone".getBytes(java.nio.charset.StandardCharsets.UTF_8), null);
                outlet.send(Topics.DEAL, 1, null, new byte[] {1, 2, 3});
                outlet.send(Topics.DEAL, 1, null, new byte[0], great);
            }
        }
        site.send(site.draw());
        site.await(
                "fifteen dead letters",
                () -> site.number("SELECT count(*) FROM weir.dead_letter WHERE job = 'cycle-time'") == before + 15);
    }

    /** What was not read yet is gone: the job must fail and say so, not begin with what is left. */
    private static void deleted(Site site) throws Exception {
        site.send(site.draw());
        site.awaitHealthy();
        site.flink().cancel(site.job("cycle-time"));
        site.await(
                "the job to end",
                () -> site.flink().state(site.job("cycle-time")).equals("CANCELED"));
        site.send(site.draw());
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        try (Admin admin = Admin.create(site.settings.kafka().client())) {
            var described = admin.describeTopics(List.of(site.topic(Topics.DEAL)))
                    .allTopicNames()
                    .get(20, TimeUnit.SECONDS)
                    .values()
                    .iterator()
                    .next();
            // -1: all there is
            described
                    .partitions()
                    .forEach(p -> all.put(
                            new TopicPartition(described.name(), p.partition()), RecordsToDelete.beforeOffset(-1)));
            admin.deleteRecords(all).all().get(20, TimeUnit.SECONDS);
        }
        site.submit("cycle-time");
        site.await(
                "the job to say what it misses",
                () -> site.flink().rootException(site.job("cycle-time")).contains("out of range"));
    }

    /** Records of any kind to a partition that is named. */
    private static final class Outlet implements AutoCloseable {
        private final Site site;
        private final KafkaProducer<byte[], byte[]> producer;

        Outlet(Site site) {
            this.site = site;
            Properties client = site.settings.kafka().client();
            this.producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
        }

        void send(String topic, int partition, byte @Nullable [] key, byte @Nullable [] value, byte[]... headers) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(site.topic(topic), partition, key, value);
            for (byte[] header : headers) {
                record.headers().add("header", header);
            }
            var unused = producer.send(record);
        }

        void flush() {
            producer.flush();
        }

        @Override
        public void close() {
            producer.flush();
            producer.close();
        }
    }
}
