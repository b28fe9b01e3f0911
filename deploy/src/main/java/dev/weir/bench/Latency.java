package dev.weir.bench;

import com.sun.net.httpserver.HttpServer;
import dev.weir.alert.Signal;
import dev.weir.avro.Deal;
import dev.weir.cli.Groundwork;
import dev.weir.cli.ReceiversOption;
import dev.weir.cli.Submit;
import dev.weir.event.DealChange;
import dev.weir.io.AlertFeed;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Unreachable;
import dev.weir.io.Wire;
import dev.weir.local.LocalSystem;
import dev.weir.local.Ports;
import dev.weir.local.Submission;
import dev.weir.machine.Json;
import dev.weir.relay.Receivers;
import dev.weir.relay.Relay;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * From an event to the alert that it calls for, on the real local system: a deal that is heard of for the first time and has
 * stood still for too long. Two jobs and two transactions lie between: cycle-time to the signal topic, anomaly to the alert topic.
 *
 * <p>First a rising rate of other deals says how much the system takes: the last at which half of the alerts come in time,
 * checkpoints and all. Then half of that, and now and then such a deal. No part waits for the watermark: it is ahead of what
 * is asked. State grows meanwhile, and so do checkpoints; the report says how large they were.
 */
final class Latency {
    private static final int INTERVAL_MILLIS = 500;
    private static final int HOPS = 2;
    private static final int ALLOWED_MILLIS = allowed(HOPS);
    /** Deals that are on their way at once, and what happens to each until it is won. */
    private static final int OPEN = 2_000;

    private static final int MOVES = 8;
    /** Events before anything is measured. */
    private static final int WARM = 100_000;
    /** Events a second of the first step of the rising rate, how much faster each next one is, and how long it lasts. */
    private static final double FIRST = 1_000;

    private static final double FASTER = 1.4;
    private static final Duration STEP = Duration.ofSeconds(8);
    private static final Duration BETWEEN = Duration.ofMillis(97); // no divisor of the checkpoint interval
    /** After so many of those the checkpoints are looked at. */
    private static final int LOOK = 20;

    private static final Duration LONG_AGO = Duration.ofDays(60);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final BinaryMessageEncoder<Deal> ENCODER = Avro.encoder(Deal.getClassSchema());
    private static final String PLAYBOOK = """
            playbook: bench
            timezone: UTC
            reporting_currency: EUR
            teams: {sales: {channel: "#sales"}}
            pipelines:
              - name: sales
                stages:
                  - {name: lead, stalled_after: 21d}
                  - {name: offer, stalled_after: 21d}
                  - {name: won, outcome: won}
                windows: [week]
            alerts: {routes: [{kind: stalled, to: sales, as: page}]}
            """;

    private final PrintWriter out;
    private final Consumer<String> say;
    private final Duration lasts;
    /** When each asking deal was sent, its signal and its alert were heard of, and a webhook heard of it, in nanoseconds. */
    private final Map<String, Long> sent = new ConcurrentHashMap<>();

    private final Map<String, Long> signalled = new ConcurrentHashMap<>();
    private final Map<String, Long> heard = new ConcurrentHashMap<>();
    private final Map<String, Long> received = new ConcurrentHashMap<>();
    private long number;
    private long asked;

    Latency(Duration lasts, PrintWriter out, Consumer<String> say) {
        this.lasts = lasts;
        this.out = out;
        this.say = say;
    }

    private static int allowed(int hops) {
        return hops * INTERVAL_MILLIS + 500;
    }

