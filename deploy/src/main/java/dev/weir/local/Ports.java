package dev.weir.local;

/** Where the three are reached on 127.0.0.1; 0 means any free one. */
public record Ports(int kafka, int postgres, int flink) {
    /** Beside the usual ports of these three, not on them: a newcomer may have one of them running. */
    public static final Ports USUAL = new Ports(19092, 15432, 18081);

    public static final Ports ANY = new Ports(0, 0, 0);

    Ports free() {
        return new Ports(
                Tools.port(kafka, "Kafka", "--kafka-port"),
                Tools.port(postgres, "PostgreSQL", "--postgres-port"),
                Tools.port(flink, "Flink", "--flink-port"));
    }
}
