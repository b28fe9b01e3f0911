package dev.weir.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1", "\n@x", "=\"a\""})
    void whatBeginsAsAFormulaIsLedByAnApostrophe(String text) {
        assertThat(Csv.cell(text)).startsWith("\"'").doesNotContain("\r", "\n", "\t");
    }

    @Test
    void textStaysOneCellAndNothingMovesATerminalOrALine() {
        assertThat(Csv.cell("a \"b\", c")).isEqualTo("\"a \"\"b\"\", c\"");
        assertThat(Csv.cell("a\u001b[31m\u202eb\u2028c\u0000")).isEqualTo("\"a\\u{1b}[31m\\u{202e}b\\u{2028}c\\u{0}\"");
        assertThat(Csv.cell("")).isEmpty();
        assertThat(Csv.cell("x".repeat(10_000))).hasSizeLessThan(5_100).endsWith("(10,000 characters)\"");
    }

    @Test
    void numbersAreNumbersTheNegativeToo() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("name", "-1").put("number", -1.5).putNull("none");
        assertThat(Csv.of(new Rows("r", List.of("name"), List.of(row))))
                .isEqualTo("\"name\",\"number\",\"none\"\r\n\"'-1\",-1.5,\r\n");
    }
}
