package dev.weir.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;

/** Every version of a record reads every other: a topic keeps its history and its readers change one by one. */
class CompatibilityTest {
    private static final Path CURRENT = Path.of("src/main/avro");
    private static final Path FROZEN = Path.of("src/test/resources/frozen");
    private static final String CURRENT_VERSION = "v2";

    @Test
    void everyVersionReadsEveryOther() throws SchemaValidationException {
        for (String record : names(CURRENT)) {
            List<Schema> versions = new ArrayList<>();
            for (String version : names(FROZEN)) {
                Path frozen = FROZEN.resolve(version).resolve(record);
                if (Files.exists(frozen)) {
                    versions.add(schema(text(frozen)));
                }
            }
            validate(schema(text(CURRENT.resolve(record))), versions);
        }
    }

    @Test
    void theCurrentVersionIsFrozen() {
        assertThat(names(FROZEN.resolve(CURRENT_VERSION))).isEqualTo(names(CURRENT));
        for (String record : names(CURRENT)) {
            // Docs are not on the wire and may say more as time goes on; names, types and defaults may not change.
            assertThat(schema(text(FROZEN.resolve(CURRENT_VERSION).resolve(record))))
                    .as("a published record never changes: add a version and freeze it (%s)", record)
                    .isEqualTo(schema(text(CURRENT.resolve(record))));
        }
    }

    @Test
    void aFieldWithoutDefaultIsRefused() {
        String engagement = text(CURRENT.resolve("engagement.avsc"));
        String bold = engagement.replace("\"fields\": [", "\"fields\": [{\"name\": \"bold\", \"type\": \"string\"},");
        assertThatThrownBy(() -> validate(schema(bold), List.of(schema(engagement))))
                .isInstanceOf(SchemaValidationException.class);
    }

    @Test
    void aFieldWithDefaultIsTaken() throws SchemaValidationException {
        String engagement = text(CURRENT.resolve("engagement.avsc"));
        String shy = engagement.replace(
                "\"fields\": [",
                "\"fields\": [{\"name\": \"shy\", \"type\": [\"null\", \"string\"], \"default\": null},");
        validate(schema(shy), List.of(schema(engagement)));
    }

    private static void validate(Schema current, List<Schema> versions) throws SchemaValidationException {
        new SchemaValidatorBuilder().mutualReadStrategy().validateAll().validate(current, versions);
    }

    private static Schema schema(String text) {
        return new Schema.Parser().parse(text);
    }

    private static Set<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
