package dev.weir.bench;

import dev.weir.alert.Signal;
import dev.weir.avro.Deal;
import dev.weir.cycletime.DealTables;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.flink.Flow;
import dev.weir.io.PlaybookLoader;
import dev.weir.jobs.CycleTimeJob;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Values;
import dev.weir.playbook.Playbook;
import dev.weir.stats.Buckets;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Workload B: eight events a deal over half a year; entries, exits and dwell quantiles by week, stage (6) and segment (4),
 * and every deal that stood still for more than 21 days.
 */
final class Moves implements Workload {
    private static final long DAY = 86_400_000L;
    private static final long WEEK = 7 * DAY;
    /** A Monday. */
    private static final long START = Instant.parse("2026-01-05T00:00:00Z").toEpochMilli();

    private static final long LIMIT = 21 * DAY;
    private static final int EVENTS_A_DEAL = 8;
    private static final List<String> STAGES =
            List.of("lead", "qualified", "demo", "proposal", "negotiation", "contract");
    private static final List<String> SEGMENTS = List.of("smb", "mid", "enterprise", "public");
    private static final String PLAYBOOK = """
            playbook: bench
            timezone: UTC
            reporting_currency: EUR
            pipelines:
              - name: sales
                stages:
                  - {name: lead, stalled_after: 21d}
                  - {name: qualified, stalled_after: 21d}
                  - {name: demo, stalled_after: 21d}
                  - {name: proposal, stalled_after: 21d}
                  - {name: negotiation, stalled_after: 21d}
                  - {name: contract, stalled_after: 21d}
                  - {name: won, outcome: won}
                  - {name: lost, outcome: lost}
                breakdowns: [properties.segment]
                windows: [week]
            """;

    private final byte[][] events;
    private final long end;

    private record Timed(long at, byte[] bytes) {}

    Moves(int count) {
        BinaryMessageEncoder<Deal> encoder = Avro.encoder(Deal.getClassSchema());
        SplittableRandom random = new SplittableRandom(2);
        Timed[] timed = new Timed[count];
        int made = 0;
        for (int deal = 0; made < count; deal++) {
            made = live(deal, random, encoder, timed, made);
        }
        Arrays.sort(timed, Comparator.comparingLong(Timed::at));
        events = Arrays.stream(timed).map(Timed::bytes).toArray(byte[][]::new);
        end = timed[count - 1].at;
    }

    /** The life of one deal: mostly forward, sometimes back, changes of amount between, now and then a long rest. */
    private static int live(
            int number, SplittableRandom random, BinaryMessageEncoder<Deal> encoder, Timed[] timed, int made) {
        long at = START + random.nextLong(120 * DAY);
        int stage = 0;
        boolean closed = false;
        int next = made;
        for (int e = 0; e < EVENTS_A_DEAL && next < timed.length; e++) {
            Deal.Builder event = Deal.newBuilder()
                    .setEventId("e" + number + "." + e)
                    .setOccurredAt(Instant.ofEpochMilli(at))
                    .setDealId("d" + number);
            int chance = random.nextInt(10);
            if (e == 0) {
                event.setKind(DealChange.CREATED)
                        .setPipeline("sales")
                        .setStage(STAGES.get(0))
                        .setAmount(new BigDecimal(100 * (1 + random.nextInt(900))).setScale(4))
                        .setCurrency("EUR")
                        .setOwnerId("o" + random.nextInt(200))
                        .setAccountId("a" + number / 2)
                        .setProperties(Map.of("segment", SEGMENTS.get(random.nextInt(SEGMENTS.size()))));
            } else if (closed || chance < 2) {
                event.setKind(DealChange.AMENDED)
                        .setAmount(new BigDecimal(100 * (1 + random.nextInt(900))).setScale(4));
            } else {
                stage += chance == 2 && stage > 0 ? -1 : 1;
                boolean lost = chance == 3;
                closed = lost || stage == STAGES.size();
                event.setKind(DealChange.STAGE_CHANGED).setStage(lost ? "lost" : closed ? "won" : STAGES.get(stage));
            }
            timed[next++] = new Timed(at, Avro.bytes(encoder, event.build()));
            double days = -Math.log(1 - random.nextDouble()) * (random.nextInt(10) == 0 ? 25 : 5);
            at += 1000 + (long) (days * DAY);
        }
        return next;
    }

