package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchTest {
    @Test
    void rowsAreCutIntoBatchesAndComeBackAsTheyWere() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 2 * Batch.ROWS + 1; i++) {
            @Nullable String[] values = {"key é" + i, i % 2 == 0 ? null : "", "\uD83D\uDE00"};
            rows.add(new Row("deal", values, "h", i % 3 == 0, Long.MIN_VALUE + i));
        }
        List<Batch> batches = Batch.of("deal", 7, rows);
        assertThat(batches).extracting(Batch::size).containsExactly(Batch.ROWS, Batch.ROWS, 1);
        List<Row> back = new ArrayList<>();
        for (Batch batch : batches) {
            Batch restored =
                    Batch.SERIALIZER.deserialize(Batch.SERIALIZER.getVersion(), Batch.SERIALIZER.serialize(batch));
            assertThat(restored.revision()).isEqualTo(7);
            back.addAll(restored.rows());
        }
        assertThat(back).isEqualTo(rows);
    }

    @Test
    void aBatchOfLargeRowsIsCutByItsBytes() {
        @Nullable String[] large = {"x".repeat(1 << 20)};
        assertThat(Batch.of("deal", 1, java.util.Collections.nCopies(20, new Row("deal", large, "", false, 0))))
                .hasSizeBetween(2, 4);
    }
}
