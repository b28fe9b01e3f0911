package dev.weir.bench.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Drawn rows of a warehouse, and what dashboards ask of each view. */
final class Years {
    private static final Pattern QUESTION =
            Pattern.compile("^-- (\\w+)( all)?: ([^\\n]+)\\n(SELECT [^;]+);", Pattern.MULTILINE);

    private Years() {}

    /**
     * What is asked of a view.
     *
     * @param readsAll whether it has to read all rows of a table, so that no index can help
     * @param asked in words
     */
    record Question(String view, boolean readsAll, String asked, String sql) {}

    /** Statements that fill the tables. */
    static String fill(int years, int segments, long seed) {
        return text("fill.sql")
                .replace("${years}", Integer.toString(years))
                .replace("${segments}", Integer.toString(segments))
                .replace("${seed}", Long.toString(seed));
    }

    static List<Question> questions() {
        List<Question> questions = new ArrayList<>();
        Matcher matcher = QUESTION.matcher(text("questions.sql"));
        while (matcher.find()) {
            questions.add(new Question(matcher.group(1), matcher.group(2) != null, matcher.group(3), matcher.group(4)));
        }
        return questions;
    }

    private static String text(String name) {
        try (InputStream file = Objects.requireNonNull(Years.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
