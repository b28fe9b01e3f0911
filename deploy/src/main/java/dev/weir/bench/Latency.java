package dev.weir.bench;

import com.sun.net.httpserver.HttpServer;
import dev.weir.avro.Deal;
import dev.weir.cli.Groundwork;
import dev.weir.cli.ReceiversOption;
import dev.weir.cli.Submit;
import dev.weir.event.DealChange;
import dev.weir.io.AlertFeed;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Unreachable;
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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * From an event to the alert that it calls for, on the real local system: a deal that is heard of for the first time and has
 * stood still for too long. Two jobs and two transactions lie between: cycle-time to the signal topic, anomaly to the alert topic.
 *
 * <p>First the system is given more than it can take, to know how much that is; then half of it, and now and then such a deal.
 * No part waits for the watermark: it is ahead of what is asked.
 */
final class Latency {
    private static final int INTERVAL_MILLIS = 500;
    private static final int HOPS = 2;
    private static final int ALLOWED_MILLIS = HOPS * INTERVAL_MILLIS + 500;
    private static final int DEALS = 20_000;
    private static final int FLOOD = 100_000;
    private static final Duration BETWEEN = Duration.ofMillis(97); // no divisor of the checkpoint interval
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
    /** When each asking deal was sent, heard of on the topic, and heard of by a webhook, in nanoseconds. */
    private final Map<String, Long> sent = new ConcurrentHashMap<>();

    private final Map<String, Long> heard = new ConcurrentHashMap<>();
    private final Map<String, Long> received = new ConcurrentHashMap<>();
    private long number;
    private long asked;

    Latency(Duration lasts, PrintWriter out, Consumer<String> say) {
        this.lasts = lasts;
        this.out = out;
        this.say = say;
    }

    /** Measures; true when every alert came. */
    boolean measure() throws Exception {
        Path home = Files.createTempDirectory("weir-latency");
        HttpServer webhook = webhook();
        try (LocalSystem system = LocalSystem.start(LocalSystem.Options.lively(home, Ports.ANY, true), say)) {
            Settings settings = Groundwork.lay(system);
            Path playbook = Files.writeString(home.resolve("playbook.yaml"), PLAYBOOK);
            for (Submission submission : Submit.all(playbook, system.settings(), Submit.jar(null))) {
                system.flink().submit(submission);
            }
            Receivers receivers = Receivers.read(receivers(home, webhook));
            Thread listener = new Thread(() -> listen(settings), "listener");
            listener.setDaemon(true);
            listener.start();
            try (Relay relay = ReceiversOption.start(settings, receivers, say);
                    KafkaProducer<byte[], byte[]> producer = producer(settings)) {
                say.accept("warming up; alerts go to " + relay.delivering());
                String topic = Topics.name(settings, Topics.DEAL);
                flood(producer, topic);
                double most = flood(producer, topic);
                say.accept(String.format(Locale.ROOT, "takes %,.0f events a second; now half of it", most));
                half(producer, topic, most / 2);
                return report(most / 2);
            }
        } finally {
            webhook.stop(0);
            delete(home);
        }
    }

    /** How many events a second the system takes: until the answer to a question behind the last of them. */
    private double flood(KafkaProducer<byte[], byte[]> producer, String topic) throws InterruptedException {
        long began = System.nanoTime();
        for (int i = 0; i < FLOOD; i++) {
            move(producer, topic);
        }
        producer.flush();
        List<String> last = Stream.generate(() -> ask(producer, topic)).limit(8).toList(); // every partition has some
        for (String deal : last) {
            await(deal);
        }
        sent.clear();
        return FLOOD / ((System.nanoTime() - began) / 1e9);
    }

    private void half(KafkaProducer<byte[], byte[]> producer, String topic, double perSecond)
            throws InterruptedException {
        long began = System.nanoTime();
        long moved = 0;
        String last = "";
        for (long tick = 1; System.nanoTime() - began < lasts.toNanos(); tick++) {
            last = ask(producer, topic);
            long until = began + tick * BETWEEN.toNanos();
            while (System.nanoTime() < until) {
                long due = (long) ((System.nanoTime() - began) / 1e9 * perSecond);
                for (; moved < due; moved++) {
                    move(producer, topic);
                }
                Thread.sleep(2);
            }
        }
        await(last);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!(heard.keySet().containsAll(sent.keySet()) && received.keySet().containsAll(sent.keySet()))
                && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
    }

    private void await(String deal) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!heard.containsKey(deal)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("no alert about " + deal + " after " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(1);
        }
    }

    /** A deal goes on, as of now. */
    private void move(KafkaProducer<byte[], byte[]> producer, String topic) {
        long n = number++;
        boolean first = n < DEALS;
        send(producer, topic, "m" + n, "d" + n % DEALS, first, n / DEALS % 2 == 0 ? "lead" : "offer", Instant.now());
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
