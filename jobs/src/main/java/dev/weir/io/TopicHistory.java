package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.io.Reconciliation.Part;
import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.LedgerTally;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The events that each job had read when it wrote its ledger, out of the topics, as histories for a recount. */
public final class TopicHistory {
    private final Map<String, Receiver<?>> receivers;
    private final Settings settings;
    private final Map<Part, NavigableMap<Long, Account>> accounts;
    private final Map<String, BufferedWriter> files = new HashMap<>();
    private final Map<Part, Long> readOfLast = new HashMap<>();
    private long gone;

    /**
     * Histories by job.
     *
     * @param gone records that the topics no longer hold: a recount lacks them
     */
    public record Histories(Map<String, History> byJob, long gone) {
        public void close() {
            byJob.values().forEach(History::close);
        }
    }

    private TopicHistory(Settings settings, Map<Part, NavigableMap<Long, Account>> accounts) throws Unreachable {
        Registry registry = Registry.of(settings);
        this.receivers = Map.of(
                Topics.ENGAGEMENT, new Receiver<>(Engagement.class, registry),
                Topics.DEAL, new Receiver<>(DealChange.class, registry),
                Topics.FEEDBACK, new Receiver<>(Feedback.class, registry),
                Topics.ENTITY, new Receiver<>(EntityChange.class, registry),
                Topics.DESK, new Receiver<>(DeskEntry.class, registry));
        this.settings = settings;
        this.accounts = accounts;
    }

    /**
     * Reads the topics.
     *
     * @param accounts how far each job had come
     * @param asOf as of when each job spoke
     * @param folder an existing folder for what is read
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static Histories read(
            Settings settings, Map<Part, NavigableMap<Long, Account>> accounts, Map<String, Instant> asOf, Path folder)
            throws Unreachable, IOException {
        TopicHistory topics = new TopicHistory(settings, accounts);
        try {
            topics.read(asOf.keySet(), folder);
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        } finally {
            for (BufferedWriter file : topics.files.values()) {
                file.close();
            }
        }
        Map<String, History> histories = new HashMap<>();
        for (Map.Entry<String, Instant> job : asOf.entrySet()) {
            Path own = folder.resolve(job.getKey());
            History history = History.read(List.of(own.resolve("events.jsonl")), null, own, refusal -> {
                throw new IllegalStateException("what was written is not readable: " + refusal);
            });
            Files.delete(own.resolve("events.jsonl"));
            histories.put(job.getKey(), history.asOf(job.getValue()));
        }
        return new Histories(histories, topics.gone);
    }

    private void read(Set<String> jobs, Path folder) throws Unreachable, IOException {
        Set<String> topics = new HashSet<>();
        for (String job : jobs) {
            files.put(
                    job,
                    Files.newBufferedWriter(
                            Files.createDirectories(folder.resolve(job)).resolve("events.jsonl")));
        }
        for (Part part : accounts.keySet()) {
            if (files.containsKey(part.job()) && receiver(part.topic()) != null) {
                topics.add(part.topic());
            }
        }
        try (TopicReader reader = new TopicReader(settings, topics)) {
            gone = reader.begins().values().stream().mapToLong(begin -> begin).sum();
            reader.readToEnd(this::write);
        }
    }

    private @Nullable Receiver<?> receiver(String topic) {
        for (Map.Entry<String, Receiver<?>> receiver : receivers.entrySet()) {
            if (Topics.name(settings, receiver.getKey()).equals(topic)) {
                return receiver.getValue();
            }
        }
        return null;
    }

    private void write(ConsumerRecord<byte[], byte[]> record) {
        List<BufferedWriter> readers = new ArrayList<>();
        for (Map.Entry<String, BufferedWriter> job : files.entrySet()) {
            if (wasRead(new Part(job.getKey(), record.topic(), record.partition()), record.offset())) {
                readers.add(job.getValue());
            }
        }
        Receiver<?> receiver = receiver(record.topic());
        Object event = readers.isEmpty() || receiver == null ? null : receiver.receive(record).event;
        if (event == null) {
            return;
        }
        String line = NativeJson.write(event);
        try {
            for (BufferedWriter reader : readers) {
                reader.write(line);
                reader.newLine();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Records come in order, and a job reads them in order: of the last bucket it read the first so many. */
    private boolean wasRead(Part part, long offset) {
        NavigableMap<Long, Account> buckets = accounts.get(part);
        if (buckets == null) {
            return false;
        }
        long bucket = offset / LedgerTally.BUCKET;
        Account account = buckets.get(bucket);
        if (bucket < buckets.lastKey()) {
            return true;
        }
        return account != null && readOfLast.merge(part, 1L, Long::sum) <= account.read();
    }
}
