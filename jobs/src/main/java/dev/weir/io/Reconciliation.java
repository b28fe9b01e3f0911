package dev.weir.io;

import dev.weir.machine.LedgerCheck;
import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Held;
import dev.weir.machine.LedgerCheck.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Every record that is in the topics against what the ledger in the warehouse says became of it. */
public final class Reconciliation implements AutoCloseable {
    private static final Comparator<Part> ORDER =
            Comparator.comparing(Part::job).thenComparing(Part::topic).thenComparingInt(Part::partition);

    private final Settings settings;
    private final Connection warehouse;
    private final TopicReader topics;
    private final Set<Part> read;
    private final Map<TopicPartition, Held> held = new HashMap<>();
    /** How many records there were when the first look began: what came later need not have been read. */
    private final Map<TopicPartition, Long> asked = new HashMap<>();

    /** What one job reads of one partition. */
    public record Part(String job, String topic, int partition) {}

    /**
     * One partition as one job accounts for it.
     *
     * @param accounts by bucket
     * @param held what is in the topic
     * @param findings what is not as it should be; empty when all is well
     */
    public record Line(Part part, NavigableMap<Long, Account> accounts, Held held, List<Finding> findings) {
        /** The sum over all buckets. */
        public Account total() {
            return accounts.values().stream().reduce(Account.EMPTY, Account::plus);
        }
    }

    private Reconciliation(Settings settings, Connection warehouse, TopicReader topics, Set<Part> read) {
        this.settings = settings;
        this.warehouse = warehouse;
        this.topics = topics;
        this.read = read;
    }

    /**
     * Connects to both sides.
     *
     * @param jobs by name; what else has a ledger is looked at too
     * @throws Unreachable when the brokers do not answer or refuse
     * @throws SQLException when the warehouse does
     */
    public static Reconciliation open(Settings settings, Collection<String> jobs) throws Unreachable, SQLException {
        Connection warehouse = settings.warehouse().connect();
        try {
            Set<Part> read = new HashSet<>(accounts(warehouse, settings).keySet());
            read.addAll(committed(settings, jobs));
            return new Reconciliation(
                    settings,
                    warehouse,
                    new TopicReader(settings, read.stream().map(Part::topic).collect(Collectors.toSet())),
                    read);
        } catch (SQLException | Unreachable failure) {
            warehouse.close();
            throw failure;
        }
    }

    /** Partitions of which a job told the brokers that it read them, so that a ledger without a row is noticed. */
    private static Set<Part> committed(Settings settings, Collection<String> jobs) throws Unreachable {
        Set<Part> parts = new HashSet<>();
        try (Admin admin = Admin.create(Topics.properties(settings))) {
            for (String job : jobs) {
                admin.listConsumerGroupOffsets(settings.kafka().topicPrefix() + job)
                        .partitionsToOffsetAndMetadata()
                        .get(Topics.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .forEach((partition, offset) -> {
                            if (offset != null && offset.offset() > 0) {
                                parts.add(new Part(job, partition.topic(), partition.partition()));
                            }
                        });
            }
            return parts;
        } catch (ExecutionException | TimeoutException | KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unreachable(settings, interrupted);
        }
    }

    /**
     * Looks once: the ledger first, then the topics to their end, so that nothing is in the ledger that is not in the topics.
     * What came into the topics after the first look began is not asked of the ledger.
     *
     * @return a line for each partition of each topic that a job reads, by job, topic and partition
     * @throws Unreachable when the brokers stop answering
     * @throws SQLException when the warehouse does
     */
    public List<Line> look() throws Unreachable, SQLException {
        Map<Part, NavigableMap<Long, Account>> accounts = accounts(warehouse, settings);
        topics.begins().forEach((partition, begin) -> held.computeIfAbsent(partition, p -> new Held(begin)));
        topics.readToEnd(record -> held(record.topic(), record.partition()).add(record.offset()));
        held.forEach((partition, records) -> asked.putIfAbsent(partition, records.count()));
        Set<Part> parts = new TreeSet<>(ORDER);
        parts.addAll(read);
        parts.addAll(accounts.keySet());
        for (Part part : List.copyOf(parts)) {
            for (TopicPartition partition : held.keySet()) {
                if (partition.topic().equals(part.topic())) {
                    parts.add(new Part(part.job(), part.topic(), partition.partition()));
                }
            }
        }
        List<Line> lines = new ArrayList<>();
        for (Part part : parts) {
            NavigableMap<Long, Account> account = accounts.getOrDefault(part, new TreeMap<>());
            Held records = held(part.topic(), part.partition());
            boolean plain = Topics.INPUTS.stream()
                    .anyMatch(topic -> Topics.name(settings, topic).equals(part.topic()));
            List<Finding> findings = LedgerCheck.of(account, records, plain);
            lines.add(new Line(part, account, records, withoutNews(part, records, findings)));
        }
        return lines;
    }

    private List<Finding> withoutNews(Part part, Held records, List<Finding> findings) {
        long behind = findings.stream()
                .filter(finding -> finding.kind() == Kind.BEHIND)
                .mapToLong(Finding::records)
                .sum();
        long news = records.count()
                - asked.getOrDefault(new TopicPartition(part.topic(), part.partition()), records.count());
        return behind > news
                ? findings
                : findings.stream()
                        .filter(finding -> finding.kind() != Kind.BEHIND)
                        .toList();
    }

    private Held held(String topic, int partition) {
        return held.computeIfAbsent(new TopicPartition(topic, partition), absent -> new Held(0));
    }

    /** The ledger and the dead letters in one statement, so that both are of one moment. */
    static Map<Part, NavigableMap<Long, Account>> accounts(Connection warehouse, Settings settings)
            throws SQLException {
        Map<Part, NavigableMap<Long, Account>> accounts = new HashMap<>();
        try (PreparedStatement statement = warehouse.prepareStatement("""
                SELECT job, topic, partition, bucket, coalesce(read, 0), coalesce(accepted, 0), coalesce(duplicate, 0),
                       coalesce(filtered, 0), coalesce(dead_lettered, 0), coalesce(expired, 0), coalesce(control, 0),
                       coalesce(checksum, 0), coalesce(letters, 0)
                FROM (SELECT * FROM weir.ledger WHERE NOT deleted) l
                FULL JOIN (SELECT job, topic, partition, "offset" / 1000 AS bucket, count(*) AS letters
                           FROM weir.dead_letter WHERE NOT deleted GROUP BY 1, 2, 3, 4) d
                USING (job, topic, partition, bucket)
                WHERE starts_with(topic, ?)""")) {
            statement.setString(1, settings.kafka().topicPrefix());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    accounts.computeIfAbsent(
                                    new Part(row.getString(1), row.getString(2), row.getInt(3)),
                                    part -> new TreeMap<>())
                            .put(
                                    row.getLong(4),
                                    new Account(
                                            row.getLong(5),
                                            row.getLong(6),
                                            row.getLong(7),
                                            row.getLong(8),
                                            row.getLong(9),
                                            row.getLong(10),
                                            row.getLong(11),
                                            row.getLong(12),
                                            row.getLong(13)));
                }
            }
        }
        return accounts;
    }

    @Override
    public void close() throws SQLException {
        topics.close();
        warehouse.close();
    }
}
