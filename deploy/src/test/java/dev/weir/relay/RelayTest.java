package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.weir.alert.Alert;
import dev.weir.alert.AlertTables;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Wire;
import dev.weir.local.BrokerAlone;
import dev.weir.local.Home;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The relay between a real broker and real receivers: HTTP servers, an SMTP server, Alertmanager. */
@Tag("slow")
class RelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ALERTS = 12;

    @SuppressWarnings("NullAway.Init") // the first method sets it
    private static BrokerAlone broker;

    @TempDir
    private static Path home = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void start() {
        broker = BrokerAlone.start(home);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void deadReceiversHoldUpNoOtherAndEachHearsOfEachAlertOnceByItsKey() throws Exception {
        Settings settings = settings("a.");
        GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        try (HttpReceiver well = new HttpReceiver(HttpReceiver.WELL);
                HttpReceiver failing = new HttpReceiver(HttpReceiver.failing(2));
                HttpReceiver dropping = new HttpReceiver(HttpReceiver.dropping(2));
                HttpReceiver silent = new HttpReceiver(HttpReceiver.silent(1));
                HttpReceiver dead = new HttpReceiver(HttpReceiver.failing(Integer.MAX_VALUE));
                HttpReceiver slack = new HttpReceiver(HttpReceiver.SLACK)) {
            Path receivers = receivers(Stream.of(
                            webhook("well", well),
                            webhook("failing", failing),
                            webhook("dropping", dropping),
                            webhook("silent", silent),
                            webhook("dead", dead),
                            "{name: slack, slack: {token: 'file:%s', channel: '#revenue', api: '%s'}}"
                                    .formatted(secret(), slack.url()),
                            "{name: mail, mail: {host: 127.0.0.1, port: %d, security: none, from: weir@acme.example, to: ana@acme.example}}"
                                    .formatted(smtp.getSmtp().getPort()))
                    .toList());
            List<String> said = new ArrayList<>();
            try (Relay relay = Relay.start(settings, Receivers.read(receivers), Clock.systemUTC(), line -> {
                synchronized (said) {
                    said.add(line);
                }
            })) {
                publish(settings, false, List.of(Alerts.firing("phantom")));
                publish(settings, true, firing());
                for (HttpReceiver receiver : List.of(well, failing, dropping, silent)) {
                    await(() -> receiver.byKey().size() == ALERTS);
                }
                await(() -> smtp.getReceivedMessages().length == ALERTS);
                await(() -> slack.taken().size() == ALERTS);

                // The same again as the warehouse publishes it, which writes evidence in other words, and then the end
                // of some.
                publish(
                        settings,
                        true,
                        firing().stream().map(RelayTest::rewritten).toList());
                List<Alert> ends = new ArrayList<>();
                for (int i = 0; i < ALERTS; i += 2) {
                    ends.add(Alerts.as(i % 4 == 0 ? Alert.RESOLVED : Alert.RETRACTED, Alerts.firing("alert-" + i)));
                }
                publish(settings, true, ends);
                for (HttpReceiver receiver : List.of(well, failing, dropping, silent)) {
                    await(() -> receiver.byKey().size() == ALERTS + ends.size());
                    assertThat(receiver.byKey().stream().map(HttpReceiver.Request::pair))
                            .doesNotHaveDuplicates();
                    assertThat(receiver.byKey()).noneMatch(r -> r.pair().startsWith("phantom"));
                    assertThat(statuses(receiver, Alert.RESOLVED)).isEqualTo(3);
                    assertThat(statuses(receiver, Alert.RETRACTED)).isEqualTo(3);
                }
                assertThat(well.taken()).as("nothing was tried twice").hasSize(ALERTS + ends.size());
                assertThat(dropping.taken().size())
                        .isGreaterThan(dropping.byKey().size());
                assertThat(dead.taken()).isEmpty();
                assertThat(relay.delivering()).isNotEmpty();
                signed(well.taken().get(0));
                await(() -> smtp.getReceivedMessages().length == ALERTS + ends.size());
                mails(smtp.getReceivedMessages());
                // Each end edits its message and says so in its thread.
                await(() -> slack.taken().size() == ALERTS + 2 * ends.size());
                assertThat(slack.taken().stream().filter(r -> r.path().endsWith("chat.update")))
                        .hasSize(ends.size());
                assertThat(slack.taken().stream().filter(r -> r.body().contains("thread_ts")))
                        .hasSize(ends.size());
                assertThat(slack.taken())
                        .allMatch(r -> "Bearer hunter2".equals(r.headers().get("authorization")));
            }
            synchronized (said) {
                assertThat(said).anyMatch(line -> line.startsWith("dead: 127.0.0.1 answered 500"));
                assertThat(String.join("\n", said)).doesNotContain("hunter2");
            }
        } finally {
            smtp.stop();
        }
    }

    @Test
    void aRelayThatIsKilledLosesNoneAndSaysNothingTwiceUnderAnotherKey() throws Exception {
        Settings settings = settings("b.");
        Path settingsFile = folder.resolve("settings.yaml");
        Files.writeString(settingsFile, yaml("b."));
        int kills = 3;
        try (HttpReceiver receiver = new HttpReceiver(HttpReceiver.WELL)) {
            Path receivers = receivers(List.of(webhook("one", receiver)));
            List<Alert> alerts = IntStream.range(0, 300)
                    .mapToObj(i -> Alerts.firing("k" + i))
                    .toList();
            Process relay = relay(settingsFile, receivers);
            try {
                publish(settings, true, alerts);
                for (int kill = 1; kill <= kills; kill++) {
                    int enough = kill * 60;
                    await(() -> receiver.attempts() >= enough);
                    relay.destroyForcibly().waitFor();
                    relay = relay(settingsFile, receivers);
                }
                await(() -> receiver.byKey().size() >= alerts.size());
                List<Alert> resolved =
                        alerts.stream().map(a -> Alerts.as(Alert.RESOLVED, a)).toList();
                publish(settings, true, resolved);
                await(() -> statuses(receiver, Alert.RESOLVED) == alerts.size());
            } finally {
                relay.destroyForcibly().waitFor();
            }
            assertThat(receiver.byKey().stream().map(HttpReceiver.Request::pair))
                    .doesNotHaveDuplicates();
            assertThat(new TreeSet<>(receiver.byKey().stream()
                            .map(r -> String.valueOf(r.alert().get("alert_id")))
                            .toList()))
                    .isEqualTo(new TreeSet<>(alerts.stream().map(Alert::alertId).toList()));
            assertThat(receiver.byKey()).hasSize(2 * alerts.size());
            assertThat(receiver.taken().size())
                    .as("a kill doubles one at most")
                    .isLessThanOrEqualTo(2 * alerts.size() + kills);
        }
    }

    @Test
    void alertmanagerShowsWhatStandsForAsLongAsItStands() throws Exception {
        Path binary = alertmanager();
        assumeTrue(binary != null, "no prometheus-alertmanager: Debian's package has it, scripts/test fetches it");
        Settings settings = settings("c.");
        int port = freePort();
        Path config = folder.resolve("alertmanager.yml");
        Files.writeString(config, "route: {receiver: none}\nreceivers: [{name: none}]\n");
        Process alertmanager = new ProcessBuilder(
                        String.valueOf(binary),
                        "--config.file=" + config,
                        "--storage.path=" + folder.resolve("alertmanager"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--cluster.listen-address=")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("alertmanager.log").toFile())
                .start();
        Path receivers =
                receivers(List.of("{name: am, alertmanager: {url: 'http://127.0.0.1:" + port + "', repeat: 1s}}"));
        try (Relay relay = Relay.start(settings, Receivers.read(receivers), Clock.systemUTC(), line -> {})) {
            publish(settings, true, List.of(Alerts.firing("stands"), Alerts.firing("ends"), Alerts.firing("never")));
            await(() -> active(port).equals(List.of("ends", "never", "stands")));
            publish(
                    settings,
                    true,
                    List.of(
                            Alerts.as(Alert.RESOLVED, Alerts.firing("ends")),
                            Alerts.as(Alert.RETRACTED, Alerts.firing("never"))));
            await(() -> active(port).equals(List.of("stands")));
            // Posted again, so that it is not taken for resolved after five minutes.
            String heard = updated(port);
            await(() -> !updated(port).equals(heard));
            assertThat(relay.delivering()).isNotEmpty();
            assertThat(get(port))
                    .contains("\"startsAt\":\"" + Alerts.START.toString().replace("Z", ".000Z"));
        } finally {
            alertmanager.destroyForcibly().waitFor();
        }
    }

    private static List<Alert> firing() {
        return IntStream.range(0, ALERTS)
                .mapToObj(i -> Alerts.firing("alert-" + i))
                .toList();
    }

    private static Alert rewritten(Alert alert) {
        return new Alert(
                alert.alertId(),
                alert.kind(),
                alert.severity(),
                alert.status(),
                alert.metric(),
                alert.breakdown(),
                alert.value(),
                alert.subject(),
                alert.team(),
                alert.ownerId(),
                alert.summary(),
                alert.startedAt(),
                alert.endedAt(),
                "{\"to\": 20.50, \"from\": 5}",
                alert.verdict(),
                alert.delivery(),
                alert.deliverAfter(),
                alert.runbook(),
                alert.cause(),
                alert.confidence(),
                alert.acknowledgedBy(),
                alert.definition(),
                alert.deleted());
    }

    private static long statuses(HttpReceiver receiver, String status) {
        return receiver.byKey().stream()
                .filter(r -> status.equals(r.alert().get("status")))
                .count();
    }

    private static void signed(HttpReceiver.Request request) {
        String timestamp = Objects.requireNonNull(request.headers().get("weir-timestamp"));
        assertThat(request.headers().get("weir-signature"))
                .isEqualTo("sha256=" + WebhookTeller.signature("hunter2", timestamp, request.body()));
        assertThat(Math.abs(Long.parseLong(timestamp) - System.currentTimeMillis() / 1000))
                .isLessThan(600);
    }

    private static void mails(MimeMessage[] mails) throws Exception {
        List<String> ids = new ArrayList<>();
        for (MimeMessage mail : mails) {
            ids.add(mail.getMessageID());
            assertThat(mail.getHeader("References")).hasSize(1);
            assertThat(mail.getAllRecipients()).hasSize(1);
        }
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(mails[0].getSubject()).isEqualTo("Firing: bottleneck, warning (sales): sales/legal");
        assertThat(String.valueOf(mails[0].getContent())).contains("it was 5.", "https://wiki.acme.example/legal");
        assertThat(mails[mails.length - 1].getSubject()).matches("(Resolved|Taken back): .*");
    }

    // Around it.

    private static Settings settings(String prefix) throws Exception {
        Settings settings = Settings.parse(yaml(prefix), "test");
        Topics.ensure(settings, true);
        return settings;
    }

    private static String yaml(String prefix) {
        return "kafka: {bootstrap: '%s', topic_prefix: %s, partitions: 2}\nwarehouse: {url: 'jdbc:postgresql://h/d', user: u}\n"
                .formatted(broker.bootstrap(), prefix);
    }

    private Path receivers(List<String> receivers) throws IOException {
        Path file = folder.resolve("receivers.yaml");
        String list = String.join("\n  - ", receivers);
        Files.writeString(file, "private_hosts: ['127.0.0.1']\nreceivers:\n  - " + list + "\n");
        return file;
    }

    private Path secret() throws IOException {
        return Files.writeString(folder.resolve("secret"), "hunter2\n");
    }

    private String webhook(String name, HttpReceiver receiver) throws IOException {
        return "{name: %s, webhook: {url: '%s', secret: 'file:%s'}}".formatted(name, receiver.url(), secret());
    }

    /** As the anomaly job does: in a transaction, each under the key of its row. */
    private static void publish(Settings settings, boolean commit, List<Alert> alerts) {
        Properties properties = settings.kafka().client();
        properties.put("transactional.id", "test");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (Alert alert : alerts) {
                byte[] key = alert.row(0).key(AlertTables.ALERT).getBytes(StandardCharsets.UTF_8);
                var unused = producer.send(
                        new ProducerRecord<>(Topics.name(settings, Topics.ALERT), key, Wire.encode(alert.row(0))));
            }
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private Process relay(Path settings, Path receivers) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.cli.Weir",
                        "relay",
                        "--settings",
                        settings.toString(),
                        "--receivers",
                        receivers.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("relay.log").toFile()))
                .start();
    }

    private static void await(Callable<Boolean> holds) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.call()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static @Nullable Path alertmanager() {
        return Stream.concat(
                        Stream.of(Home.project().resolve(".weir/build/alertmanager/usr/bin")),
                        Stream.of(System.getenv("PATH").split(":", -1)).map(Path::of))
                .map(bin -> bin.resolve("prometheus-alertmanager"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String get(int port) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v2/alerts?active=true");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String updated(int port) throws Exception {
        Matcher time = Pattern.compile("\"updatedAt\":\"([^\"]*)\"").matcher(get(port));
        return time.find() ? time.group(1) : "";
    }

    private static List<String> active(int port) throws Exception {
        List<String> ids = new ArrayList<>();
        try {
            Matcher id = Pattern.compile("\"alert_id\":\"([^\"]*)\"").matcher(get(port));
            while (id.find()) {
                ids.add(id.group(1));
            }
        } catch (java.net.ConnectException notUpYet) {
            return List.of();
        }
        return ids.stream().sorted().toList();
    }
}
