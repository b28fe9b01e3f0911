package dev.weir.io.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CsvRowsTest {
    @Test
    void rowsKnowTheLineOnWhichTheyBegin() throws IOException {
        assertThat(rows("a,b\r\n1,2\n\n\"x\ny\",\"say \"\"hi\"\"\"\r3,\n"))
                .containsExactly("1:[a, b]", "2:[1, 2]", "4:[x\ny, say \"hi\"]", "6:[3, ]");
    }

    @Test
    void anOpenQuoteCostsItsOwnRowAndNoOther() throws IOException {
        assertThat(rows("a,b\n1,\"2\n3,4\n5,6"))
                .containsExactly("1:[a, b]", "2!a quote is opened and not closed", "3:[3, 4]", "4:[5, 6]");
    }

    @Test
    void textAfterAClosingQuoteIsAFault() throws IOException {
        assertThat(rows("\"a\"b,c\nd,e")).containsExactly("1!text follows the closing quote of cell 1", "2:[d, e]");
    }

    @Test
    void anEndlessLineIsAFault() throws IOException {
        assertThat(rows("x".repeat(CsvRows.ROW_LIMIT + 50) + "\na,b"))
                .containsExactly("1!the row is longer than 65536 characters", "2:[a, b]");
    }

    @Test
    void anyTextGivesRowsAndEveryLineIsCounted() throws IOException {
        for (long seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                text.append("a,\"\n\r;".charAt(random.nextInt(6)));
            }
            CsvRows rows = new CsvRows(new StringReader(text + "\nlast"), ',');
            CsvRows.Row last = null;
            for (CsvRows.Row row = rows.next(); row != null; row = rows.next()) {
                last = row;
            }
            assertThat(last).as("seed " + seed).isNotNull();
        }
    }

    private static List<String> rows(String text) throws IOException {
        CsvRows rows = new CsvRows(new StringReader(text), ',');
        List<String> all = new ArrayList<>();
        for (CsvRows.Row row = rows.next(); row != null; row = rows.next()) {
            all.add(row.line() + (row.fault() == null ? ":" + row.cells() : "!" + row.fault()));
        }
        return all;
    }
}
