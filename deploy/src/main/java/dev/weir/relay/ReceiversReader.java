package dev.weir.relay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.PlaybookProblems.Problem;
import dev.weir.io.YamlText;
import dev.weir.playbook.Team;
import dev.weir.relay.Receiver.Filter;
import dev.weir.relay.Receiver.Means;
import dev.weir.relay.Receiver.Security;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Receivers out of YAML; gathers every fault before it gives up. */
final class ReceiversReader {
    private static final List<String> ROOT = List.of("playbook", "private_hosts", "owners", "receivers");
    private static final List<String> FILTERS = List.of("teams", "severities", "kinds");
    private static final Map<String, List<String>> MEANS = new LinkedHashMap<>();

    static {
        MEANS.put("slack", List.of("token", "channel", "otherwise", "api"));
        MEANS.put("slack_webhook", List.of("url"));
        MEANS.put("webhook", List.of("url", "secret"));
        MEANS.put("mail", List.of("host", "port", "security", "user", "password", "from", "to", "otherwise"));
        MEANS.put("alertmanager", List.of("url", "repeat"));
    }

    private static final Set<String> SEVERITIES = Set.of("info", "warning", "critical");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
    private static final Pattern CHANNEL = Pattern.compile("#?[\\p{L}\\p{N}_-]{1,80}");
    private static final Pattern REPEAT = Pattern.compile("([0-9]{1,4})(s|m)");
    private static final int MOST_RECEIVERS = 100;

    private final Path file;
    private final YamlText text = new YamlText(Set.of());
    private final List<Problem> problems = new ArrayList<>();
    private Map<String, Team> teams = Map.of();
    private Set<String> privateHosts = Set.of();

    ReceiversReader(Path file) {
        this.file = file;
    }

    Receivers read(String yaml) {
        text.add(file.toString(), yaml);
        problems.addAll(text.problems());
        JsonNode root = text.root();
        known(root, "", ROOT);
        teams = teams(root.path("playbook"));
        privateHosts = new HashSet<>(texts(root.path("private_hosts"), "/private_hosts").stream()
                .map(host -> host.toLowerCase(Locale.ROOT))
                .toList());
        Map<String, String> owners = owners(root.path("owners"));
        List<Receiver> receivers = receivers(root.path("receivers"));
        if (!problems.isEmpty()) {
            throw new BadReceivers(problems);
        }
        return new Receivers(new Hosts(privateHosts), new Receivers.Directory(teams, owners), receivers);
    }

    private Map<String, Team> teams(JsonNode playbook) {
        if (playbook.isMissingNode()) {
            return Map.of();
        }
        if (!playbook.isTextual()) {
            fault("/playbook", "write the file of the playbook, whose teams have channels and leads");
            return Map.of();
        }
        Path named = Path.of(playbook.textValue());
        return PlaybookLoader.load(file.toAbsolutePath().resolveSibling(named)).teams();
    }

    private Map<String, String> owners(JsonNode node) {
        Map<String, String> owners = new LinkedHashMap<>();
        if (!node.isMissingNode() && !node.isObject()) {
            fault("/owners", "write owners as a map of their ids to their addresses, as 'o1: ana@acme.example'");
        }
        for (Map.Entry<String, JsonNode> owner : node.properties()) {
            String pointer = YamlText.child("/owners", owner.getKey());
            owners.put(owner.getKey(), address(owner.getValue().asText(), pointer));
        }
        return owners;
    }

    private List<Receiver> receivers(JsonNode node) {
        List<Receiver> receivers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (!node.isArray() || node.isEmpty() || node.size() > MOST_RECEIVERS) {
            fault("/receivers", "write receivers as a list, of one to " + MOST_RECEIVERS);
            return receivers;
        }
        for (int i = 0; i < node.size(); i++) {
            String pointer = YamlText.child("/receivers", i);
            Receiver receiver = receiver(node.get(i), pointer);
            if (receiver != null) {
                if (!names.add(receiver.name())) {
                    fault(pointer + "/name", "there is another receiver '" + receiver.name() + "': names are unique");
                }
                receivers.add(receiver);
            }
        }
        return receivers;
    }

