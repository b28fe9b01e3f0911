package dev.weir.local;

import java.nio.file.Files;
import java.nio.file.Path;

/** Main of the Kafka child: formats the log directory once, then is the broker. One JVM instead of two saves two seconds. */
public final class Broker {
    private Broker() {}

    /** Arguments: server.properties, cluster id, log directory. */
    public static void main(String[] args) {
        Tether.hold();
        if (!Files.exists(Path.of(args[2], "meta.properties"))) {
            String[] format = {"format", "--cluster-id", args[1], "--config", args[0], "--ignore-formatted"};
            int code = kafka.tools.StorageTool.execute(format, System.out);
            if (code != 0) {
                System.exit(code);
            }
        }
        kafka.Kafka.main(new String[] {args[0]});
    }
}
