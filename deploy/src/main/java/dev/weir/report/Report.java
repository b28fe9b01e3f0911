package dev.weir.report;

import dev.weir.console.Views;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The report of one team on one week: a page, its receipt, and its rows as CSV.
 *
 * @param name of its files
 * @param summary the same in some lines of plain text, which may hold what anybody wrote
 * @param page a whole HTML document that asks for nothing
 * @param receipt what it rests on
 * @param tables CSV by the name of its rows
 */
public record Report(
        String title, String name, List<String> summary, String page, Receipt receipt, List<Table> tables) {
    /** Rows as CSV. */
    public record Table(String name, String csv) {}

    private static final DateTimeFormatter WEEK = new DateTimeFormatterBuilder()
            .appendValue(IsoFields.WEEK_BASED_YEAR, 4)
            .appendLiteral("-W")
            .appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2)
            .parseDefaulting(ChronoField.DAY_OF_WEEK, DayOfWeek.MONDAY.getValue())
            .toFormatter(Locale.ROOT);

    /** The Monday of an ISO week such as 2026-W14; null when it is none. */
    public static @Nullable LocalDate monday(String week) {
        try {
            return LocalDate.parse(week, WEEK);
        } catch (DateTimeException none) {
            return null;
        }
    }

    /**
     * Makes a report from what the views say.
     *
     * @param directory where reports of earlier runs lie, to tell what moved since
     */
    public static Report of(
            Views views, Playbook playbook, Template template, String team, LocalDate monday, Path directory)
            throws SQLException, IOException {
        String week = WEEK.format(monday);
        // A team is named by a person: what may not stand in the name of a file is a line.
        String name = (template.name() + "-" + week + "-" + team).replaceAll("[^\\p{L}\\p{N}._-]", "_");
        Path before = directory.resolve(name + ".receipt.json");
        List<Rows> inputs = new Questions(views, playbook, monday).ask(template, team);
        Receipt receipt = Receipt.of(
                template,
                playbook.name(),
                playbook.hash(),
                week,
                team,
                inputs,
                Files.exists(before) ? Receipt.parse(Files.readString(before)) : null);
        ReportPage page = new ReportPage(template, playbook, receipt, monday);
        List<Table> tables = new ArrayList<>();
        inputs.forEach(rows -> tables.add(new Table(rows.name(), Csv.of(rows))));
        List<String> summary = ReportText.of(template, playbook, receipt, monday, page.title());
        return new Report(page.title(), name, summary, page.html(), receipt, tables);
    }

    /**
     * Writes all of it, each file in one rename.
     *
     * @return the page
     */
    public Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (Table table : tables) {
            put(directory, name + "." + table.name + ".csv", table.csv);
        }
        put(directory, name + ".receipt.json", receipt.json());
        return put(directory, name + ".html", page);
    }

    private static Path put(Path directory, String name, String text) throws IOException {
        Path draft = directory.resolve("." + name + ".draft");
        Files.writeString(draft, text, StandardCharsets.UTF_8);
        return Files.move(
                draft, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
