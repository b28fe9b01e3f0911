package dev.weir.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.local.Refused;
import dev.weir.machine.Hash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What a report is about.
 *
 * @param name by which it is called
 * @param hash of the file's bytes
 * @param teams whose report watches which series, by the beginnings of their names; one report each
 * @param reviews by which series a change of the playbook is judged
 */
public record Template(String name, String hash, String title, Map<String, List<String>> teams, List<Review> reviews) {
    /** Stands for everybody, where a template names no teams. */
    public static final String EVERYBODY = "all";

    private static final Set<String> KEYS = Set.of("title", "teams", "reviews");
    private static final Set<String> REVIEW_KEYS = Set.of("change", "metric", "breakdown", "value", "against");

    /**
     * How one change is judged.
     *
     * @param change its words ({@code what}) in the playbook
     * @param value of the breakdown, the segment that was changed; (total) for all
     * @param against the segment that was not; null: there is none, and before is all there is to compare with
     */
    public record Review(
            String change,
            String metric,
            String breakdown,
            String value,
            @Nullable String against) {}

    /**
     * Reads a template.
     *
     * @throws Refused when the file is not there, or what is wrong in it
     */
    public static Template read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            JsonNode tree = new ObjectMapper()
                    .valueToTree(new Yaml(new SafeConstructor(new LoaderOptions()))
                            .<Object>load(new String(bytes, StandardCharsets.UTF_8)));
            String name = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
            return of(name, Hash.sha256Hex(bytes), tree, file);
        } catch (YAMLException malformed) {
            throw new Refused(file + " is no YAML: " + malformed.getMessage(), malformed);
        } catch (IOException unreadable) {
            throw new Refused(
                    "cannot read the template " + file + ": no such file, or not for you"
                            + " (templates stand in the folder reports beside the playbook, or name a file)",
                    unreadable);
        }
    }

    private static Template of(String name, String hash, JsonNode tree, Path file) {
        known(tree, KEYS, file + ":");
        Map<String, List<String>> teams = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> team : tree.path("teams").properties()) {
            List<String> watched = new ArrayList<>();
            team.getValue().forEach(metric -> watched.add(metric.asText()));
            if (watched.isEmpty()) {
                throw new Refused(file + ": team " + team.getKey()
                        + " watches nothing; give it a list of the beginnings of series, such as [conversion/signup/]");
            }
            teams.put(team.getKey(), List.copyOf(watched));
        }
        if (teams.isEmpty()) {
            teams.put(EVERYBODY, List.of("conversion/", "dwell/", "win_rate/"));
        }
        List<Review> reviews = new ArrayList<>();
        for (JsonNode review : tree.path("reviews")) {
            known(review, REVIEW_KEYS, file + ": reviews:");
            if (review.path("change").asText().isEmpty()
                    || review.path("metric").asText().isEmpty()) {
                throw new Refused(file + ": a review needs change (its words in the playbook) and metric");
            }
            reviews.add(new Review(
                    review.path("change").asText(),
                    review.path("metric").asText(),
                    review.path("breakdown").asText("(total)"),
                    review.path("value").asText("(total)"),
                    review.hasNonNull("against") ? review.path("against").asText() : null));
        }
        return new Template(name, hash, tree.path("title").asText(name), teams, List.copyOf(reviews));
    }

    private static void known(JsonNode tree, Set<String> known, String where) {
        for (Map.Entry<String, JsonNode> key : tree.properties()) {
            if (!known.contains(key.getKey())) {
                throw new Refused(where + " unknown key '" + key.getKey() + "'; one of " + new TreeSet<>(known));
            }
        }
    }
}
