package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Alert;
import dev.weir.alert.DeskEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeskWireTest {
    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

    @Test
    void anEntryIsTheSameAsJsonAndAsAvro() {
        DeskEntry entry = new DeskEntry(
                "e1",
                NOON,
                DeskEntry.SILENCED,
                null,
                "conversion_drop",
                "conversion/signup/trial",
                "channel",
                "ads",
                "signup/trial",
                "web",
                NOON.plusSeconds(3600),
                null,
                "ana",
                "we know");
        assertThat(NativeJson.read(NativeJson.write(entry)).event()).isEqualTo(entry);
        assertThat(Wire.decode(Wire.encode(entry)).event()).isEqualTo(entry);
        assertThat(DeskTopic.fault(entry)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'kind':'acknowledged','by':'ana'|alert_id is missing",
                "'kind':'acknowledged','alert_id':'a'|by is missing",
                "'kind':'acknowledged','alert_id':'a','by':'ana','team':'web'|leave out alert_kind",
                "'kind':'acknowledged','alert_id':'a','by':'ana','verdict':'useful'|verdict stands beside",
                "'kind':'verdict','alert_id':'a','by':'ana'|verdict is missing or unknown",
                "'kind':'verdict','alert_id':'a','by':'ana','verdict':'fine'|verdict is missing or unknown",
                "'kind':'silenced','by':'ana','until':'2026-03-03T00:00:00Z'|say with one of them which",
                "'kind':'silenced','by':'ana','team':'web'|until is missing",
                "'kind':'silenced','by':'ana','team':'web','until':'2026-03-01T00:00:00Z'|until is missing or not after",
                "'kind':'silenced','by':'ana','team':'web','untill':'2026-03-03T00:00:00Z'|a field has a name that no desk",
                "'kind':'shouted','alert_id':'a','by':'ana'|kind is unknown",
            })
    void whatIsNoEntrySaysWhy(String fields, String why) {
        String line = "{'type':'desk','entry_id':'e1','occurred_at':'2026-03-02T12:00:00Z'," + fields + "}";
        assertThat(NativeJson.read(line.replace('\'', '"')).reason()).contains(why);
    }

    /** The first version of an alert ended with as_of. */
    @Test
    void anAlertThatAnEarlierVersionWroteIsRead() throws IOException {
        Schema now = dev.weir.avro.Alert.getClassSchema();
        List<Schema.Field> first = now.getFields().subList(0, 18).stream()
                .map(field -> new Schema.Field(field, field.schema()))
                .toList();
        Schema then = Schema.createRecord(now.getName(), null, now.getNamespace(), false, first);
        GenericRecord alert = new GenericData.Record(then);
        for (String text : List.of("alert_id", "kind", "severity", "status", "subject", "summary", "definition")) {
            alert.put(text, text);
        }
        alert.put("started_at", NOON.toEpochMilli());
        alert.put("deleted", false);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new BinaryMessageEncoder<GenericRecord>(new GenericData(), then).encode(alert, bytes);

        Map<String, ?> fields = Objects.requireNonNull(Wire.fields(bytes.toByteArray(), "alert", null));
        assertThat(fields.get("summary")).isEqualTo("summary");
        assertThat(fields)
                .containsEntry("delivery", null)
                .hasSize(now.getFields().size());
    }

    @Test
    void anAlertIsItsRowAgain() {
        Alert alert = new Alert(
                "a",
                "bottleneck",
                "warning",
                "firing",
                "m",
                "b",
                "v",
                "s",
                "t",
                "o",
                "It.",
                NOON,
                NOON,
                "{}",
                "wrong",
                "page",
                NOON,
                "https://wiki/it",
                "rate",
                0.5,
                "ana",
                "d",
                false);
        assertThat(Alert.of(alert.row(0))).isEqualTo(alert);
    }
}
