package dev.weir.bench;

import dev.weir.machine.Row;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which rows a loop answers too, and what they say in its words. */
interface Cells extends Serializable {
    /** The row's key, or null for a row of no interest. */
    @Nullable String key(Row row);

    /** Puts the text of each cell under its name. */
    void read(Row row, Map<String, String> out);
}
