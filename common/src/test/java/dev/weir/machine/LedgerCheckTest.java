package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Held;
import dev.weir.machine.LedgerCheck.Kind;
import dev.weir.testing.Seeds;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LedgerCheckTest {
    @Test
    void allThatIsThereWasRead() {
        assertThat(check(LongStream.range(0, 2_500), held(0, LongStream.range(0, 2_500))))
                .isEmpty();
    }

    @Test
    void endsOfTransactionsAreNoRecords() {
        LongStream records = LongStream.range(0, 2_500).filter(offset -> offset % 7 != 6);
        assertThat(check(records, held(0, LongStream.range(0, 2_500).filter(offset -> offset % 7 != 6))))
                .isEmpty();
    }

    @Test
    void whatComesAfterTheLastThatWasReadIsNotReadYet() {
        assertThat(check(LongStream.range(0, 1_500), held(0, LongStream.range(0, 2_500))))
                .containsExactly(new Finding(Kind.BEHIND, 1, 500), new Finding(Kind.BEHIND, 2, 500));
    }

    @Test
    void whereNothingWasReadWhatIsThereIsNotReadYet() {
        assertThat(check(LongStream.empty(), held(1_200, LongStream.range(1_200, 1_300))))
                .containsExactly(new Finding(Kind.BEHIND, 1, 100));
        assertThat(check(LongStream.empty(), held(0, LongStream.empty()))).isEmpty();
    }

    @Test
    void whatWasPassedOverIsSkipped() {
        LongStream read = LongStream.range(0, 3_000).filter(offset -> offset < 900 || offset >= 1_000);
        assertThat(check(read, held(0, LongStream.range(0, 3_000)))).containsExactly(new Finding(Kind.SKIPPED, 0, 100));
        assertThat(check(LongStream.of(5, 6, 7), held(0, LongStream.range(5, 9)).plus(LongStream.of(3))))
                .as("not the first of the bucket")
                .containsExactly(new Finding(Kind.DIFFERENT, 0, 2));
    }

    @Test
    void aBucketWithoutAFateOrWithTwoIsNamed() {
        NavigableMap<Long, Account> accounts = accounts(LongStream.range(0, 10));
        accounts.merge(0L, new Account(0, -1, 0, 0, 2, 0, 0, 0, 1), Account::plus);
        assertThat(LedgerCheck.of(accounts, held(0, LongStream.range(0, 10)).held, true))
                .containsExactly(new Finding(Kind.UNBALANCED, 0, -1), new Finding(Kind.LETTERS, 0, 1));
    }

    @Test
    void whatWasReadBeforeItWasDeletedIsFine() {
        assertThat(check(LongStream.range(0, 4_000), held(2_400, LongStream.range(2_400, 4_000))))
                .isEmpty();
        assertThat(check(LongStream.range(0, 4_000), held(4_000, LongStream.empty())))
                .isEmpty();
        assertThat(check(LongStream.range(650, 4_000), held(700, LongStream.range(700, 4_000))))
                .as("reading began when the first had gone already")
                .isEmpty();
    }

    @Test
    void whatWasDeletedBeforeItWasReadIsLost() {
        LongStream read = LongStream.concat(LongStream.range(0, 1_200), LongStream.range(3_300, 4_000));
        assertThat(check(read, held(3_300, LongStream.range(3_300, 4_000))))
                .containsExactly(
                        new Finding(Kind.LOST, 1, 800),
                        new Finding(Kind.LOST, 2, 1_000),
                        new Finding(Kind.LOST, 3, 300));
        assertThat(check(LongStream.range(0, 500), held(800, LongStream.range(800, 1_100))))
                .as("the job stands still and does not know yet")
                .containsExactly(
                        new Finding(Kind.LOST, 0, 300),
                        new Finding(Kind.BEHIND, 0, 200),
                        new Finding(Kind.BEHIND, 1, 100));
    }

    @Test
    void amongTransactionsOnlyWholeBucketsAreMissed() {
        LongStream read = LongStream.concat(LongStream.range(0, 1_200), LongStream.range(3_300, 4_000));
        assertThat(LedgerCheck.of(accounts(read), held(3_300, LongStream.range(3_300, 4_000)).held, false))
                .containsExactly(new Finding(Kind.LOST, 2, 1_000));
    }

    @Test
    void whatWasReadAndIsNotThereIsTooMuch() {
        assertThat(check(LongStream.range(0, 1_500), held(0, LongStream.range(0, 1_100))))
                .containsExactly(new Finding(Kind.SURPLUS, 1, 400));
    }

    /** A reader that stops, loses what is deleted meanwhile, and goes on: the check finds what a list of its reads gives. */
    @Test
    void everyRecordIsReadLostBehindOrFine() {
        Seeds.hold(random -> {
            long end = 1 + random.nextLong(6_000);
            long start = random.nextInt(4) == 0 ? random.nextLong(end) : 0;
            long stopped = start + random.nextLong(end - start) + 1;
            long begin = start + random.nextLong(end - start + 1);
            long resumed = Math.max(begin, stopped);
            long read = resumed + random.nextLong(end - resumed + 1);
            LongStream reads = LongStream.concat(LongStream.range(start, stopped), LongStream.range(resumed, read));
            Map<Kind, Long> found = new EnumMap<>(Kind.class);
            check(reads, held(begin, LongStream.range(begin, end)))
                    .forEach(finding -> found.merge(finding.kind(), finding.records(), Long::sum));
            Map<Kind, Long> expected = new EnumMap<>(Kind.class);
            expected.put(Kind.LOST, resumed - stopped);
            expected.put(Kind.BEHIND, end - read);
            expected.values().removeIf(none -> none == 0);
            assertThat(found).isEqualTo(expected);
        });
    }

    @Test
    void anyOneReadingLeftOutIsFound() {
        Seeds.hold(random -> {
            int end = 2 + random.nextInt(2_500);
            long left = random.nextInt(end - 1);
            assertThat(check(
                            LongStream.range(0, end).filter(offset -> offset != left),
                            held(0, LongStream.range(0, end))))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.bucket()).isEqualTo(left / 1_000);
                        assertThat(finding.kind()).isIn(Kind.SKIPPED, Kind.DIFFERENT);
                        assertThat(finding.records()).isEqualTo(1);
                    });
        });
    }

    private static List<Finding> check(LongStream read, Topic topic) {
        return LedgerCheck.of(accounts(read), topic.held, true);
    }

    private record Topic(Held held) {
        Topic plus(LongStream offsets) {
            offsets.forEach(held::add);
            return this;
        }
    }

    private static Topic held(long begin, LongStream offsets) {
        return new Topic(new Held(begin)).plus(offsets);
    }

    /** What the tally of a job says that read these. */
    private static NavigableMap<Long, Account> accounts(LongStream read) {
        NavigableMap<Long, Account> accounts = new TreeMap<>();
        read.forEach(offset -> {
            Sums sums = new Sums();
            LedgerTally.count(sums, new Position("t", 0, offset), LedgerTally.Fate.READ);
            LedgerTally.count(sums, new Position("t", 0, offset), LedgerTally.Fate.ACCEPTED);
            new LedgerTally().rows(LedgerTally.group("j", new Position("t", 0, offset)), sums, 0, row -> {
                accounts.merge(
                        Long.valueOf(String.valueOf(row.values()[3])),
                        new Account(1, 1, 0, 0, 0, 0, 0, Long.parseLong(String.valueOf(row.values()[11])), 0),
                        Account::plus);
            });
        });
        return accounts;
    }
}
