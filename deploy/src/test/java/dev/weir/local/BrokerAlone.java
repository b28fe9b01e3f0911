package dev.weir.local;

import java.nio.file.Path;
import java.util.Map;

/** Kafka as a process of this machine, without the rest of the system. */
public final class BrokerAlone implements AutoCloseable {
    private final Home home;
    private final LocalKafka kafka;

    private BrokerAlone(Home home, LocalKafka kafka) {
        this.home = home;
        this.kafka = kafka;
    }

    public static BrokerAlone start(Path folder) {
        Home home = Home.claim(folder);
        return new BrokerAlone(home, LocalKafka.start(home, Tools.freePort(), Map.of()));
    }

    public String bootstrap() {
        return kafka.bootstrap();
    }

    @Override
    public void close() {
        kafka.close();
        home.close();
    }
}
