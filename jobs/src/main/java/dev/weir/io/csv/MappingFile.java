package dev.weir.io.csv;

import dev.weir.event.DealChange;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads a {@link Mapping} from YAML. Whatever it does not know is an error with its line. */
public final class MappingFile {
    private final String file;

    private MappingFile(String file) {
        this.file = file;
    }

    /**
     * The mapping in a text.
     *
     * @param file its name, for messages
     * @throws BadMapping if anything in it is wrong
     */
    public static Mapping read(String file, String text) {
        return new MappingFile(file).mapping(text);
    }

    private Mapping mapping(String text) {
        Node root;
        try {
            root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
        } catch (MarkedYAMLException broken) {
            int line = broken.getProblemMark() == null
                    ? 1
                    : broken.getProblemMark().getLine() + 1;
            throw new BadMapping(file + ":" + line + ": not YAML: " + broken.getProblem());
        } catch (YAMLException broken) {
            throw new BadMapping(file + ":1: not YAML: " + broken.getMessage());
        }
        if (root == null) {
            throw new BadMapping(file + ":1: the mapping is empty; it needs at least 'events'");
        }
        Map<String, Node> keys = keys(root, "a mapping", "encoding", "delimiter", "time", "keep", "events");
        Charset encoding = keys.containsKey("encoding") ? encoding(keys.get("encoding")) : StandardCharsets.UTF_8;
        char delimiter = keys.containsKey("delimiter") ? delimiter(keys.get("delimiter")) : ',';
        TimeFormat time = time(keys.get("time"), root);
        List<Mapping.Condition> keep = conditions(keys.get("keep"));
        List<Mapping.Template> events = new ArrayList<>();
        for (Node event : list(needed(keys, "events", root))) {
            events.add(template(event, time));
        }
        if (events.isEmpty()) {
            throw bad(root, "'events' is empty; say what event a row is");
        }
        return new Mapping(encoding, delimiter, keep, List.copyOf(events));
    }

