package dev.weir.io.csv;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.machine.Hash;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a CSV log into native events as a {@link Mapping} says.
 *
 * <p>A row gives all its events or, when anything in it is wrong, none. The id of an event is a hash of its mapped values plus an
 * ordinal among equal ones: a second import adds nothing, and the order of the rows does not matter. Memory: one id per event.
 */
public final class CsvImport {
    /** Values listed per column in a report; what comes after is only counted. */
    static final int LISTED_LIMIT = 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Mapping mapping;
    private final Map<String, Integer> ordinals = new HashMap<>();
    private final Map<String, Map<String, Long>> unmapped = new TreeMap<>();
    private final Map<String, Map<String, Long>> leftOut = new TreeMap<>();

    /** Column and value in turn, of the row being read; counted once the row is known to be good. */
    private final List<String> unmappedHere = new ArrayList<>();

    public CsvImport(Mapping mapping) {
        this.mapping = mapping;
    }

    /** Where events and refused rows go. */
    public interface Sink {
        void event(String nativeJson) throws IOException;

        void reject(long line, String reason);
    }

    /**
     * What came of a file.
     *
     * @param rows without the header
     * @param leftOut rows that a {@code keep} condition left out
     * @param leftOutBy column, then value, then how many rows it left out
     * @param unmapped column, then value that {@code values} does not have, then how often
     */
    public record Report(
            long rows,
            long events,
            long rejected,
            long leftOut,
            Map<String, Map<String, Long>> leftOutBy,
            Map<String, Map<String, Long>> unmapped) {}

    /**
     * Reads a file, plain or gzipped.
     *
     * @param file its name, for messages
     * @throws BadMapping if the file has no header or lacks a column that the mapping names
     */
    public Report read(String file, InputStream bytes, Sink sink) throws IOException {
        CsvRows rows = new CsvRows(reader(bytes), mapping.delimiter());
        CsvRows.Row header = rows.next();
        if (header == null || header.fault() != null) {
            throw new BadMapping(file + ":1: no header: " + (header == null ? "the file is empty" : header.fault()));
        }
        Map<String, Integer> columns = columns(file, header.cells());
        long read = 0;
        long events = 0;
        long rejected = 0;
        long left = 0;
        for (CsvRows.Row row = rows.next(); row != null; row = rows.next()) {
            read++;
            try {
                Cells cells = cells(row, columns);
                if (!keeps(cells)) {
                    left++;
                    continue;
                }
                unmappedHere.clear();
                for (Event event : events(cells)) {
                    sink.event(json(event));
                    events++;
                }
                for (int i = 0; i < unmappedHere.size(); i += 2) {
                    count(unmapped, unmappedHere.get(i), unmappedHere.get(i + 1));
                }
            } catch (Reject reject) {
                rejected++;
                sink.reject(row.line(), reject.reason);
            }
        }
        return new Report(read, events, rejected, left, leftOut, unmapped);
    }