    /** Measures; true when every alert came. */
    boolean measure() throws Exception {
        Path home = Files.createTempDirectory("weir-latency");
        HttpServer webhook = webhook();
        try (LocalSystem system = LocalSystem.start(LocalSystem.Options.lively(home, Ports.ANY, true), say)) {
            Settings settings = Groundwork.lay(system);
            Path playbook = Files.writeString(home.resolve("playbook.yaml"), PLAYBOOK);
            Map<String, String> jobs = new LinkedHashMap<>();
            for (Submission submission : Submit.all(playbook, system.settings(), Submit.jar(null))) {
                if (submission.job().equals("conversion")) {
                    continue;
                }
                jobs.put(submission.job(), system.flink().submit(submission).jobId());
            }
            Receivers receivers = Receivers.read(receivers(home, webhook));
            listen("alerts", () -> listen(settings));
            listen("signals", () -> listenToSignals(settings));
            Load load = new Load(system);
            Checkpoints checkpoints = new Checkpoints(system.flink().rest(), jobs);
            try (Relay relay = ReceiversOption.start(settings, receivers, say);
                    KafkaProducer<byte[], byte[]> producer = producer(settings)) {
                say.accept("warming up; alerts go to " + relay.delivering());
                String topic = Topics.name(settings, Topics.DEAL);
                double most = most(producer, topic);
                say.accept(String.format(Locale.ROOT, "takes %,.0f events a second; now half of it", most));
                forget();
                checkpoints.look();
                checkpoints.begin();
                load.begin();
                run(producer, topic, most / 2, lasts, checkpoints::look);
                load.end();
                await(received, sent.keySet());
                boolean all = report(most / 2);
                checkpoints.report(out);
                load.report(out);
                out.flush();
                return all;
            }
        } finally {
            webhook.stop(0);
            delete(home);
        }
    }

    /** How many events a second the system takes: the last of a rising rate at which alerts still come in time. */
    private double most(KafkaProducer<byte[], byte[]> producer, String topic) throws InterruptedException, IOException {
        for (int i = 0; i < WARM; i++) {
            move(producer, topic);
        }
        producer.flush();
        await(heard, List.of(ask(producer, topic)));
        double kept = 0;
        for (double rate = FIRST; ; rate *= FASTER) {
            forget();
            List<String> asked = run(producer, topic, rate, STEP, () -> {});
            // Where it falls behind, alerts come later and later: those of the second half tell.
            long millis = median(asked.subList(asked.size() / 2, asked.size()));
            say.accept(String.format(Locale.ROOT, "%,.0f events a second: alerts after %,d ms", rate, millis));
            if (millis > ALLOWED_MILLIS) {
                return kept;
            }
            kept = rate;
        }
    }

    private void forget() {
        sent.clear();
        signalled.clear();
        heard.clear();
        received.clear();
    }

    private long median(List<String> asked) {
        List<Long> millis = asked.stream()
                .map(deal -> heard.containsKey(deal)
                        ? (heard.get(deal) - sent.getOrDefault(deal, 0L)) / 1_000_000
                        : Long.MAX_VALUE)
                .sorted()
                .toList();
        return millis.get(millis.size() / 2);
    }

    private interface Look {
        void look() throws IOException;
    }

    /** Sends so many events a second, asks between, and waits for all answers; gives the deals asked about. */
    private List<String> run(
            KafkaProducer<byte[], byte[]> producer, String topic, double perSecond, Duration lasts, Look look)
            throws InterruptedException, IOException {
        List<String> asking = new ArrayList<>();
        long began = System.nanoTime();
        long moved = 0;
        for (long tick = 1; System.nanoTime() - began < lasts.toNanos(); tick++) {
            asking.add(ask(producer, topic));
            if (tick % LOOK == 0) {
                look.look();
            }
            long until = began + tick * BETWEEN.toNanos();
            while (System.nanoTime() < until) {
                long due = (long) ((System.nanoTime() - began) / 1e9 * perSecond);
                for (; moved < due; moved++) {
                    move(producer, topic);
                }
                Thread.sleep(2);
            }
        }
        await(heard, asking);
        return asking;
    }

