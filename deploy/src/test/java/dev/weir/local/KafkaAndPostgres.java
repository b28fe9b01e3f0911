package dev.weir.local;

import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Unreachable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real broker and a real warehouse with nobody who writes to it, for tests that do so themselves. */
public final class KafkaAndPostgres implements AutoCloseable {
    private final Home home;
    private final LocalKafka kafka;
    private final LocalPostgres postgres;

    private KafkaAndPostgres(Home home, LocalKafka kafka, LocalPostgres postgres) {
        this.home = home;
        this.kafka = kafka;
        this.postgres = postgres;
    }

    public static KafkaAndPostgres start(Path folder) {
        Home home = Home.claim(folder);
        Ports ports = Ports.ANY.free();
        LocalPostgres postgres = LocalPostgres.start(home, ports.postgres());
        return new KafkaAndPostgres(home, LocalKafka.start(home, ports.kafka(), Map.of()), postgres);
    }

    public LocalPostgres postgres() {
        return postgres;
    }

    /** What names both, with every topic there. */
    public Settings settings() throws IOException, Unreachable {
        Settings settings = Settings.parse(
                """
                kafka: {bootstrap: '%s'}
                warehouse: {url: '%s', user: '%s', password_file: '%s'}
                """.formatted(
                                kafka.bootstrap(),
                                postgres.url(),
                                LocalPostgres.WRITER,
                                postgres.passwordFile(LocalPostgres.WRITER)),
                "test");
        Topics.ensure(settings, true);
        return settings;
    }

    /** The password of the owner of the tables. */
    public String ownerPassword() throws IOException {
        return Files.readString(postgres.passwordFile(LocalPostgres.OWNER)).strip();
    }

    @Override
    public void close() {
        kafka.close();
        postgres.close();
        home.close();
    }
}