    private Reader reader(InputStream bytes) throws IOException {
        BufferedInputStream in = new BufferedInputStream(bytes, 1 << 16);
        in.mark(2);
        boolean zipped = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        Reader reader = new BufferedReader(
                new InputStreamReader(zipped ? new GZIPInputStream(in, 1 << 16) : in, mapping.encoding()));
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    private Map<String, Integer> columns(String file, List<String> header) {
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (int i = 0; i < header.size(); i++) {
            columns.putIfAbsent(header.get(i).strip(), i);
        }
        List<String> needed = new ArrayList<>();
        mapping.keep().forEach(condition -> needed.add(condition.column()));
        for (Mapping.Template template : mapping.events()) {
            template.when().forEach(condition -> needed.add(condition.column()));
            for (Mapping.Source source : template.fields().values()) {
                if (source.column() != null) {
                    needed.add(source.column());
                }
            }
        }
        for (String column : needed) {
            if (!columns.containsKey(column)) {
                throw new BadMapping(file + ":1: no column '" + column + "', which the mapping names; the file has: "
                        + String.join(", ", columns.keySet()));
            }
        }
        return columns;
    }

    /** The cells of one row by column, without the spaces around them. */
    private record Cells(Map<String, Integer> columns, List<String> values) {
        String of(String column) {
            Integer at = columns.get(column);
            return at == null ? "" : values.get(at).strip();
        }
    }

    private static Cells cells(CsvRows.Row row, Map<String, Integer> columns) throws Reject {
        if (row.fault() != null) {
            throw new Reject(row.fault());
        }
        for (Integer at : columns.values()) {
            if (at >= row.cells().size()) {
                throw new Reject("the row has " + row.cells().size() + " cells, the header " + columns.size());
            }
        }
        for (String cell : row.cells()) {
            if (cell.indexOf('\uFFFD') >= 0) {
                throw new Reject("a cell cannot be read in the encoding of the mapping: " + cell);
            }
        }
        return new Cells(columns, row.cells());
    }

    private boolean keeps(Cells cells) {
        for (Mapping.Condition condition : mapping.keep()) {
            String cell = cells.of(condition.column());
            if (!condition.test(cell)) {
                count(leftOut, condition.column(), cell);
                return false;
            }
        }
        return true;
    }

    private record Event(String type, Map<String, String> fields) {}

    private List<Event> events(Cells cells) throws Reject {
        List<Event> events = new ArrayList<>();
        for (Mapping.Template template : mapping.events()) {
            boolean said = true;
            for (Mapping.Condition condition : template.when()) {
                said &= condition.test(cells.of(condition.column()));
            }
            if (said) {
                events.add(event(template, cells));
            }
        }
        return events;
    }

    private Event event(Mapping.Template template, Cells cells) throws Reject {
        Map<String, String> fields = new TreeMap<>();
        for (Map.Entry<String, Mapping.Source> field : template.fields().entrySet()) {
            String value = value(template.type(), field.getKey(), field.getValue(), cells);
            if (value != null) {
                fields.put(field.getKey(), value);
            } else if (field.getKey().equals(Mapping.OCCURRED_AT)
                    || Mapping.REQUIRED.getOrDefault(template.type(), List.of()).contains(field.getKey())) {
                String where = field.getValue().column();
                throw new Reject("no " + field.getKey() + (where == null ? "" : ": column '" + where + "' is empty"));
            }
        }
        return new Event(template.type(), fields);
    }

    private @Nullable String value(String type, String name, Mapping.Source source, Cells cells) throws Reject {
        String value = source.column() == null ? source.constant() : cells.of(source.column());
        if (value == null || value.isEmpty()) {
            return null;
        }
        if (!source.values().isEmpty() && source.column() != null) {
            String meant = source.values().getOrDefault(value, source.otherwise());
            if (meant == null) {
                unmappedHere.add(source.column());
                unmappedHere.add(value);
            } else {
                value = meant;
            }
        }
        List<String> allowed = MappingFile.allowed(type, name);
        if (!allowed.isEmpty() && !allowed.contains(value)) {
            throw new Reject(name + " '" + value + "' is none of " + String.join(", ", allowed));
        }
        return canonical(name, value, source.time());
    }

    /** Equal values as equal texts. */
    private static String canonical(String name, String value, TimeFormat time) throws Reject {
        try {
            if (name.equals(Mapping.OCCURRED_AT)) {
                return time.instant(value).toString();
            }
            if (Mapping.DATES.contains(name)) {
                return time.date(value).toString();
            }
            if (Mapping.MONEY.contains(name)) {
                return money(value);
            }
            if (name.equals("score")) {
                return score(value);
            }
            return value;
        } catch (DateTimeException notOne) {
            throw new Reject(name + " '" + value + "' is no time of the format " + time.format());
        } catch (NumberFormatException notOne) {
            throw new Reject(name + " '" + value + "' is no number; write it as 1234.50");
        }
    }

    /** An exponent could make a text of gigabytes out of ten characters. */
    private static String money(String value) {
        BigDecimal amount = new BigDecimal(value);
        if (Math.abs((long) amount.scale()) > 20 || amount.precision() > 38) {
            throw new NumberFormatException(value);
        }
        return amount.toPlainString();
    }

    private static String score(String value) {
        double score = Double.parseDouble(value);
        if (!Double.isFinite(score)) {
            throw new NumberFormatException(value);
        }
        return Double.toString(score);
    }

    private String json(Event event) {
        Map<String, String> fields = event.fields();
        ObjectNode json = JSON.createObjectNode();
        json.put("type", event.type());
        String ownId = fields.get(Mapping.EVENT_ID);
        json.put(Mapping.EVENT_ID, ownId == null ? id(event) : ownId);
        json.put(Mapping.OCCURRED_AT, fields.get(Mapping.OCCURRED_AT));
        for (String name : Mapping.FIELDS.getOrDefault(event.type(), List.of())) {
            String value = fields.get(name);
            if (value == null) {
                continue;
            }
            if (name.equals("person_ids")) {
                json.putArray(name).add(value);
            } else if (name.equals("score")) {
                json.put(name, Double.parseDouble(value));
            } else {
                json.put(name, value);
            }
        }
        ObjectNode properties = json.putObject("properties");
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (field.getKey().startsWith(Mapping.PROPERTIES)) {
                properties.put(field.getKey().substring(Mapping.PROPERTIES.length()), field.getValue());
            }
        }
        return json.toString();
    }

    /** 24 hex digits, and from the second of equal events on its ordinal. */
    private String id(Event event) {
        List<String> parts = new ArrayList<>();
        parts.add(event.type());
        event.fields().forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        String id = Hash.of(parts.toArray(new String[0])).substring(0, 24);
        int ordinal = ordinals.merge(id, 1, Integer::sum);
        return ordinal == 1 ? id : id + "-" + ordinal;
    }

    private static void count(Map<String, Map<String, Long>> counts, String column, String value) {
        Map<String, Long> ofColumn = counts.computeIfAbsent(column, c -> new TreeMap<>());
        boolean listed = ofColumn.size() < LISTED_LIMIT || ofColumn.containsKey(value);
        ofColumn.merge(listed ? value : "(others)", 1L, Long::sum);
    }

    /** Why a row gives no events. */
    private static final class Reject extends Exception {
        private final String reason;

        Reject(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }
}
