package dev.weir.io;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a migrated warehouse says of itself, written for people (schemas/DICTIONARY.md) and for dbt (deploy/dbt/sources.yml). */
record Dictionary(List<Relation> relations, List<Function> functions) {
    /** A table or view with the comments of its columns. */
    record Relation(
            String schema,
            String name,
            String words,
            @Nullable String key,
            List<Column> columns) {
        boolean has(String column) {
            return columns.stream().anyMatch(c -> c.name.equals(column));
        }
    }

    record Column(String name, String type, String words) {}

    record Function(String name, String words) {}

    static Dictionary of(Database database) throws SQLException {
        Map<String, Relation> relations = new LinkedHashMap<>();
        for (List<@Nullable String> row : database.cells("postgres", """
                SELECT n.nspname, c.relname, obj_description(c.oid),
                       (SELECT string_agg(k.attname, ', ' ORDER BY u.place)
                        FROM pg_index i
                        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
                        JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = u.attnum
                        WHERE i.indrelid = c.oid AND i.indisprimary),
                       a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('bi', 'weir')
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relkind IN ('r', 'v') AND c.relname <> 'flyway_schema_history'
                ORDER BY n.nspname, c.relname COLLATE "C", a.attnum""")) {
            relations
                    .computeIfAbsent(
                            row.get(0) + "." + row.get(1),
                            name -> new Relation(row.get(0), row.get(1), row.get(2), row.get(3), new ArrayList<>()))
                    .columns
                    .add(new Column(row.get(4), row.get(5), row.get(6)));
        }
        List<Function> functions = database
                .cells(
                        "postgres",
                        "SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || pg_get_function_result(p.oid),"
                                + " obj_description(p.oid) FROM pg_proc p WHERE p.pronamespace = 'bi'::regnamespace ORDER BY p.proname COLLATE \"C\"")
                .stream()
                .map(row -> new Function(row.get(0), row.get(1)))
                .toList();
        return new Dictionary(List.copyOf(relations.values()), functions);
    }

    String markdown() {
        StringBuilder text = new StringBuilder("""
                # Data dictionary

                Written from the migrations; do not edit. `mvn -pl jobs -am test -Dtest=MigrationsTest -Dgolden.write=true
                -Dsurefire.failIfNoSpecifiedTests=false` writes it anew.

                """);
        text.append("- [Views of schema `bi`](#views), for readers:");
        relations.stream().filter(r -> r.schema.equals("bi")).forEach(r -> text.append(" [")
                .append(r.name)
                .append("](#bi")
                .append(r.name)
                .append(")"));
        text.append("\n- [Functions of schema `bi`](#functions)\n- [Tables of schema `weir`](#tables), for writers:");
        relations.stream().filter(r -> r.schema.equals("weir")).forEach(r -> text.append(" [")
                .append(r.name)
                .append("](#weir")
                .append(r.name)
                .append(")"));
        text.append("\n\n## Views\n");
        relations.stream().filter(r -> r.schema.equals("bi")).forEach(r -> describe(r, text));
        text.append("\n## Functions\n\n| function | what it gives |\n|---|---|\n");
        functions.forEach(f -> text.append("| `")
                .append(f.name)
                .append("` | ")
                .append(cell(f.words))
                .append(" |\n"));
        text.append("\n## Tables\n");
        relations.stream().filter(r -> r.schema.equals("weir")).forEach(r -> describe(r, text));
        return text.toString();
    }

    private static void describe(Relation relation, StringBuilder text) {
        text.append("\n### ")
                .append(relation.schema)
                .append('.')
                .append(relation.name)
                .append("\n\n");
        text.append(relation.words).append('\n');
        if (relation.key != null) {
            text.append("\nKey: ").append(relation.key).append(".\n");
        }
        text.append("\n| column | type | meaning |\n|---|---|---|\n");
        relation.columns.forEach(c -> text.append("| ")
                .append(c.name)
                .append(" | ")
                .append(c.type)
                .append(" | ")
                .append(cell(c.words))
                .append(" |\n"));
    }

    private static String cell(String words) {
        return words.replace("|", "\\|");
    }

    /** The views as sources, in the shape of dbt 1.10; fresh while the data are known to within an hour of now. */
    String sources() {
        StringBuilder text = new StringBuilder("""
                # The views of schema bi as dbt sources (1.10 or newer). Written from the migrations; do not edit.
                # `mvn -pl jobs -am test -Dtest=MigrationsTest -Dgolden.write=true -Dsurefire.failIfNoSpecifiedTests=false` writes it anew.
                # as_of is event time: how far the rows are known, by the events and not by the clock. While nothing happens it stands.
                version: 2
                sources:
                  - name: weir
                    schema: bi
                    description: Flow of the business as Weir measures it. Every row corrects itself when facts come late.
                    config:
                      loaded_at_field: as_of
                      freshness:
                        warn_after: {count: 1, period: hour}
                        error_after: {count: 6, period: hour}
                    tables:
                """);
        for (Relation relation : relations) {
            if (relation.schema.equals("bi")) {
                text.append("      - name: ").append(relation.name).append('\n');
                text.append("        description: ")
                        .append(quoted(relation.words))
                        .append('\n');
                if (!relation.has("as_of")) {
                    text.append("        config: {freshness: null}\n");
                }
                text.append("        columns:\n");
                relation.columns.forEach(c -> text.append("          - {name: ")
                        .append(quoted(c.name))
                        .append(", data_type: ")
                        .append(quoted(c.type))
                        .append(", description: ")
                        .append(quoted(c.words))
                        .append("}\n"));
            }
        }
        return text.toString();
    }

    private static String quoted(String words) {
        return '"' + words.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
