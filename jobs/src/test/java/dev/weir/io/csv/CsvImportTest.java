package dev.weir.io.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CsvImportTest {
    private static final String MAPPING = """
            time: {format: M/d/yyyy, zone: UTC}
            keep: [{column: test, not_in: ["yes"]}]
            events:
              - type: deal
                fields:
                  occurred_at: {column: from}
                  deal_id: {column: id}
                  kind: {constant: created}
                  owner_id: {column: owner}
              - type: deal
                when: [{column: how, not_in: [""]}]
                fields:
                  occurred_at: {column: to}
                  deal_id: {column: id}
                  kind: {constant: stage_changed}
                  stage: {column: how, values: {W: won, L: lost}}
                  amount: {column: value}
            """;
    private static final String HEADER = "id,from,to,how,value,owner,test\n";

    @Test
    void oneRowMayGiveSeveralEvents() throws IOException {
        Run run = run(HEADER + "7,1/2/2026,1/9/2026,W,12.50, Ana ,\n8,1/3/2026,,,,,\n");
        assertThat(run.events)
                .usingElementComparator((a, b) -> withoutId(a).compareTo(withoutId(b)))
                .containsExactly(
                        "{\"type\":\"deal\",\"occurred_at\":\"2026-01-02T00:00:00Z\",\"deal_id\":\"7\",\"kind\":\"created\",\"owner_id\":\"Ana\",\"properties\":{}}",
                        "{\"type\":\"deal\",\"occurred_at\":\"2026-01-09T00:00:00Z\",\"deal_id\":\"7\",\"kind\":\"stage_changed\",\"stage\":\"won\",\"amount\":\"12.50\",\"properties\":{}}",
                        "{\"type\":\"deal\",\"occurred_at\":\"2026-01-03T00:00:00Z\",\"deal_id\":\"8\",\"kind\":\"created\",\"properties\":{}}");
        assertThat(run.rejects).isEmpty();
    }

    @Test
    void aRowWithoutATimeIsRefusedWholeWithItsLineAndTheOthersGoOn() throws IOException {
        Run run = run(HEADER
                + "1,,,,,,\n"
                + "2,1/1/2026,,W,5,,\n"
                + "3,2/30/2026,,,,,\n"
                + "4,1/1/2026,1/2/2026,W,5 USD,,\n"
                + "5,1/1/2026,1/2/2026,W,1E999999999,,\n"
                + "6,1/1/2026\n"
                + "7,1/1/2026,,,,,\n");
        assertThat(run.rejects)
                .containsExactly(
                        "2: no occurred_at: column 'from' is empty",
                        "3: no occurred_at: column 'to' is empty",
                        "4: occurred_at '2/30/2026' is no time of the format M/d/yyyy",
                        "5: amount '5 USD' is no number; write it as 1234.50",
                        "6: amount '1E999999999' is no number; write it as 1234.50",
                        "7: the row has 2 cells, the header 7");
        assertThat(run.events).hasSize(1);
        assertThat(run.report.rows()).isEqualTo(7);
        assertThat(run.report.rejected()).isEqualTo(6);
    }

    @Test
    void whatIsLeftOutOrUnmappedIsListedWithCounts() throws IOException {
        Run run = run(HEADER + "1,1/1/2026,1/2/2026,X,,,\n2,1/1/2026,1/2/2026,X,,,\n3,1/1/2026,,,,,yes\n");
        assertThat(run.report.unmapped()).isEqualTo(Map.of("how", Map.of("X", 2L)));
        assertThat(run.report.leftOutBy()).isEqualTo(Map.of("test", Map.of("yes", 1L)));
        assertThat(run.events.get(1)).contains("\"stage\":\"X\"");
    }

    @Test
    void equalRowsHaveIdsOfTheirOwnAndTheOrderOfRowsDoesNotMatter() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(i % 7 + ",1/" + (1 + i % 3) + "/2026,2/1/2026,W," + i % 2 + ",,");
        }
        List<String> once = run(HEADER + String.join("\n", rows)).events;
        assertThat(once).doesNotHaveDuplicates();
        for (long seed = 0; seed < 50; seed++) {
            Collections.shuffle(rows, new Random(seed));
            assertThat(run(HEADER + String.join("\n", rows)).events)
                    .as("seed " + seed)
                    .containsExactlyInAnyOrderElementsOf(once);
        }
    }

    @Test
    void gzipAndAByteOrderMarkAreSeenThrough() throws IOException {
        String text = HEADER + "1,1/1/2026,,,,,\n";
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(("\uFEFF" + text).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(run(zipped.toByteArray()).events).isEqualTo(run(text).events).hasSize(1);
    }

    @Test
    void aCellInAnotherEncodingIsRefused() throws IOException {
        byte[] bytes = (HEADER + "M\u00fcller,1/1/2026,,,,,\n").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(run(bytes).rejects).singleElement().asString().contains("encoding");
    }

    @Test
    void aColumnThatTheFileLacksStopsBeforeAnything() {
        assertThatThrownBy(() -> run("id,from\n1,1/1/2026\n"))
                .isInstanceOf(BadMapping.class)
                .hasMessage("in.csv:1: no column 'test', which the mapping names; the file has: id, from");
        assertThatThrownBy(() -> run("")).isInstanceOf(BadMapping.class).hasMessageContaining("the file is empty");
    }

    private static String withoutId(String event) {
        return event.replaceFirst("\"event_id\":\"[^\"]*\",", "");
    }

    private record Run(CsvImport.Report report, List<String> events, List<String> rejects) {}

    private static Run run(String csv) throws IOException {
        return run(csv.getBytes(StandardCharsets.UTF_8));
    }

    private static Run run(byte[] csv) throws IOException {
        List<String> events = new ArrayList<>();
        List<String> rejects = new ArrayList<>();
        CsvImport.Report report = new CsvImport(MappingFile.read("m.yaml", MAPPING))
                .read("in.csv", new ByteArrayInputStream(csv), new CsvImport.Sink() {
                    @Override
                    public void event(String nativeJson) {
                        events.add(nativeJson);
                    }

                    @Override
                    public void reject(long line, String reason) {
                        rejects.add(line + ": " + reason);
                    }
                });
        return new Run(report, events, rejects);
    }
}