    private @Nullable Receiver receiver(JsonNode node, String pointer) {
        List<String> keys = new ArrayList<>(List.of("name"));
        keys.addAll(FILTERS);
        keys.addAll(MEANS.keySet());
        if (!known(node, pointer, keys)) {
            return null;
        }
        String name = text(node, "name", pointer, true);
        if (name != null && !NAME.matcher(name).matches()) {
            fault(pointer + "/name", "a name is of lower-case letters, digits, '-' and '_', at most 64");
        }
        List<String> means = MEANS.keySet().stream().filter(node::has).toList();
        if (means.size() != 1) {
            fault(pointer, "a receiver has one of " + String.join(", ", MEANS.keySet()));
            return null;
        }
        String key = means.get(0);
        String at = YamlText.child(pointer, key);
        if (!known(node.get(key), at, Objects.requireNonNull(MEANS.get(key)))) {
            return null;
        }
        Filter filter = filter(node, pointer);
        Means how = means(key, node.get(key), at);
        return name == null || how == null ? null : new Receiver(name, filter, how);
    }

    private Filter filter(JsonNode node, String pointer) {
        Set<String> named = new TreeSet<>(texts(node.path("teams"), pointer + "/teams"));
        if (!teams.isEmpty() && !teams.keySet().containsAll(named)) {
            named.removeAll(teams.keySet());
            fault(
                    pointer + "/teams",
                    "the playbook has no team " + String.join(", ", named) + "; it has "
                            + String.join(", ", new TreeSet<>(teams.keySet())));
        }
        Set<String> severities = new TreeSet<>(texts(node.path("severities"), pointer + "/severities"));
        if (!SEVERITIES.containsAll(severities)) {
            fault(pointer + "/severities", "a severity is one of info, warning, critical");
        }
        return new Filter(named, severities, new TreeSet<>(texts(node.path("kinds"), pointer + "/kinds")));
    }

    private @Nullable Means means(String key, JsonNode node, String pointer) {
        return switch (key) {
            case "slack" -> slack(node, pointer);
            case "slack_webhook" -> {
                Secret url = secret(node, "url", pointer, true);
                yield url == null ? null : new Receiver.SlackHook(url);
            }
            case "webhook" -> {
                URI url = url(node, "url", pointer, null);
                Secret secret = secret(node, "secret", pointer, true);
                yield url == null || secret == null ? null : new Receiver.Webhook(url, secret);
            }
            case "mail" -> mail(node, pointer);
            case "alertmanager" -> {
                URI url = url(node, "url", pointer, null);
                Duration repeat = repeat(text(node, "repeat", pointer, false), pointer + "/repeat");
                yield url == null ? null : new Receiver.Alertmanager(url, repeat);
            }
            default -> throw new IllegalStateException(key);
        };
    }

    private @Nullable Means slack(JsonNode node, String pointer) {
        Secret token = secret(node, "token", pointer, true);
        String channel = text(node, "channel", pointer, true);
        String otherwise = text(node, "otherwise", pointer, false);
        URI api = url(node, "api", pointer, "https://slack.com/api/");
        for (String name :
                channel == null || otherwise == null ? List.of("channel") : List.of("channel", "otherwise")) {
            if (channel != null && !CHANNEL.matcher(node.get(name).asText()).matches()) {
                fault(pointer + "/" + name, "a channel is written as \"#sales\", or as its id, or 'team'");
            }
        }
        if (Receiver.TEAM.equals(channel)) {
            needs(otherwise, "channel: team", "#revenue", pointer);
        }
        return token == null || channel == null || api == null
                ? null
                : new Receiver.Slack(token, channel, otherwise, api);
    }

    private void needs(@Nullable String otherwise, String what, String example, String pointer) {
        if (otherwise == null) {
            fault(pointer, what + " needs otherwise: where alerts without one go, such as \"" + example + "\"");
        }
        if (what.contains("team") && teams.isEmpty()) {
            fault(pointer, what + " needs a playbook that has teams: name its file as 'playbook:'");
        }
    }

    private @Nullable Means mail(JsonNode node, String pointer) {
        String host = text(node, "host", pointer, true);
        String security = Objects.requireNonNullElse(text(node, "security", pointer, false), "starttls");
        if (!Set.of("starttls", "tls", "none").contains(security)) {
            fault(pointer + "/security", "security is starttls, tls or none");
            return null;
        }
        if (security.equals("none") && host != null && !privateHosts.contains(host.toLowerCase(Locale.ROOT))) {
            fault(pointer + "/security", "security: none needs the host to be named under private_hosts");
        }
        int port = port(node.path("port"), security.equals("tls") ? 465 : 587, pointer + "/port");
        String user = text(node, "user", pointer, false);
        Secret password = secret(node, "password", pointer, user != null);
        String from = text(node, "from", pointer, true);
        List<String> to = texts(node.path("to"), pointer + "/to");
        String otherwise = text(node, "otherwise", pointer, false);
        if (to.isEmpty()) {
            fault(pointer, "to is missing: write addresses, 'team lead' or 'owner'");
        } else if (to.equals(List.of(Receiver.TEAM_LEAD)) || to.equals(List.of(Receiver.OWNER))) {
            needs(otherwise, "to: " + to.get(0), "revenue@acme.example", pointer);
        } else {
            to.forEach(address -> address(address, pointer + "/to"));
        }
        if (from != null) {
            address(from, pointer + "/from");
        }
        if (otherwise != null) {
            address(otherwise, pointer + "/otherwise");
        }
        return host == null || from == null
                ? null
                : new Receiver.Mail(
                        host,
                        port,
                        Security.valueOf(security.toUpperCase(Locale.ROOT)),
                        user,
                        password,
                        from,
                        to,
                        otherwise);
    }

