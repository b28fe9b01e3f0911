package dev.weir.machine;

import java.io.Serializable;
import java.util.function.Consumer;

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
}
