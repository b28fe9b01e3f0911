package dev.weir.bench.warehouse;

import dev.weir.cli.Migrate;
import dev.weir.io.Warehouse;
import dev.weir.local.Home;
import dev.weir.local.LocalPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scripts/bench warehouse}: how long every view and every page of the console takes over years of rows. */
@Command(
        name = "warehouse",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Fills a PostgreSQL of its own with years of drawn rows, asks every view of schema bi what a dashboard would, as a",
            "reader, and prints how long it took to have all rows: the median of the runs, the first left out. Then it opens",
            "every page of the console over them: each within a second, the first time too, and of at most 500 kB."
        },
        footer = {
            "",
            "Exit code: 0 every answer came within its limit; 1 some did not, each marked; 2 nothing was measured."
        })
public final class WarehouseBench implements Callable<Integer> {
    @Option(names = "--years", paramLabel = "N", description = "years of rows (default: ${DEFAULT-VALUE})")
    int years = 5;

    @Option(names = "--segments", paramLabel = "N", description = "segments (default: ${DEFAULT-VALUE})")
    int segments = 50;

    @Option(names = "--seed", paramLabel = "N", description = "of the rows (default: ${DEFAULT-VALUE})")
    long seed = 1;

    @Option(names = "--runs", paramLabel = "N", description = "runs that count (default: ${DEFAULT-VALUE})")
    int runs = 5;

    @Option(
            names = "--limit",
            paramLabel = "MS",
            description = "milliseconds a view may take (default: ${DEFAULT-VALUE})")
    long limit = 200;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (years < 1 || years > 20 || segments < 1 || segments > 500 || runs < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "needs 1 to 20 years, 1 to 500 segments and at least one run");
        }
        Path root = Files.createTempDirectory("weir-bench");
        try (Home home = Home.claim(root);
                LocalPostgres postgres = LocalPostgres.start(home, freePort())) {
            Migrate.run(
                    postgres.url(),
                    LocalPostgres.OWNER,
                    Files.readString(postgres.passwordFile(LocalPostgres.OWNER)).strip());
            postgres.logins();
            say("filling " + years + " years of " + segments + " segments");
            try (Connection owner = postgres.owner();
                    Statement statement = owner.createStatement()) {
                statement.execute(Years.fill(years, segments, seed));
                statement.execute("VACUUM ANALYZE");
            }
            Warehouse reader = new Warehouse(
                    postgres.url(),
                    LocalPostgres.READER,
                    postgres.passwordFile(LocalPostgres.READER).toString(),
                    null);
            boolean views = measure(postgres);
            boolean pages =
                    ConsolePages.measure(reader, runs, spec.commandLine().getOut());
            return views && pages ? 0 : 1;
        } finally {
            Home.delete(root);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean measure(LocalPostgres postgres) throws SQLException {
        PrintWriter out = spec.commandLine().getOut();
        boolean within = true;
        try (Connection reader = postgres.reader();
                Statement statement = reader.createStatement()) {
            ResultSet rows =
                    statement.executeQuery("SELECT sum(n_live_tup) FROM pg_stat_all_tables WHERE schemaname = 'weir'");
            rows.next();
            out.printf(
                    Locale.ROOT,
                    "%n%d years, %d segments, about %,d rows; median of %d runs%n%n",
                    years,
                    segments,
                    rows.getLong(1),
                    runs);
            out.println("| view | asked for | rows | ms | |");
            out.println("|---|---|---|---|---|");
            for (Years.Question question : Years.questions()) {
                within &= measure(question, statement, out);
            }
        }
        return within;
    }

    private boolean measure(Years.Question question, Statement statement, PrintWriter out) throws SQLException {
        List<Long> nanos = new ArrayList<>();
        long count = 0;
        for (int run = 0; run <= runs; run++) {
            long started = System.nanoTime();
            count = 0;
            try (ResultSet rows = statement.executeQuery(question.sql())) {
                while (rows.next()) {
                    count++;
                }
            }
            if (run > 0) {
                nanos.add(System.nanoTime() - started);
            }
        }
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        double millis = sorted[sorted.length / 2] / 1e6;
        out.printf(
                Locale.ROOT,
                "| %s | %s | %,d | %.1f | %s |%n",
                question.view(),
                question.asked(),
                count,
                millis,
                millis <= limit ? "" : "over " + limit);
        out.flush();
        return millis <= limit;
    }

    private void say(String text) {
        spec.commandLine().getErr().println(text);
        spec.commandLine().getErr().flush();
    }
}
