package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.event.DealResolver;
import dev.weir.machine.Horizon;
import dev.weir.machine.Merges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Path CLUSTER = Path.of("../deploy/cluster");
    private static final String MINIMAL =
            "kafka:\n  bootstrap: b:9092\nwarehouse:\n  url: jdbc:postgresql://h/d\n  user: u\n";

    @Test
    void theMinimalFileNeedsNoMore() throws IOException {
        Settings settings = Settings.read(CLUSTER.resolve("settings-minimal.yaml"));
        assertThat(settings.kafka().topicPrefix()).isEqualTo("weir.");
        assertThat(settings.outOfOrderness()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.idleAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.warehouse().passwordEnv()).isEqualTo("WEIR_WAREHOUSE_PASSWORD");
    }

    @Test
    void theReferenceNamesExactlyTheKnownKeysAndSaysTheirDefaults() throws IOException {
        Path file = CLUSTER.resolve("settings-reference.yaml");
        assertThat(keys(Files.readAllLines(file))).containsExactlyInAnyOrderElementsOf(Settings.knownKeys());
        Settings reference = Settings.read(file);
        Settings defaults = Settings.parse(MINIMAL, "m");
        assertThat(reference.outOfOrderness()).isEqualTo(defaults.outOfOrderness());
        assertThat(reference.idleAfter()).isEqualTo(defaults.idleAfter());
        assertThat(reference.kafka().partitions()).isEqualTo(defaults.kafka().partitions());
        assertThat(reference.kafka().transactionTimeout())
                .isEqualTo(defaults.kafka().transactionTimeout());
        assertThat(reference.keep()).isEqualTo(defaults.keep()).isEmpty();
    }

    @Test
    void theReferenceSaysEveryLimitThatIsNoSetting() throws IOException {
        assertThat(Files.readString(CLUSTER.resolve("settings-reference.yaml")))
                .contains(
                        number("# ", new DealResolver().limit(), " facts of one deal"),
                        number("# ", new Merges("", true).limit(), " merges of deals"),
                        number("# ", Merges.MOVES, " times that one id moves"),
                        number("# ", EventRules.EVENT_LIMIT, " bytes of one event"),
                        number("# ", EventRules.TEXT_LIMIT, " bytes of one text"),
                        number(", ", EventRules.KEY_LIMIT, " characters of one that may become a key"),
                        number("# ", EventRules.COUNT_LIMIT, " properties of one event"));
    }

    private static String number(String before, int limit, String after) {
        return (before.equals("# ") ? "#   " : before) + String.format(Locale.ROOT, "%,d", limit) + after;
    }

    @Test
    void aJobKeepsFactsForEverUnlessItIsTold() {
        assertThat(Settings.parse(MINIMAL, "m").horizon("cycle-time")).isEqualTo(Horizon.NONE);
        Settings told = Settings.parse(MINIMAL + "keep:\n  conversion: 800d\n  cycle_time: forever\n", "m");
        assertThat(told.horizon("conversion").millis())
                .isEqualTo(Duration.ofDays(800).toMillis());
        assertThat(told.horizon("cycle-time")).isEqualTo(Horizon.NONE);
        refused(MINIMAL + "keep:\n  conversion: never\n", "s.yaml:7: keep.conversion is not a length of time");
    }

    @Test
    void everyKeyOfTheReferenceMayBeSet() throws IOException {
        String all = Files.readString(CLUSTER.resolve("settings-reference.yaml"))
                .replace("  # password_env", "  #password_env")
                .replaceAll("(?m)^(\\s+)# ([a-z._]+: )", "$1$2");
        Settings settings = Settings.parse(all, "all");
        assertThat(settings.kafka().properties())
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.jaas.config", "${directory:/etc/weir:kafka-jaas}")
                .containsEntry("ssl.key.password", "${env:WEIR_KEY_PASSWORD}");
    }

    private static Set<String> keys(List<String> lines) {
        Pattern entry = Pattern.compile("^( *)(?:# )?([a-z._]+):(?: .*)?$");
        Set<String> keys = new LinkedHashSet<>();
        List<String> above = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = entry.matcher(line);
            if (matcher.matches() && !line.startsWith("#")) {
                int depth = matcher.group(1).length() / 2;
                above.subList(Math.min(depth, above.size()), above.size()).clear();
                above.add(matcher.group(2));
                keys.add(String.join(".", above));
            }
        }
        keys.removeAll(Set.of("kafka", "warehouse", "time", "keep", "kafka.properties", "kafka.secrets"));
        return keys;
    }

    @Test
    void everyFaultIsNamedWithItsLineAndMend() {
        refused(MINIMAL + "time:\n  idle: 3s\n", "s.yaml:7: unknown key 'idle'; known: out_of_orderness, idle_after");
        refused(MINIMAL + "tim:\n", "s.yaml:6: unknown key 'tim'; known: kafka, warehouse, time, keep");
        refused(MINIMAL + "time:\n  idle_after: 3 seconds\n", "s.yaml:7: time.idle_after is not a length of time");
        refused(
                "kafka:\n  bootstrap: b:1\n  schema.registry.url: http://me:hunter2@r\n",
                "s.yaml:3: kafka.schema.registry.url is not http://host:port");
        refused(MINIMAL + "kafka:\n", "s.yaml:6: key 'kafka' stands twice");
        refused("warehouse:\n  url: x\n", "kafka.bootstrap is missing");
        refused("kafka: [", "s.yaml:1: not YAML");
        refused("", "warehouse.user is missing");
        refused(
                "kafka:\n  bootstrap: b:1\n  properties:\n    sasl.jaas.config: secret\n",
                "s.yaml:4: 'sasl.jaas.config' is a secret");
        refused(
                "kafka:\n  bootstrap: b:1\n  properties:\n    ssl.engine.factory.class: evil\n",
                "s.yaml:4: unknown key 'ssl.engine.factory.class'");
        refused(
                "kafka:\n  bootstrap: b:1\n  secrets:\n    ssl.key.password: hunter2\n",
                "is not env:NAME or file:/path");
    }

    private static void refused(String text, String fault) {
        assertThatThrownBy(() -> Settings.parse(text, "s.yaml"))
                .isInstanceOf(BadSettings.class)
                .hasMessageContaining(fault)
                .hasMessageNotContaining("hunter2");
    }
}