    /** Waits until all of them are there, but not for ever. */
    private static void await(Map<String, Long> times, Collection<String> deals) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!times.keySet().containsAll(deals) && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
    }

    /** A deal goes on, as of now. */
    private void move(KafkaProducer<byte[], byte[]> producer, String topic) {
        long n = number++;
        long deal = n / (OPEN * MOVES) * OPEN + n % OPEN;
        long move = n / OPEN % MOVES;
        String stage = move == MOVES - 1 ? "won" : move % 2 == 0 ? "lead" : "offer";
        send(producer, topic, "m" + n, "d" + deal, move == 0, stage, Instant.now());
    }

    /** A deal of long ago. */
    private String ask(KafkaProducer<byte[], byte[]> producer, String topic) {
        String deal = "asked" + asked++;
        sent.put(deal, System.nanoTime());
        send(producer, topic, deal, deal, true, "lead", Instant.now().minus(LONG_AGO));
        return deal;
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            String event,
            String deal,
            boolean created,
            String stage,
            Instant at) {
        Deal change = Deal.newBuilder()
                .setEventId(event)
                .setOccurredAt(at.truncatedTo(ChronoUnit.MILLIS))
                .setDealId(deal)
                .setKind(created ? DealChange.CREATED : DealChange.STAGE_CHANGED)
                .setPipeline("sales")
                .setStage(stage)
                .build();
        var unused = producer.send(
                new ProducerRecord<>(topic, deal.getBytes(StandardCharsets.UTF_8), Avro.bytes(ENCODER, change)));
    }

    private static KafkaProducer<byte[], byte[]> producer(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.put("linger.ms", "0");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void listen(String name, Runnable run) {
        Thread listener = new Thread(run, name);
        listener.setDaemon(true);
        listener.start();
    }

    private void listenToSignals(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.put("group.id", "bench-signals");
        properties.put("isolation.level", "read_committed");
        properties.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.name(settings, Topics.SIGNAL)));
            while (true) {
                consumer.poll(Duration.ofSeconds(1)).forEach(signal -> {
                    if (Wire.decode(signal.value()).event() instanceof Signal known) {
                        note(signalled, known.subject());
                    }
                });
            }
        }
    }

    private void listen(Settings settings) {
        try (AlertFeed feed = AlertFeed.open(settings, "bench")) {
            while (true) {
                feed.next(Duration.ofSeconds(1))
                        .forEach(alert -> note(heard, alert.alert().subject()));
            }
        } catch (Unreachable ended) {
            // the system has been stopped
        }
    }

    private static void note(Map<String, Long> times, String subject) {
        times.putIfAbsent(subject.substring(subject.indexOf('/') + 1), System.nanoTime());
    }

    private HttpServer webhook() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (Json.read(body).get("alert") instanceof Map<?, ?> alert) {
                note(received, String.valueOf(alert.get("subject")));
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static Path receivers(Path home, HttpServer webhook) throws IOException {
        Path secret = Files.writeString(home.resolve("webhook-secret"), "of no worth");
        return Files.writeString(home.resolve("receivers.yaml"), """
                private_hosts: ['127.0.0.1']
                receivers: [{name: webhook, webhook: {url: 'http://127.0.0.1:%d/', secret: 'file:%s'}}]
                """.formatted(
                        webhook.getAddress().getPort(), secret));
    }

    private boolean report(double perSecond) {
        out.printf(
                Locale.ROOT,
                "%nWorkload latency: a deal of long ago every %d ms beside %,.0f events a second, half of what the system takes;"
                        + " checkpoints every %d ms, %d transactions on the way%n%n",
                BETWEEN.toMillis(),
                perSecond,
                INTERVAL_MILLIS,
                HOPS);
        out.println("| from the event to | alerts | p50 ms | p99 ms | longest ms | aim p99 ms |");
        out.println("|---|---|---|---|---|---|");
        line("its signal, committed", signalled, Integer.toString(allowed(1)));
        line("the alert topic", heard, Integer.toString(ALLOWED_MILLIS));
        line("a webhook, by the relay", received, "");
        out.flush();
        long lost =
                sent.keySet().stream().filter(deal -> !heard.containsKey(deal)).count();
        if (lost > 0) {
            out.println(lost + " alerts did not come");
        }
        return lost == 0;
    }

    private void line(String name, Map<String, Long> times, String aim) {
        List<Double> millis = sent.keySet().stream()
                .filter(times::containsKey)
                .map(deal -> (times.getOrDefault(deal, 0L) - sent.getOrDefault(deal, 0L)) / 1e6)
                .sorted()
                .toList();
        if (millis.isEmpty()) {
            out.printf("| %s | 0 | | | | %s |%n", name, aim);
            return;
        }
        out.printf(
                Locale.ROOT,
                "| %s | %,d | %,.0f | %,.0f | %,.0f | %s |%n",
                name,
                millis.size(),
                millis.get((millis.size() - 1) / 2),
                millis.get((int) Math.ceil(0.99 * millis.size()) - 1),
                millis.get(millis.size() - 1),
                aim);
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
