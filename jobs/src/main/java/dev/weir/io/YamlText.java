package dev.weir.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.io.PlaybookProblems.Problem;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * YAML files as one JSON tree that knows where each of its values stands.
 *
 * <p>Nothing is constructed, only composed, so no tag can name a class. Of YAML's many readings of plain text only numbers as
 * JSON writes them, {@code true}, {@code false} and {@code null} are taken; {@code no}, {@code 2026-01-01} and
 * {@code 09:00} are text. Keys stand once. Sizes, depth and aliases are limited.
 */
public final class YamlText {
    static final int MAX_CHARACTERS = 1_000_000;
    static final int MAX_NODES = 200_000;
    static final int MAX_DEPTH = 30;
    static final int MAX_ALIASES = 20;

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,17})\\.[0-9]{1,18}");
    private static final Set<String> TAGS =
            Set.of("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Where a value stands, counted from 1, and whether a character of it is a character of the file. */
    public record Place(String file, int line, int column, boolean verbatim) {}

    private final ObjectNode root = JSON.objectNode();
    private final Map<String, Place> values = new HashMap<>();
    private final Map<String, Place> keys = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> mergedMaps;
    private int nodes;

    /**
     * @param mergedMaps keys of the root whose maps several files may add to, as all may to lists
     */
    public YamlText(Set<String> mergedMaps) {
        this.mergedMaps = mergedMaps;
    }

    public ObjectNode root() {
        return root;
    }

    public List<Problem> problems() {
        return problems;
    }

    /** Where the value of a JSON pointer stands, or the nearest one around it. */
    public Place value(String pointer) {
        return nearest(values, pointer);
    }

    /** Where the key of a JSON pointer stands, or the value around it. */
    public Place key(String pointer) {
        Place place = keys.get(pointer);
        return place == null ? value(pointer) : place;
    }

    private static Place nearest(Map<String, Place> places, String pointer) {
        String at = pointer;
        while (true) {
            Place place = places.get(at);
            if (place != null) {
                return place;
            }
            int slash = at.lastIndexOf('/');
            if (slash < 0) {
                return new Place("playbook", 1, 1, false);
            }
            at = at.substring(0, slash);
        }
    }

    /** {@code parent/name} as a JSON pointer. */
    public static String child(String parent, String name) {
        return parent + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    public static String child(String parent, int index) {
        return parent + "/" + index;
    }

    /** Adds the file to the tree; what is wrong with it is among {@link #problems}. */
    public void add(String file, String text) {
        values.putIfAbsent("", new Place(file, 1, 1, false));
        Node document;
        try {
            document = yaml().compose(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text));
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            problems.add(new Problem(
                    file,
                    mark == null ? 1 : mark.getLine() + 1,
                    mark == null ? 1 : mark.getColumn() + 1,
                    plainWords(String.valueOf(e.getProblem()))));
            return;
        } catch (YAMLException e) {
            problems.add(new Problem(file, 1, 1, plainWords(String.valueOf(e.getMessage()))));
            return;
        }
        if (document == null) {
            problems.add(new Problem(file, 1, 1, "it is empty"));
        } else if (document instanceof MappingNode map) {
            new Reader(file).root(map);
        } else {
            problems.add(problem(file, document, "a playbook is a map of keys, as 'playbook: acme'"));
        }
    }

    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(MAX_CHARACTERS);
        return new Yaml(new SafeConstructor(options));
    }

    private static String plainWords(String problem) {
        if (problem.contains("TAB")) {
            return "a tab; indent with spaces";
        }
        if (problem.contains("aliases for non-scalar")) {
            return "more than " + MAX_ALIASES + " aliases (*) of lists and maps; write them out";
        }
        if (problem.contains("Nesting Depth")) {
            return "nested deeper than " + MAX_DEPTH + " levels";
        }
        if (problem.contains("exceeds the limit")) {
            return "longer than " + MAX_CHARACTERS + " characters";
        }
        if (problem.contains("Global tag")) {
            return "tags (!!…) that name a class are never read; leave it out";
        }
        return "not YAML: " + problem.lines().findFirst().orElse("");
    }

    private static Problem problem(String file, Node node, String message) {
        Place place = place(file, node);
        return new Problem(file, place.line(), place.column(), message);
    }

    private static Place place(String file, Node node) {
        Mark mark = node.getStartMark();
        boolean verbatim = false;
        int column = mark.getColumn() + 1;
        if (node instanceof ScalarNode scalar) {
            boolean oneLine =
                    scalar.getStartMark().getLine() == scalar.getEndMark().getLine();
            boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
            int width = scalar.getEndMark().getColumn() - mark.getColumn() - (plain ? 0 : 2);
            verbatim = oneLine && width == scalar.getValue().length();
            column += verbatim && !plain ? 1 : 0;
        }
        return new Place(file, mark.getLine() + 1, column, verbatim);
    }

    /** Takes one file's nodes into the tree. */
    private final class Reader {
        private final String file;
        private final IdentityHashMap<Node, Boolean> open = new IdentityHashMap<>();

        Reader(String file) {
            this.file = file;
        }

        void root(MappingNode map) {
            Map<String, Place> seen = new HashMap<>();
            for (NodeTuple entry : map.getValue()) {
                String name = key(entry.getKeyNode(), seen);
                if (name == null) {
                    continue;
                }
                String pointer = child("", name);
                JsonNode before = root.get(name);
                if (before == null) {
                    keys.put(pointer, place(file, entry.getKeyNode()));
                    root.set(name, value(entry.getValueNode(), pointer));
                } else if (before instanceof ArrayNode list && entry.getValueNode() instanceof SequenceNode more) {
                    items(list, more, pointer);
                } else if (before instanceof ObjectNode object
                        && mergedMaps.contains(name)
                        && entry.getValueNode() instanceof MappingNode more) {
                    entries(object, more, pointer);
                } else {
                    twice(entry.getKeyNode(), name, YamlText.this.key(pointer));
                }
            }
        }

        private void entries(ObjectNode object, MappingNode map, String pointer) {
            Map<String, Place> seen = new HashMap<>();
            for (NodeTuple entry : map.getValue()) {
                String name = key(entry.getKeyNode(), seen);
                if (name == null) {
                    continue;
                }
                String at = child(pointer, name);
                if (object.has(name)) {
                    twice(entry.getKeyNode(), name, YamlText.this.key(at));
                } else {
                    keys.put(at, place(file, entry.getKeyNode()));
                    object.set(name, value(entry.getValueNode(), at));
                }
            }
        }

        private void items(ArrayNode list, SequenceNode sequence, String pointer) {
            for (Node item : sequence.getValue()) {
                list.add(value(item, child(pointer, list.size())));
            }
        }

        private @Nullable String key(Node node, Map<String, Place> seen) {
            if (!(node instanceof ScalarNode scalar)) {
                problems.add(problem(file, node, "a key is a word"));
                return null;
            }
            String name = scalar.getValue();
            Place before = seen.putIfAbsent(name, place(file, node));
            if (before != null) {
                twice(node, name, before);
                return null;
            }
            return name;
        }

        private void twice(Node node, String name, Place before) {
            problems.add(problem(
                    file,
                    node,
                    "'" + name + "' stands here a second time, first at " + before.file() + ":" + before.line()
                            + "; keep one"));
        }

        private JsonNode value(Node node, String pointer) {
            values.put(pointer, place(file, node));
            if (++nodes > MAX_NODES) {
                if (nodes == MAX_NODES + 1) {
                    problems.add(problem(file, node, "more than " + MAX_NODES + " values; write fewer aliases (*)"));
                }
                return JSON.nullNode();
            }
            String tag = node.getTag().getValue();
            if (!tag.startsWith("tag:yaml.org,2002:") || !TAGS.contains(tag.substring(18))) {
                problems.add(problem(file, node, "tags (" + tag + ") are not read; leave it out"));
                return JSON.nullNode();
            }
            if (open.put(node, true) != null) {
                problems.add(problem(file, node, "it contains itself"));
                return JSON.nullNode();
            }
            JsonNode value;
            if (node instanceof MappingNode map) {
                ObjectNode object = JSON.objectNode();
                entries(object, map, pointer);
                value = object;
            } else if (node instanceof SequenceNode sequence) {
                ArrayNode list = JSON.arrayNode();
                items(list, sequence, pointer);
                value = list;
            } else {
                value = scalar((ScalarNode) node);
            }
            open.remove(node);
            return value;
        }

        private JsonNode scalar(ScalarNode scalar) {
            String text = scalar.getValue();
            if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
                return JSON.textNode(text);
            }
            if (INTEGER.matcher(text).matches()) {
                return JSON.numberNode(new BigInteger(text));
            }
            if (DECIMAL.matcher(text).matches()) {
                return JSON.numberNode(new BigDecimal(text));
            }
            return switch (text) {
                case "true" -> JSON.booleanNode(true);
                case "false" -> JSON.booleanNode(false);
                case "", "~", "null" -> JSON.nullNode();
                default -> JSON.textNode(text);
            };
        }
    }
}