    @Override
    public byte[][] events() {
        return events;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public String loopName() {
        return "idiomatic loop";
    }

    @Override
    public DataStream<Row> flow(StreamExecutionEnvironment env) {
        Playbook playbook = PlaybookLoader.load(PLAYBOOK, "bench");
        Flow flow = new Flow(CycleTimeJob.NAME, end);
        Feed.Streams<DealChange> read =
                Feed.streams(env, CycleTimeJob.NAME, DealChange.class, event -> event.occurredAt()
                        .toEpochMilli());
        flow.add("read", read.counts());
        return CycleTimeJob.flow(
                flow,
                playbook,
                read.events(),
                Feed.none(env, Engagement.class),
                Feed.none(env, dev.weir.event.EntityChange.class));
    }

    // The loop.

    private record CellName(long week, String segment, String stage) {}

    private static final class Cell {
        long entered;
        long exited;
        final Sums dwell = new Sums();

        void add(Cell other) {
            entered += other.entered;
            exited += other.exited;
            dwell.plus(other.dwell);
        }
    }

    /** Where a deal stands; no stage once it is closed. */
    private static final class Standing {
        @Nullable String stage;

        String segment = "";
        long enteredAt;
    }

    @Override
    public Map<String, String> loop() throws IOException {
        Avro.Reader reader = new Avro.Reader(Deal.getClassSchema());
        Map<String, Standing> deals = new HashMap<>();
        Map<CellName, Cell> cells = new HashMap<>();
        Map<String, String> answer = new TreeMap<>();
        for (byte[] bytes : events) {
            GenericRecord event = reader.read(bytes);
            String id = (String) event.get("deal_id");
            Standing deal = deals.computeIfAbsent(id, d -> new Standing());
            Object segment = ((Map<?, ?>) event.get("properties")).get("segment");
            if (segment != null) {
                deal.segment = (String) segment;
            }
            String to = (String) event.get("stage");
            if (to == null || to.equals(deal.stage)) {
                continue;
            }
            long at = (Long) event.get("occurred_at");
            if (deal.stage != null) {
                Cell cell = cells.computeIfAbsent(name(at, deal.segment, deal.stage), c -> new Cell());
                cell.exited++;
                Buckets.add(cell.dwell, 0, 0, at - deal.enteredAt, 1);
                stalled(id, deal, at, answer);
            }
            boolean closed = to.equals("won") || to.equals("lost");
            deal.stage = closed ? null : to;
            deal.enteredAt = at;
            if (!closed) {
                cells.computeIfAbsent(name(at, deal.segment, to), c -> new Cell()).entered++;
            }
        }
        deals.forEach((id, deal) -> stalled(id, deal, null, answer));
        answer(cells, answer);
        return answer;
    }

    private static CellName name(long at, String segment, String stage) {
        return new CellName(START + Math.floorDiv(at - START, WEEK) * WEEK, segment, stage);
    }

    private void stalled(String id, Standing deal, @Nullable Long exitedAt, Map<String, String> answer) {
        long until = exitedAt == null ? end : exitedAt;
        if (deal.stage != null && until - deal.enteredAt > LIMIT) {
            answer.put(
                    "stalled sales/" + id + " " + Values.time(deal.enteredAt + LIMIT),
                    String.valueOf(Values.time(exitedAt)));
        }
    }

    private static void answer(Map<CellName, Cell> cells, Map<String, String> answer) {
        Map<String, Cell> rows = new HashMap<>();
        cells.forEach((name, cell) -> {
            for (String window : List.of("week " + Values.time(name.week), "all " + Values.time(0L))) {
                rows.computeIfAbsent(window + " (total) (total) " + name.stage, r -> new Cell())
                        .add(cell);
                rows.computeIfAbsent(window + " properties.segment " + name.segment + " " + name.stage, r -> new Cell())
                        .add(cell);
            }
        });
        rows.forEach((row, cell) -> {
            Buckets dwell = Buckets.read(cell.dwell, 0, 0);
            answer.put(
                    row,
                    cell.entered + " " + cell.exited + " " + Values.number(dwell.p50Seconds()) + " "
                            + Values.number(dwell.p90Seconds()) + " " + Values.number(dwell.p99Seconds()));
        });
    }

    @Override
    public Cells cells() {
        return new DealCells();
    }

    private static final class DealCells implements Cells {
        @Override
        public @Nullable String key(Row row) {
            return row.table().equals(DealTables.STAGE_FLOW.name())
                    ? row.key(DealTables.STAGE_FLOW)
                    : row.table().equals(Signal.TABLE.name()) ? row.key(Signal.TABLE) : null;
        }

        @Override
        public void read(Row row, Map<String, String> out) {
            String[] v = row.values();
            if (row.table().equals(Signal.TABLE.name())) {
                // signal_id, kind, subject, metric, breakdown, value, owner_id, started_at, ended_at
                out.put(v[1] + " " + v[2] + " " + v[7], String.valueOf(v[8]));
            } else if (!v[10].equals("0") || !v[11].equals("0")) {
                // pipeline, grain, window_start, breakdown, value, stage, four of the window, then the measures. A week
                // in
                // which deals only waited is no cell of the loop.
                out.put(
                        v[1] + " " + v[2] + " " + v[3] + " " + v[4] + " " + v[5],
                        v[10] + " " + v[11] + " " + v[20] + " " + v[21] + " " + v[22]);
            }
        }
    }
}
