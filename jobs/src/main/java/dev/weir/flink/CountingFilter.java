package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Sums;
import java.util.Objects;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Drops what a filter refuses, and counts it as filtered where its record is to be counted. */
final class CountingFilter<F> extends ProcessFunction<Difference<F>, Difference<F>> {
    static final OutputTag<Delta> FILTERED = new OutputTag<>("filtered", StreamTypes.DELTA);

    private final String job;
    private final FilterFunction<F> filter;
    private transient @Nullable LedgerGroups ledger;

    CountingFilter(String job, FilterFunction<F> filter) {
        this.job = job;
        this.filter = filter;
    }

    @Override
    public void open(OpenContext context) {
        ledger = new LedgerGroups(job);
    }

    @Override
    public void processElement(Difference<F> difference, Context context, Collector<Difference<F>> out)
            throws Exception {
        if (filter.filter(Objects.requireNonNull(difference.fact))) {
            out.collect(difference);
        } else if (difference.position != null) {
            Sums sums = new Sums();
            LedgerTally.count(sums, difference.position, LedgerTally.Fate.FILTERED);
            context.output(FILTERED, new Delta(Objects.requireNonNull(ledger).group(difference.position), sums));
        }
    }
}
