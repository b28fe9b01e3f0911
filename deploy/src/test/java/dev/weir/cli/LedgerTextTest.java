package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.io.Reconciliation.Line;
import dev.weir.io.Reconciliation.Part;
import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Held;
import dev.weir.machine.LedgerCheck.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LedgerTextTest {
    private static final List<Line> LINES = List.of(
            line(0, 1_000, List.of()),
            line(1, 990, List.of(new Finding(Kind.SKIPPED, 3, 10), new Finding(Kind.LOST, 4, 2))));

    @Test
    void aTopicIsOneLineAndABucketOneIfAsked() {
        assertThat(LedgerText.table(LINES, false))
                .hasSize(2)
                .last()
                .asString()
                .contains("conversion", "weir.deal.v1", "1,990", "skipped 10, lost 2");
        assertThat(LedgerText.table(LINES, true))
                .anySatisfy(row -> assertThat(row).contains("weir.deal.v1/0/3", "1,000", "holds"))
                .anySatisfy(row -> assertThat(row).contains("weir.deal.v1/1/4", "lost 2"));
    }

    @Test
    void eachFindingHasItsPlaceAndEachKindItsMend() {
        assertThat(LedgerText.findings(LINES))
                .hasSize(4)
                .contains(
                        "conversion, weir.deal.v1 partition 1, offsets 3000 to 3999: 10 records not read, though later ones were")
                .anySatisfy(line -> assertThat(line).startsWith("lost: ").contains("--allow-lost"));
        assertThat(LedgerText.findings(LINES.subList(0, 1))).isEmpty();
    }

    private static Line line(int partition, long read, List<Finding> findings) {
        return new Line(
                new Part("conversion", "weir.deal.v1", partition),
                new TreeMap<>(Map.of(3L, new Account(read, read, 0, 0, 0, 0, 0, 0, 0))),
                new Held(0),
                findings);
    }
}
