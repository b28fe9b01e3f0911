package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.conversion.Entities;
import dev.weir.conversion.FunnelInputs;
import dev.weir.conversion.FunnelMachine;
import dev.weir.conversion.FunnelTables;
import dev.weir.conversion.FunnelTally;
import dev.weir.conversion.Observation;
import dev.weir.conversion.Persons;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.jobs.Backtest;
import dev.weir.machine.InMemory;
import dev.weir.machine.Json;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random playbooks over random events with ties, duplicates and disorder, and of persons and accounts that change: what the machines say is what SQL counts, cell by
 * cell. {@code -Drecount.playbooks=200} tries more of them, {@code -Dseed=} one alone.
 */
@Tag("slow")
class FunnelRecountTest {
    private static final int PLAYBOOKS = Integer.getInteger("recount.playbooks", 40);
    private static final int THROUGH_FLINK = 4;

    /** Durations are whole hours, and at most 48 of them, so that no two share a quantile bucket. */
    private static final long HOUR = 3_600_000L;

    private static final long START = Instant.parse("2026-03-20T00:00:00Z").toEpochMilli();
    private static final List<String> KINDS = List.of("a", "b", "c", "d", "e");
    private static final List<String> ZONES = List.of("UTC", "Europe/Berlin", "America/New_York");
    private static final List<List<String>> BREAKDOWNS = List.of(
            List.of("channel"),
            List.of("properties.device"),
            List.of("channel", "properties.device"),
            List.of("account.segment"),
            List.of("account.segment", "channel"));

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setConfiguration(new Configuration())
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(2)
            .build());

    private static Database database;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    @BeforeAll
    static void start() throws Exception {
        database = Database.migrated();
        try (InputStream sql = FunnelRecountTest.class.getResourceAsStream("/recount/funnel.sql")) {
            database.run(new String(Objects.requireNonNull(sql).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    /** An event as both sides read it. */
    private record Event(
            String id,
            long at,
            String kind,
            String person,
            @Nullable String account,
            @Nullable String channel,
            @Nullable String campaign,
            @Nullable String device) {

        /** Feedback has neither channel nor campaign. */
        boolean isFeedback() {
            return kind.equals("csat");
        }

        Object event() {
            Map<String, String> properties = device == null ? Map.of() : Map.of("device", device);
            Instant when = Instant.ofEpochMilli(at);
            return isFeedback()
                    ? new Feedback(id, when, person, account, null, "s", kind, 4.0, null, properties)
                    : new Engagement(
                            id, when, person, null, account, null, kind, channel, campaign, null, null, properties);
        }

        String fields() {
            Map<String, Object> fields = new TreeMap<>();
            put(fields, "account_id", account);
            put(fields, "channel", isFeedback() ? null : channel);
            put(fields, "campaign", isFeedback() ? null : campaign);
            put(fields, "properties.device", device);
            return Json.object(fields);
        }

        private static void put(Map<String, Object> fields, String name, @Nullable String value) {
            if (value != null) {
                fields.put(name, value);
            }
        }
    }

    /** A funnel, as the playbook writes it and as the recount reads it. */
    private record Drawn(String zone, String yaml, String json) {}

    @Test
    void whatTheMachinesSayIsWhatSqlCounts() throws Exception {
        long cells = 0;
        long attempts = 0;
        Long only = Long.getLong("seed");
        long first = only == null ? 1 : only;
        long last = only == null ? PLAYBOOKS : only;
        for (long seed = first; seed <= last; seed++) {
            Random random = new Random(seed);
            Drawn drawn = funnel(random, seed);
            Playbook playbook = PlaybookLoader.load(drawn.yaml, "seed-" + seed + ".yaml");
            List<Event> events = events(random);
            List<EntityChange> entities = entities(random);
            List<Object> told = disorder(random, events, entities);
            long end = START + (24 * 14 + random.nextInt(96)) * HOUR;
            database.run("TRUNCATE weir.funnel_attempt, weir.funnel_window, recount.event, recount.entity");
            write(events);
            writeEntities(entities);
            if (seed % Math.max(1, PLAYBOOKS / THROUGH_FLINK) == 0) {
                throughFlink(playbook, told, end, work.resolve("seed" + seed));
            } else {
                throughTheMachines(random, playbook, told, end);
            }
            database.run("SELECT recount.fill('" + drawn.json + "')");
            attempts += compareAttempts(seed, drawn);
            cells += compareWindows(seed, drawn, end);
        }
        System.out.printf(
                "%d playbooks: %,d cells of funnel_window and %,d attempts equal%n", last - first + 1, cells, attempts);
        assertThat(cells).isGreaterThan((last - first + 1) * 20);
        assertThat(attempts).isGreaterThan((last - first + 1) * 5);
    }

    private static long compareAttempts(long seed, Drawn drawn) throws SQLException {
        String said =
                "SELECT entity_id, attempt_no, started_at, account_id, channel, campaign, breakdowns, reached_step,"
                        + " step_times, completed_at, matures_at FROM weir.funnel_attempt WHERE NOT deleted AND NOT truncated";
        String counted = "SELECT * FROM recount.attempts('" + drawn.json + "')";
        assertThat(database.read("(" + counted + ") EXCEPT (" + said + ") LIMIT 5"))
                .as("seed %d: attempts that Weir does not say%n%s", seed, drawn.yaml)
                .isEmpty();
        assertThat(database.read("(" + said + ") EXCEPT (" + counted + ") LIMIT 5"))
                .as("seed %d: attempts that only Weir says%n%s", seed, drawn.yaml)
                .isEmpty();
        return Long.parseLong(database.read("SELECT count(*) FROM weir.funnel_attempt WHERE NOT deleted")
                .get(0));
    }

    private static long compareWindows(long seed, Drawn drawn, long end) throws SQLException {
        database.run(
                "DROP TABLE IF EXISTS counted",
                "CREATE TABLE counted AS SELECT * FROM recount.windows('" + drawn.json + "', " + end + ")");
        String key = " USING (grain, window_start, breakdown, value, step_no)";
        String joined = " FROM counted c FULL JOIN (SELECT * FROM weir.funnel_window WHERE NOT deleted) w" + key;
        assertThat(database.read(
                        "SELECT grain, window_start, breakdown, value, step_no, c.entered, w.entered, c.reached,"
                                + " w.reached, c.mature_entered, w.mature_entered, c.mature_reached, w.mature_reached"
                                + joined
                                + " WHERE (c.step, c.window_end, c.window_date, c.is_complete, c.entered, c.reached,"
                                + " c.mature_entered, c.mature_reached) IS DISTINCT FROM (w.step, w.window_end, w.window_date,"
                                + " w.is_complete, w.entered, w.reached, w.mature_entered, w.mature_reached) LIMIT 5"))
                .as("seed %d: windows that differ%n%s", seed, drawn.yaml)
                .isEmpty();
        String far = " IS DISTINCT FROM true";
        assertThat(database.read(
                        "SELECT grain, window_start, breakdown, value, step_no, p50, seconds_p50, p90, seconds_p90"
                                + joined + " WHERE (CASE WHEN p50 IS NULL THEN seconds_p50 IS NULL"
                                + " ELSE abs(p50 - seconds_p50) <= 0.0201 * p50 END)" + far
                                + " OR (CASE WHEN p90 IS NULL THEN seconds_p90 IS NULL"
                                + " ELSE abs(p90 - seconds_p90) <= 0.0201 * p90 END)" + far + " LIMIT 5"))
                .as("seed %d: quantiles that differ%n%s", seed, drawn.yaml)
                .isEmpty();
        return Long.parseLong(database.read("SELECT count(*) FROM counted").get(0));
    }

    // Through the machines.

    private static void throughTheMachines(Random random, Playbook playbook, List<Object> told, long end)
            throws SQLException {
        Conditions conditions = Conditions.of(FunnelInputs.conditions(playbook.funnels()), List.of());
        Fields fields = Fields.of(FunnelInputs.fields(playbook.funnels()));
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
        Persons persons = new Persons(playbook, machine);
        boolean accounts = playbook.funnels().get(0).entity() == Funnel.Entity.ACCOUNT;
        for (Object one : told) {
            if (one instanceof EntityChange change) {
                persons.comes(change);
                continue;
            }
            Event event = (Event) one;
            if (random.nextInt(20) == 0) {
                machine.watermark(Math.min(end, event.at));
            }
            String key = accounts ? event.account : event.person;
            if (event.at <= end && key != null) {
                Observation observation = observation(event, conditions, fields);
                persons.comes(accounts ? Entities.account(key) : Entities.person(key), observation);
            }
        }
        machine.watermark(end);
        try (Connection connection = database.as("writer").connect()) {
            write(
                    connection,
                    FunnelTables.FUNNEL_ATTEMPT,
                    List.copyOf(machine.rows().values()));
            List<Row> windows = machine.tallied(new FunnelTally(playbook), end).stream()
                    .filter(row -> row.table().equals(FunnelTables.FUNNEL_WINDOW.name()))
                    .toList();
            write(connection, FunnelTables.FUNNEL_WINDOW, windows);
        }
    }

    private static Observation observation(Event event, Conditions conditions, Fields fields) {
        long[] bits = new long[conditions.words()];
        if (event.event() instanceof Feedback feedback) {
            conditions.holds(feedback, bits);
            return new Observation("f:" + event.id, event.at, bits, fields.values(feedback), null);
        }
        Engagement engagement = (Engagement) event.event();
        conditions.holds(engagement, bits);
        return new Observation("e:" + event.id, event.at, bits, fields.values(engagement), null);
    }

    private static void throughFlink(Playbook playbook, List<Object> told, long end, Path folder) throws Exception {
        Files.createDirectories(folder);
        Path in = Files.write(
                folder.resolve("in.jsonl"),
                told.stream()
                        .map(one -> NativeJson.write(one instanceof Event event ? event.event() : one))
                        .toList());
        History history = History.read(List.of(in), Instant.ofEpochMilli(end), folder, refusal -> {
            throw new IllegalArgumentException(refusal);
        });
        Path out = Files.createDirectories(folder.resolve("out"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        Backtest.run(env, playbook, history, out);
        for (Table table : List.of(FunnelTables.FUNNEL_ATTEMPT, FunnelTables.FUNNEL_WINDOW)) {
            Path file = out.resolve(table.name() + ".jsonl");
            String rows = Files.exists(file) ? String.join(",", Files.readAllLines(file)) : "";
            try (Connection connection = database.as("postgres").connect();
                    PreparedStatement insert = connection.prepareStatement(
                            "INSERT INTO weir." + table.name()
                                    + " SELECT r.* FROM jsonb_array_elements(?::jsonb) AS row,"
                                    + " jsonb_populate_record(null::weir." + table.name()
                                    + ", jsonb_build_object('deleted', false, 'revision', 1, 'loaded_at', now()) || row) AS r")) {
                insert.setString(1, "[" + rows + "]");
                insert.executeUpdate();
            }
        }
    }

    private static void write(Connection connection, Table table, List<Row> rows) throws SQLException {
        Upsert.of(table).run(connection, rows, 1);
    }

    private static void write(List<Event> events) throws SQLException {
        try (Connection connection = database.as("postgres").connect();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO recount.event VALUES (?, ?, ?, ?, ?, ?::jsonb)")) {
            for (Event event : events) {
                insert.setLong(1, event.at);
                insert.setString(2, (event.isFeedback() ? "f:" : "e:") + event.id);
                insert.setString(3, event.person);
                insert.setString(4, event.account);
                insert.setString(5, event.kind);
                insert.setString(6, event.fields());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void writeEntities(List<EntityChange> entities) throws SQLException {
        try (Connection connection = database.as("postgres").connect();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO recount.entity VALUES (?, ?, ?, ?, ?::jsonb)")) {
            for (EntityChange change : entities) {
                insert.setString(1, change.entity());
                insert.setString(2, change.id());
                insert.setLong(3, change.occurredAt().toEpochMilli());
                insert.setString(4, change.eventId());
                insert.setString(5, Json.object(change.properties()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    // What is drawn.

    private static Drawn funnel(Random random, long seed) {
        String order = List.of("ordered", "ordered", "strict", "any").get(random.nextInt(4));
        boolean any = order.equals("any");
        String zone = ZONES.get(random.nextInt(ZONES.size()));
        int within = 4 + random.nextInt(45);
        List<Object> steps = new ArrayList<>();
        StringBuilder yaml = new StringBuilder();
        for (int s = 0, n = 2 + random.nextInt(5); s < n; s++) {
            List<String> kinds = random.nextInt(8) == 0 && s > 0 ? List.of("csat") : kinds(random);
            Integer own = s > 0 && !any && random.nextInt(3) == 0 ? 1 + random.nextInt(within) : null;
            boolean optional = s > 0 && !any && random.nextInt(5) == 0;
            Map<String, Object> step =
                    new LinkedHashMap<>(Map.of("name", "s" + s, "kinds", kinds, "optional", optional));
            yaml.append("      - {name: s")
                    .append(s)
                    .append(", when: \"")
                    .append(when(kinds))
                    .append('"');
            if (own != null) {
                step.put("within", own * HOUR);
                yaml.append(", within: ").append(own).append('h');
            }
            yaml.append(optional ? ", optional: true" : "").append("}\n");
            steps.add(step);
        }
        List<List<String>> exclude = random.nextInt(3) == 0 ? List.of(List.of(pick(random, KINDS))) : List.of();
        List<List<String>> breakdowns =
                BREAKDOWNS.stream().filter(b -> random.nextBoolean()).toList();
        List<String> windows = List.of("day", "week", "month", "quarter").stream()
                .filter(w -> random.nextBoolean())
                .toList();
        boolean account = random.nextInt(3) == 0;
        boolean last = random.nextInt(3) == 0;
        String text = "playbook: seed" + seed + "\ntimezone: " + zone + "\nfunnels:\n  - name: f\n    entity: "
                + (account ? "account" : "person") + "\n    order: " + order + "\n    within: " + within
                + "h\n    breakdown_from: " + (last ? "last" : "first") + "\n    windows: " + windows
                + "\n    breakdowns: "
                + breakdowns.stream()
                        .map(b -> b.size() == 1 ? b.get(0) : b.toString())
                        .toList() + "\n"
                + (exclude.isEmpty() ? "" : "    exclude: [\"" + when(exclude.get(0)) + "\"]\n") + "    steps:\n"
                + yaml;
        Map<String, Object> recount = new TreeMap<>();
        recount.put("zone", zone);
        recount.put("entity", account ? "account" : "person");
        recount.put("order", order);
        recount.put("within", within * HOUR);
        recount.put("from", last ? "last" : "first");
        recount.put("windows", windows);
        recount.put("breakdowns", breakdowns);
        recount.put("exclude", exclude);
        recount.put("steps", steps);
        return new Drawn(zone, text, Json.object(recount));
    }

    private static List<String> kinds(Random random) {
        String one = pick(random, KINDS);
        String other = pick(random, KINDS);
        return random.nextInt(4) == 0 && !one.equals(other) ? List.of(one, other) : List.of(one);
    }

    private static String when(List<String> kinds) {
        if (kinds.contains("csat")) {
            return "feedback.kind == 'csat'";
        }
        return kinds.size() == 1
                ? "engagement.kind == '" + kinds.get(0) + "'"
                : "engagement.kind in ['" + String.join("', '", kinds) + "']";
    }

    private static List<Event> events(Random random) {
        List<Event> events = new ArrayList<>();
        int count = 150 + random.nextInt(250);
        // Few hours, so that instants are shared.
        int hours = 24 * (2 + random.nextInt(12));
        for (int i = 0; i < count; i++) {
            events.add(new Event(
                    "x" + random.nextInt(1_000_000) + "-" + i,
                    START + random.nextInt(hours) * HOUR,
                    random.nextInt(10) == 0 ? "csat" : pick(random, KINDS),
                    "p" + random.nextInt(12),
                    random.nextInt(5) == 0 ? null : "acc" + random.nextInt(6),
                    maybe(random, List.of("ads", "mail", "R&D")),
                    maybe(random, List.of("spring", "autumn")),
                    maybe(random, List.of("mobile", "desktop", "& co"))));
        }
        return events;
    }

    /** Of which account persons are, one after the other, and of which segment accounts; some say neither. */
    private static List<EntityChange> entities(Random random) {
        List<EntityChange> entities = new ArrayList<>();
        for (int i = random.nextInt(4) == 0 ? 0 : random.nextInt(40); i > 0; i--) {
            boolean ofPerson = random.nextBoolean();
            String account = "acc" + random.nextInt(7);
            Map<String, String> said = ofPerson
                    ? Map.of("account_id", random.nextInt(8) == 0 ? "" : account)
                    : random.nextInt(6) == 0
                            ? Map.of("name", "n")
                            : Map.of("segment", pick(random, List.of("smb", "ent", "")));
            entities.add(new EntityChange(
                    "x" + random.nextInt(1_000) + "-" + i,
                    Instant.ofEpochMilli(START + random.nextInt(24 * 8) * HOUR),
                    ofPerson ? EntityChange.PERSON : EntityChange.ACCOUNT,
                    EntityChange.UPSERTED,
                    ofPerson ? "p" + random.nextInt(12) : account,
                    null,
                    null,
                    said));
        }
        return entities;
    }

    /** All of it in any order, some more than once. */
    private static List<Object> disorder(Random random, List<Event> events, List<EntityChange> entities) {
        List<Object> told = new ArrayList<>(events);
        told.addAll(entities);
        for (int again = told.size() / 5; again > 0; again--) {
            told.add(pick(random, told));
        }
        Collections.shuffle(told, random);
        return told;
    }

    private static @Nullable String maybe(Random random, List<String> values) {
        return random.nextInt(4) == 0 ? null : pick(random, values);
    }

    private static <T> T pick(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
