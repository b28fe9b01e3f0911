package dev.weir.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.machine.Hash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a report rests on: the rows themselves, the definitions they were read with, and a digest of both. Reports with one
 * digest are the same report.
 *
 * @param digest SHA-256 of all that follows but {@code replaces}
 * @param inputs the rows by the question that gave them
 * @param replaces the report of the same name that said something else before, and which rows moved since
 */
public record Receipt(
        String digest,
        String template,
        @JsonProperty("template_sha256") String templateHash,
        String playbook,
        @JsonProperty("playbook_hash") String playbookHash,
        String week,
        String team,
        Map<String, List<ObjectNode>> inputs,
        @Nullable Replaced replaces) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Rows told at most; the others are counted. */
    private static final int SHOWN = 200;

    /**
     * The report before.
     *
     * @param moved what one column of one row said and says, at most {@value #SHOWN}
     * @param count how many such there are
     */
    public record Replaced(String digest, long count, List<Moved> moved) {}

    /** One value that is another now; empty where the row is not there. */
    public record Moved(String input, String row, String column, String was, String became) {}

    /** The receipt of rows, after that of the report before, if there is one. */
    static Receipt of(
            Template template,
            String playbook,
            String playbookHash,
            String week,
            String team,
            List<Rows> inputs,
            @Nullable Receipt before) {
        Map<String, List<ObjectNode>> rows = new LinkedHashMap<>();
        inputs.forEach(input -> rows.put(input.name(), input.rows()));
        Receipt bare =
                new Receipt("", template.name(), template.hash(), playbook, playbookHash, week, team, rows, null);
        String digest = Hash.sha256Hex(bare.json().getBytes(StandardCharsets.UTF_8));
        Replaced replaces = null;
        if (before != null) {
            replaces = before.digest.equals(digest) ? before.replaces : moved(before, inputs);
        }
        return new Receipt(
                digest, template.name(), template.hash(), playbook, playbookHash, week, team, rows, replaces);
    }

    private static Replaced moved(Receipt before, List<Rows> inputs) {
        List<Moved> moved = new ArrayList<>();
        for (Rows input : inputs) {
            Map<String, ObjectNode> was = byKey(input, before.inputs.getOrDefault(input.name(), List.of()));
            Map<String, ObjectNode> became = byKey(input, input.rows());
            Set<String> keys = new LinkedHashSet<>(became.keySet());
            keys.addAll(was.keySet());
            for (String key : keys) {
                compare(input.name(), key, was.get(key), became.get(key), moved);
            }
        }
        return new Replaced(before.digest, moved.size(), List.copyOf(moved.subList(0, Math.min(SHOWN, moved.size()))));
    }

    private static Map<String, ObjectNode> byKey(Rows input, List<ObjectNode> rows) {
        Map<String, ObjectNode> byKey = new LinkedHashMap<>();
        rows.forEach(row -> byKey.put(input.key(row), row));
        return byKey;
    }

    private static void compare(
            String input, String key, @Nullable ObjectNode was, @Nullable ObjectNode became, List<Moved> moved) {
        if (was == null || became == null) {
            moved.add(new Moved(input, key, "", was == null ? "" : "there", became == null ? "" : "there"));
            return;
        }
        Set<String> columns = new LinkedHashSet<>();
        became.fieldNames().forEachRemaining(columns::add);
        was.fieldNames().forEachRemaining(columns::add);
        for (String column : columns) {
            String then = Rows.text(was, column);
            String now = Rows.text(became, column);
            if (!then.equals(now)) {
                moved.add(new Moved(input, key, column, then, now));
            }
        }
    }

    String json() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads a receipt; null when it is none, such as one of another version. */
    static @Nullable Receipt parse(String json) {
        try {
            return JSON.readValue(json, Receipt.class);
        } catch (JsonProcessingException other) {
            return null;
        }
    }

    static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("PostgreSQL made this: " + json, impossible);
        }
    }
}
