package dev.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/** One Kafka broker, its own controller (KRaft), as a child process on 127.0.0.1. It keeps records for ever. */
public final class LocalKafka implements AutoCloseable {
    private final Child child;
    private final int port;

    private LocalKafka(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    /** {@code more} lies over the broker's usual settings. */
    static LocalKafka start(Home home, int port, Map<String, String> more) {
        Path logs = home.data("kafka");
        try {
            Files.createDirectories(logs);
            Path settings = home.run().resolve("kafka.properties");
            // Of a key that is there twice the later counts.
            StringBuilder text = new StringBuilder(settings(port, Tools.freePort(), logs));
            more.forEach(
                    (key, value) -> text.append(key).append('=').append(value).append('\n'));
            Files.writeString(settings, text);
            Child child = Child.java(
                    home,
                    "kafka",
                    Home.classpath(),
                    Stream.concat(Child.LEAN.stream(), Stream.of("-Xms128m", "-Xmx512m", "-XX:MaxMetaspaceSize=160m"))
                            .toList(),
                    List.of(
                            Broker.class.getName(),
                            settings.toString(),
                            Uuid.randomUuid().toString(),
                            logs.toString()));
            return new LocalKafka(child, port).ready();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String settings(int port, int controller, Path logs) {
        return """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@127.0.0.1:%2$d
                log.dirs=%3$s
                num.partitions=2
                auto.create.topics.enable=false
                log.retention.ms=-1
                message.max.bytes=4194304
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=2
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=2
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                log.cleaner.dedupe.buffer.size=16777216
                """.formatted(port, controller, logs);
    }

    private LocalKafka ready() {
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(),
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 100,
                AdminClientConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 100);
        try {
            child.await(Duration.ofSeconds(60), () -> listens(port));
            try (Admin admin = Admin.create(settings)) {
                child.await(Duration.ofSeconds(60), () -> !admin.describeCluster()
                        .nodes()
                        .get(5, TimeUnit.SECONDS)
                        .isEmpty());
            }
            return this;
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static boolean listens(int port) throws IOException {
        try (java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        }
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    Child child() {
        return child;
    }

    @Override
    public void close() {
        child.stop();
    }
}