    private int port(JsonNode node, int usual, String pointer) {
        if (node.isMissingNode()) {
            return usual;
        }
        if (node.isIntegralNumber() && node.canConvertToInt() && node.intValue() > 0 && node.intValue() <= 65_535) {
            return node.intValue();
        }
        fault(pointer, "a port is a number from 1 to 65535");
        return usual;
    }

    private String address(String address, String pointer) {
        if (!Mailer.isAddress(address)) {
            fault(pointer, "'" + Harmless.line(address, 80) + "' is no mail address: write it as ana@acme.example");
        }
        return address;
    }

    private Duration repeat(@Nullable String written, String pointer) {
        Matcher length = REPEAT.matcher(written == null ? "1m" : written);
        long seconds = length.matches()
                ? Long.parseLong(length.group(1)) * (length.group(2).equals("m") ? 60 : 1)
                : 0;
        if (seconds < 1 || seconds > 240) {
            fault(pointer, "repeat is a time from 1s to 4m, since Alertmanager forgets after five minutes");
        }
        return Duration.ofSeconds(seconds);
    }

    private @Nullable URI url(JsonNode node, String key, String pointer, @Nullable String usual) {
        String written = text(node, key, pointer, usual == null);
        String address = written == null ? usual : written;
        if (address == null) {
            return null;
        }
        String fault = urlFault(address);
        if (fault != null) {
            fault(YamlText.child(pointer, key), fault);
            return null;
        }
        return URI.create(address);
    }

    /** What is wrong with an address, not naming it, since it may be a secret. */
    private @Nullable String urlFault(String address) {
        URI url;
        try {
            url = new URI(address);
        } catch (URISyntaxException e) {
            return "it is no address: write https://host/path";
        }
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            return "write an address as https://host/path, without a user";
        }
        boolean isPrivate = privateHosts.contains(url.getHost().toLowerCase(Locale.ROOT));
        if (!"https".equals(url.getScheme()) && !("http".equals(url.getScheme()) && isPrivate)) {
            return "write https; http needs the host " + url.getHost() + " to be named under private_hosts";
        }
        return null;
    }

    private @Nullable Secret secret(JsonNode node, String key, String pointer, boolean needed) {
        String reference = text(node, key, pointer, needed);
        if (reference == null) {
            return null;
        }
        if (!Secret.isReference(reference)) {
            fault(YamlText.child(pointer, key), key + " is a secret: name where it stands, " + Secret.FORM);
            return null;
        }
        return new Secret(reference);
    }

    private @Nullable String text(JsonNode node, String key, String pointer, boolean needed) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            if (needed) {
                fault(pointer, key + " is missing");
            }
            return null;
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            fault(YamlText.child(pointer, key), key + " is a text");
            return null;
        }
        return value.textValue().strip();
    }

    /** One text, or a list of them. */
    private List<String> texts(JsonNode node, String pointer) {
        List<String> texts = new ArrayList<>();
        for (JsonNode one : node.isArray() ? node : node.isMissingNode() ? List.<JsonNode>of() : List.of(node)) {
            if (one.isTextual() && !one.textValue().isBlank()) {
                texts.add(one.textValue().strip());
            } else {
                fault(pointer, "write a text, or a list of texts");
            }
        }
        return texts;
    }

    private boolean known(JsonNode node, String pointer, List<String> keys) {
        if (!node.isObject()) {
            fault(pointer, "write a map of " + String.join(", ", keys));
            return false;
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                YamlText.Place place = text.key(YamlText.child(pointer, key));
                String message = "unknown key '" + Harmless.line(key, 80) + "'; known: " + String.join(", ", keys);
                problems.add(new Problem(place.file(), place.line(), place.column(), message));
            }
        });
        return true;
    }

    private void fault(String pointer, String message) {
        YamlText.Place place = text.value(pointer);
        problems.add(new Problem(place.file(), place.line(), place.column(), message));
    }
}
