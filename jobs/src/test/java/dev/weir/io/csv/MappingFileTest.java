package dev.weir.io.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingFileTest {
    private static final String GOOD = """
            time: {format: M/d/yyyy, zone: Europe/Berlin}
            keep: [{column: lc, in: [COMPLETE]}]
            events:
              - type: deal
                fields:
                  occurred_at: {column: ts}
                  deal_id: {column: id}
                  kind: {constant: created}
                  properties.size: {column: size}
            """;

    @Test
    void aMappingIsReadAsItStands() {
        Mapping mapping = MappingFile.read("m.yaml", GOOD);
        assertThat(mapping.delimiter()).isEqualTo(',');
        assertThat(mapping.keep()).hasSize(1);
        assertThat(mapping.events().get(0).fields()).containsKeys("occurred_at", "deal_id", "kind", "properties.size");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keep:          | kept:             | 2: unknown key 'kept' in a mapping; known: encoding, delimiter",
                "{column: ts}   | {colum: ts}       | 6: unknown key 'colum' in a field; known: column, constant",
                "deal_id:       | dealid:           | 7: unknown field 'dealid' of deal; known: event_id, occurred_at",
                "type: deal     | type: dael        | 4: no such type: 'dael'; known: engagement, deal",
                "created}       | creatd}           | 8: no such kind of deal: 'creatd'; known: created",
                "Europe/Berlin  | Europe/Berlino    | 1: no such time: no such time zone: 'Europe/Berlino'",
                "M/d/yyyy       | M/d/bbbb          | 1: no such time:",
                "in: [COMPLETE] | in: COMPLETE      | 2: a list is expected here",
                "{column: id}   | {}                | 7: a field has either a 'column' or a 'constant'",
                "{constant:     | {column: x, constant: | 8: a field has either a 'column' or a 'constant'",
                "properties.size | kind             | 9: 'kind' stands there twice",
                "kind: {constant: created} | stage: {column: s} | 6: a deal event needs kind",
                "events:        | events: [          | not YAML"
            })
    void aMistakeIsNamedWithItsLineAndTheMend(String good, String bad, String message) {
        assertThat(GOOD).contains(good);
        assertThatThrownBy(() -> MappingFile.read("m.yaml", GOOD.replace(good, bad)))
                .isInstanceOf(BadMapping.class)
                .hasMessageStartingWith("m.yaml:")
                .hasMessageContaining(message);
    }

    @Test
    void anEmptyFileIsNoMapping() {
        assertThatThrownBy(() -> MappingFile.read("m.yaml", "")).hasMessageContaining("m.yaml:1: the mapping is empty");
    }
}
