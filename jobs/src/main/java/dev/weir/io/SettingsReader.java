package dev.weir.io;

import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Settings out of YAML; gathers every fault before it gives up. */
final class SettingsReader {
    private static final String REGISTRY = "kafka.schema.registry.url";

    /** Kafka's own properties that may be set; those that load classes or change what Weir promises are not here. */
    private static final List<String> PROPERTIES = List.of(
            "client.dns.lookup",
            "client.rack",
            "sasl.kerberos.service.name",
            "sasl.mechanism",
            "sasl.oauthbearer.scope.claim.name",
            "sasl.oauthbearer.sub.claim.name",
            "sasl.oauthbearer.token.endpoint.url",
            "security.protocol",
            "ssl.cipher.suites",
            "ssl.enabled.protocols",
            "ssl.endpoint.identification.algorithm",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.location",
            "ssl.keystore.type",
            "ssl.protocol",
            "ssl.truststore.certificates",
            "ssl.truststore.location",
            "ssl.truststore.type");

    private static final List<String> SECRETS = List.of(
            "sasl.jaas.config",
            "ssl.key.password",
            "ssl.keystore.key",
            "ssl.keystore.password",
            "ssl.truststore.password");

    static final Set<String> KNOWN = known();

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9._-]{0,100}");
    private static final Pattern SERVERS = Pattern.compile("[^\\s,:/]+:[0-9]{1,5}(,\\s*[^\\s,:/]+:[0-9]{1,5})*");
    private static final Pattern VARIABLE = Pattern.compile("env:([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern REGISTRY_URL = Pattern.compile("https?://[^\\s/?#@]+(/[^\\s?#@]*)?");
    private static final int MAX_PARTITIONS = 10_000;

    private record Value(String text, int line) {}

    private final String name;
    private final List<String> faults = new ArrayList<>();
    private final Map<String, Value> values = new LinkedHashMap<>();

    SettingsReader(String name) {
        this.name = name;
    }

    private static Set<String> known() {
        Set<String> known = new LinkedHashSet<>(List.of(
                "kafka.bootstrap",
                "kafka.topic_prefix",
                "kafka.partitions",
                "kafka.transaction_timeout",
                REGISTRY,
                "warehouse.url",
                "warehouse.user",
                "warehouse.password_file",
                "warehouse.password_env",
                "time.out_of_orderness",
                "time.idle_after",
                "keep.conversion",
                "keep.cycle_time"));
        PROPERTIES.forEach(property -> known.add("kafka.properties." + property));
        SECRETS.forEach(secret -> known.add("kafka.secrets." + secret));
        return Collections.unmodifiableSet(known);
    }

    Settings read(String text) {
        Node root = root(text);
        if (root != null) {
            section("", root);
        }
        Settings settings = new Settings(
                new Settings.Kafka(
                        bootstrap(),
                        matching("kafka.topic_prefix", "weir.", PREFIX, "letters, digits, '.', '_' and '-'"),
                        partitions(),
                        duration("kafka.transaction_timeout", Duration.ofMinutes(10)),
                        properties(),
                        registry()),
                warehouse(),
                duration("time.out_of_orderness", Duration.ofSeconds(5)),
                duration("time.idle_after", Duration.ofSeconds(30)),
                keep());
        if (!faults.isEmpty()) {
            throw new BadSettings(faults);
        }
        return settings;
    }

    private @Nullable Node root(String text) {
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            fault(e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1, "not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            fault(1, "not YAML: " + e.getMessage());
        }
        return null;
    }

    private void section(String path, Node node) {
        if (!(node instanceof MappingNode section)) {
            if (!node.getTag().equals(Tag.NULL)) {
                fault(
                        line(node),
                        path.isEmpty() ? "write sections with keys" : path + " is a section: write keys under it");
            }
            return;
        }
        Set<String> seen = new LinkedHashSet<>();
        for (NodeTuple entry : section.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            if (!seen.add(key)) {
                fault(line(entry.getKeyNode()), "key '" + key + "' stands twice");
            } else {
                entry(path.isEmpty() ? key : path + "." + key, key, entry);
            }
        }
    }

    private void entry(String path, String key, NodeTuple entry) {
        int line = line(entry.getKeyNode());
        Node value = entry.getValueNode();
        if (KNOWN.contains(path)) {
            if (!(value instanceof ScalarNode scalar)) {
                fault(line(value), path + " is one value, not a list or section");
            } else if (!scalar.getTag().equals(Tag.NULL)) {
                values.put(path, new Value(scalar.getValue().strip(), line));
            }
        } else if (KNOWN.stream().anyMatch(known -> known.startsWith(path + ".")) && isSection(path)) {
            section(path, value);
        } else {
            String above = path.length() == key.length() ? "" : path.substring(0, path.length() - key.length());
            fault(
                    line,
                    SECRETS.contains(key) && above.equals("kafka.properties.")
                            ? "'" + key + "' is a secret: write it under kafka.secrets, as env:NAME or file:/path"
                            : "unknown key '" + key + "'; known: " + String.join(", ", knownUnder(above)));
        }
    }

    private static boolean isSection(String path) {
        return Set.of("kafka", "warehouse", "time", "keep", "kafka.properties", "kafka.secrets")
                .contains(path);
    }

    private static Set<String> knownUnder(String above) {
        boolean whole = above.equals("kafka.properties.") || above.equals("kafka.secrets.");
        Set<String> under = new LinkedHashSet<>();
        for (String known : KNOWN) {
            if (known.startsWith(above)) {
                String rest = known.substring(above.length());
                under.add(
                        whole || (above.equals("kafka.") && known.equals(REGISTRY)) || rest.indexOf('.') < 0
                                ? rest
                                : rest.substring(0, rest.indexOf('.')));
            }
        }
        return under;
    }

    private String bootstrap() {
        if (!values.containsKey("kafka.bootstrap")) {
            fault(1, "kafka.bootstrap is missing: write the brokers as host:port, with commas between");
            return "";
        }
        return matching("kafka.bootstrap", "", SERVERS, "host:port, with commas between");
    }

    private @Nullable String registry() {
        String url = text(REGISTRY);
        if (url != null && !REGISTRY_URL.matcher(url).matches()) {
            fault(REGISTRY, REGISTRY + " is not http://host:port or https://host:port, without a password");
        }
        return url == null ? null : url.replaceAll("/+$", "");
    }

    private Warehouse warehouse() {
        if (values.containsKey("warehouse.password_file") && values.containsKey("warehouse.password_env")) {
            fault("warehouse.password_env", "write password_file or password_env, not both");
        }
        String url = required("warehouse.url", "jdbc:postgresql://host:port/database");
        if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
            fault("warehouse.url", "warehouse.url is not jdbc:postgresql://host:port/database");
        }
        return new Warehouse(
                url,
                required("warehouse.user", "the login that writes"),
                text("warehouse.password_file"),
                text("warehouse.password_env"));
    }

    private String required(String key, String what) {
        String text = text(key);
        if (text == null || text.isEmpty()) {
            fault(1, key + " is missing: write " + what);
            return "";
        }
        return text;
    }

    private int partitions() {
        String text = text("kafka.partitions");
        if (text == null) {
            return 4;
        }
        if (text.matches("[1-9][0-9]{0,4}") && Integer.parseInt(text) <= MAX_PARTITIONS) {
            return Integer.parseInt(text);
        }
        fault("kafka.partitions", "kafka.partitions is not a whole number from 1 to " + MAX_PARTITIONS);
        return 1;
    }

    /** Secrets as references that Kafka's own clients resolve when they open a connection. */
    private Map<String, String> properties() {
        Map<String, String> properties = new TreeMap<>();
        for (String property : PROPERTIES) {
            String text = text("kafka.properties." + property);
            if (text != null && text.contains("${")) {
                fault(
                        "kafka.properties." + property,
                        property + " may not refer to anything: secrets go under secrets");
            } else if (text != null) {
                properties.put(property, text);
            }
        }
        for (String secret : SECRETS) {
            String text = text("kafka.secrets." + secret);
            if (text != null) {
                properties.put(secret, reference("kafka.secrets." + secret, text));
                properties.put("config.providers", "env,directory");
                properties.put(
                        "config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
                properties.put(
                        "config.providers.directory.class",
                        "org.apache.kafka.common.config.provider.DirectoryConfigProvider");
            }
        }
        return properties;
    }

    private String reference(String key, String text) {
        Matcher variable = VARIABLE.matcher(text);
        if (variable.matches()) {
            return "${env:" + variable.group(1) + "}";
        }
        Path file = text.startsWith("file:/") && !text.contains("}") ? Path.of(text.substring(5)) : null;
        if (file != null && file.getFileName() != null && !text.substring(5).contains(":")) {
            return "${directory:" + file.getParent() + ":" + file.getFileName() + "}";
        }
        fault(key, key + " is not env:NAME or file:/path");
        return "";
    }

    private Map<String, Duration> keep() {
        Map<String, Duration> keep = new TreeMap<>();
        for (String job : List.of("conversion", "cycle-time")) {
            String key = "keep." + job.replace('-', '_');
            String text = text(key);
            if (text != null && !text.equals("forever")) {
                keep.put(job, duration(key, Duration.ofDays(1)));
            }
        }
        return keep;
    }

    private Duration duration(String key, Duration otherwise) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            fault(key, key + " is not a length of time: write 500ms, 5s, 2m, 1h or 10d");
            return otherwise;
        }
        long n = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    private String matching(String key, String otherwise, Pattern pattern, String what) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        if (!pattern.matcher(text).matches()) {
            fault(key, key + " is not " + what);
        }
        return text;
    }

    private @Nullable String text(String key) {
        Value value = values.get(key);
        return value == null ? null : value.text();
    }

    private void fault(String key, String what) {
        Value value = values.get(key);
        fault(value == null ? 1 : value.line(), what);
    }

    private void fault(int line, String what) {
        faults.add(name + ":" + line + ": " + what);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
