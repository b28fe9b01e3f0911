package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.Memory;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** The types of what flows between operators and of what is kept, none of them left to Kryo. */
public final class StreamTypes {
    public static final TypeInformation<Row> ROW = Types.POJO(Row.class);
    public static final TypeInformation<Delta> DELTA = Types.POJO(Delta.class);
    public static final TypeInformation<Position> POSITION = Types.POJO(Position.class);

    static final TypeInformation<TallyOperator.Said> SAID = Types.POJO(
            TallyOperator.Said.class,
            Map.of("sums", Types.POJO(Sums.class), "asOf", Types.LONG, "rows", Types.MAP(Types.STRING, Types.LONG)));

    private StreamTypes() {}

    /** Differences of facts of one type. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public static <F> TypeInformation<Difference<F>> difference(Class<F> fact) {
        return (TypeInformation) Types.POJO(
                Difference.class,
                Map.of(
                        "key", Types.STRING,
                        "comes", Types.BOOLEAN,
                        "fact", Types.POJO(fact),
                        "position", POSITION,
                        "sent", Types.BOOLEAN));
    }

    /** What is kept of one key. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public static <F> TypeInformation<Memory<F>> memory(Class<F> fact) {
        return (TypeInformation) Types.POJO(
                Memory.class,
                Map.of(
                        "facts", Types.LIST(Types.POJO(fact)),
                        "beside", Types.LIST(Types.POJO(fact)),
                        "owed", Types.LIST(Types.POJO(fact)),
                        "saidUpTo", Types.LONG,
                        "sealedUpTo", Types.LONG,
                        "wake", Types.LONG,
                        "truncated", Types.BOOLEAN));
    }
}
