package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** The types of what flows between operators and of what is kept, none of them left to Kryo. */
public final class StreamTypes {
    public static final TypeInformation<Row> ROW = FlatType.of(Row.class);
    public static final TypeInformation<Delta> DELTA = FlatType.of(Delta.class);

    static final TypeInformation<TallyOperator.Said> SAID = FlatType.of(TallyOperator.Said.class);

    private StreamTypes() {}

    /** Differences of facts of one type. */
    public static <F> TypeInformation<Difference<F>> difference(Class<F> fact) {
        return FlatType.of(Difference.class, fact);
    }

    /** What is kept of one key. */
    public static <F> FlatType<Memory<F>> memory(Class<F> fact) {
        return FlatType.of(Memory.class, fact);
    }
}
