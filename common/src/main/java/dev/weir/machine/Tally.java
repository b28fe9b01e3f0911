package dev.weir.machine;

import java.io.Serializable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How sums become rows.
 *
 * <p>What a tally keeps is a {@link Sums}, a commutative group, so differences may come in any order and any number and end
 * in the same vector. What it says is a pure function of that vector and of one time T.
 *
 * <p><b>Group law.</b> plus is associative and commutative, minus undoes plus, the order of merging never changes a byte.
 */
public interface Tally extends Serializable {

    /** From now on, time changes a row at every moment. */
    long ALWAYS = Long.MIN_VALUE;

    /** Time alone will change no row. */
    long NEVER = Long.MAX_VALUE;

    /**
     * Says every row of a group as of T.
     *
     * @param group names the tally, see {@link Delta#group}
     * @param sums what was added up
     * @param asOf T in epoch milliseconds
     * @param out receives each row once
     * @return the earliest time at which time alone may change a row: {@link #ALWAYS}, {@link #NEVER}, or a time after T
     */
    long rows(String group, Sums sums, long asOf, Consumer<Row> out);

    /**
     * Whose a group is: groups of one owner are kept together, so that the rows of one may look at the sums of another. By
     * itself each is its own.
     */
    default String owner(String group) {
        return group;
    }

    /**
     * Says every row of a group as of T, where they need the sums of other groups of the owner too. They are said again when
     * the group itself changes or its time comes, not when another group does: so one that looks at others asks to be said
     * {@link #ALWAYS} while what they say may change its rows.
     *
     * @param others gives the sums of a group of the same owner, null where there are none
     */
    default long rows(String group, Sums sums, Function<String, @Nullable Sums> others, long asOf, Consumer<Row> out) {
        return rows(group, sums, asOf, out);
    }
}
