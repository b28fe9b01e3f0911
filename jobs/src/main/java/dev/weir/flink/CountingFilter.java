package dev.weir.flink;

import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import java.util.Objects;
import org.apache.flink.api.common.functions.FilterFunction;

/** Drops what a filter refuses, and counts it as filtered where its record is to be counted. */
final class CountingFilter<F> extends CountingOperator<Difference<F>, Difference<F>> {
    private final FilterFunction<F> filter;

    CountingFilter(String job, FilterFunction<F> filter) {
        super(job);
        this.filter = filter;
    }

    @Override
    protected void process(Difference<F> difference) throws Exception {
        if (filter.filter(Objects.requireNonNull(difference.fact))) {
            send(difference);
        } else if (difference.position != null) {
            count(difference.position, LedgerTally.Fate.FILTERED);
        }
    }
}
