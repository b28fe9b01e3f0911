package dev.weir.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row as one line of JSON with the columns of its table, as {@code weir backtest} writes it. */
public final class RowJson {
    private static final JsonFactory JSON = new JsonFactory();

    private RowJson() {}

    public static String line(Row row, Table table) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            List<Column> columns = table.columns();
            for (int i = 0; i < columns.size(); i++) {
                json.writeFieldName(columns.get(i).name());
                write(json, columns.get(i).type(), row.values()[i]);
            }
            json.writeStringField("definition", row.definition());
            // A row that was said before any time was known has none.
            json.writeStringField(
                    "as_of",
                    row.asOfMillis() == Long.MIN_VALUE
                            ? null
                            : Instant.ofEpochMilli(row.asOfMillis()).toString());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toString();
    }

    private static void write(JsonGenerator json, Column.Type type, @Nullable String value) throws IOException {
        if (value == null) {
            json.writeNull();
            return;
        }
        switch (type) {
            case TEXT, TIMESTAMP, DATE, BYTES -> json.writeString(value);
            case BIGINT, DOUBLE, MONEY -> json.writeNumber(value);
            case BOOLEAN -> json.writeBoolean(Boolean.parseBoolean(value));
            case JSON, TIMESTAMPS -> json.writeRawValue(value);
        }
    }
}