    private Charset encoding(@Nullable Node node) {
        String name = text(node);
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException unknown) {
            throw bad(node, "no such encoding: '" + name + "'; write it as UTF-8 or windows-1252");
        }
    }

    private char delimiter(@Nullable Node node) {
        String text = text(node);
        if (text.length() != 1 || text.equals("\"") || text.equals("\n")) {
            throw bad(node, "a delimiter is one character, such as \";\" or \"\\t\"");
        }
        return text.charAt(0);
    }

    private TimeFormat time(@Nullable Node node, Node around) {
        Map<String, Node> keys = node == null ? Map.of() : keys(node, "time", "format", "zone");
        return time(keys, "iso", "UTC", node == null ? around : node);
    }

    private TimeFormat time(Map<String, Node> keys, String format, String zone, Node around) {
        try {
            return TimeFormat.of(
                    keys.containsKey("format") ? text(keys.get("format")) : format,
                    keys.containsKey("zone") ? text(keys.get("zone")) : zone);
        } catch (IllegalArgumentException wrong) {
            throw bad(around, "no such time: " + wrong.getMessage());
        }
    }

    private List<Mapping.Condition> conditions(@Nullable Node node) {
        List<Mapping.Condition> conditions = new ArrayList<>();
        for (Node one : node == null ? List.<Node>of() : list(node)) {
            Map<String, Node> keys = keys(one, "a condition", "column", "in", "not_in");
            if (keys.containsKey("in") == keys.containsKey("not_in")) {
                throw bad(one, "a condition has either 'in' or 'not_in'");
            }
            boolean holds = keys.containsKey("in");
            Set<String> values = new LinkedHashSet<>();
            for (Node value : list(needed(keys, holds ? "in" : "not_in", one))) {
                values.add(text(value));
            }
            conditions.add(new Mapping.Condition(text(needed(keys, "column", one)), Set.copyOf(values), holds));
        }
        return List.copyOf(conditions);
    }

    private Mapping.Template template(Node node, TimeFormat time) {
        Map<String, Node> keys = keys(node, "an event", "type", "when", "fields");
        String type = text(needed(keys, "type", node));
        List<String> names = Mapping.FIELDS.get(type);
        if (names == null) {
            throw bad(keys.get("type"), "no such type: '" + type + "'; known: engagement, deal, feedback, entity");
        }
        List<String> known = new ArrayList<>(List.of(Mapping.EVENT_ID, Mapping.OCCURRED_AT));
        known.addAll(names);
        Node fieldsNode = needed(keys, "fields", node);
        Map<String, Mapping.Source> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : tuples(fieldsNode, "fields")) {
            String name = text(tuple.getKeyNode());
            boolean property = name.startsWith(Mapping.PROPERTIES) && name.length() > Mapping.PROPERTIES.length();
            if (!known.contains(name) && !property) {
                throw bad(
                        tuple.getKeyNode(),
                        "unknown field '" + name + "' of " + type + "; known: " + String.join(", ", known)
                                + ", properties.<name>");
            }
            Mapping.Source source = source(tuple.getValueNode(), time);
            check(type, name, source, tuple.getValueNode());
            if (fields.put(name, source) != null) {
                throw bad(tuple.getKeyNode(), "'" + name + "' stands there twice");
            }
        }
        List<String> required = new ArrayList<>(List.of(Mapping.OCCURRED_AT));
        required.addAll(Mapping.REQUIRED.getOrDefault(type, List.of()));
        required.removeAll(fields.keySet());
        if (!required.isEmpty()) {
            throw bad(fieldsNode, "a " + type + " event needs " + String.join(", ", required));
        }
        return new Mapping.Template(type, conditions(keys.get("when")), fields);
    }

    private Mapping.Source source(Node node, TimeFormat time) {
        Map<String, Node> keys = keys(node, "a field", "column", "constant", "values", "otherwise", "format", "zone");
        if (keys.containsKey("column") == keys.containsKey("constant")) {
            throw bad(node, "a field has either a 'column' or a 'constant'");
        }
        if (keys.containsKey("constant") && keys.size() > 1) {
            throw bad(node, "a 'constant' stands alone");
        }
        if (keys.containsKey("otherwise") && !keys.containsKey("values")) {
            throw bad(node, "'otherwise' needs 'values'");
        }
        Map<String, String> values = new LinkedHashMap<>();
        Node valuesNode = keys.get("values");
        for (NodeTuple tuple : valuesNode == null ? List.<NodeTuple>of() : tuples(valuesNode, "values")) {
            if (values.put(text(tuple.getKeyNode()), text(tuple.getValueNode())) != null) {
                throw bad(tuple.getKeyNode(), "'" + text(tuple.getKeyNode()) + "' stands there twice");
            }
        }
        return new Mapping.Source(
                keys.containsKey("column") ? text(keys.get("column")) : null,
                keys.containsKey("constant") ? text(keys.get("constant")) : null,
                values,
                keys.containsKey("otherwise") ? text(keys.get("otherwise")) : null,
                time(keys, time.format(), time.zone().getId(), node));
    }

    /** Values that are known before any row is read are checked before any row is read. */
    private void check(String type, String name, Mapping.Source source, Node node) {
        List<String> allowed = allowed(type, name);
        if (allowed.isEmpty()) {
            return;
        }
        List<String> given = new ArrayList<>(source.values().values());
        if (source.constant() != null) {
            given.add(source.constant());
        }
        if (source.otherwise() != null) {
            given.add(source.otherwise());
        }
        for (String value : given) {
            if (!allowed.contains(value)) {
                throw bad(
                        node,
                        "no such " + name + " of " + type + ": '" + value + "'; known: " + String.join(", ", allowed));
            }
        }
    }

    /** What a field may hold; empty: anything. */
    static List<String> allowed(String type, String name) {
        return switch (type + "." + name) {
            case "deal.kind" -> DealChange.KINDS;
            case "feedback.kind" -> Feedback.KINDS;
            case "entity.kind" -> EntityChange.KINDS;
            case "entity.entity" -> EntityChange.ENTITIES;
            default -> List.of();
        };
    }

    private Map<String, Node> keys(Node node, String what, String... known) {
        Map<String, Node> keys = new LinkedHashMap<>();
        for (NodeTuple tuple : tuples(node, what)) {
            String key = text(tuple.getKeyNode());
            if (!Arrays.asList(known).contains(key)) {
                throw bad(
                        tuple.getKeyNode(),
                        "unknown key '" + key + "' in " + what + "; known: " + String.join(", ", known));
            }
            if (keys.put(key, tuple.getValueNode()) != null) {
                throw bad(tuple.getKeyNode(), "'" + key + "' stands there twice");
            }
        }
        return keys;
    }

    private Node needed(Map<String, Node> keys, String key, Node around) {
        Node node = keys.get(key);
        if (node == null) {
            throw bad(around, "'" + key + "' is missing");
        }
        return node;
    }

    private List<NodeTuple> tuples(Node node, String what) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue();
        }
        throw bad(node, what + " is written as key: value");
    }

    private List<Node> list(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        throw bad(node, "a list is expected here: [a, b] or lines that begin with '-'");
    }

    private String text(@Nullable Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw bad(node, "a single value is expected here");
    }

    private BadMapping bad(@Nullable Node node, String message) {
        int line = node == null ? 1 : node.getStartMark().getLine() + 1;
        return new BadMapping(file + ":" + line + ": " + message);
    }
}
