package dev.weir.console;

import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the data can be trusted, in one sentence.
 *
 * @param asOf event time up to which the rows speak; null before the first
 * @param unaccounted records whose fate is not known
 * @param deadLetters records that no job could take
 * @param refusedRows rows that the warehouse itself refused
 */
record Health(@Nullable Instant asOf, long read, long unaccounted, long deadLetters, long refusedRows) {
    static Health of(Views views) throws SQLException {
        Line line = views.one("""
                SELECT coalesce(sum(amount) FILTER (WHERE measure = 'read'), 0)::bigint AS read,
                       coalesce(sum(abs(amount)) FILTER (WHERE measure = 'unaccounted'), 0)::bigint AS unaccounted,
                       coalesce(sum(amount) FILTER (WHERE measure = 'dead_letters'), 0)::bigint AS dead_letters,
                       coalesce(sum(amount) FILTER (WHERE reason = 'REFUSED_BY_WAREHOUSE'), 0)::bigint AS refused,
                       max(as_of) AS as_of
                FROM bi.data_health""");
        return line == null
                ? new Health(null, 0, 0, 0, 0)
                : new Health(
                        line.time("as_of"),
                        line.count("read"),
                        line.count("unaccounted"),
                        line.count("dead_letters"),
                        line.count("refused"));
    }

    /** The sentence. */
    Html banner() {
        if (read == 0) {
            return Html.of(
                    "<p class=\"banner warn\">No job has read anything yet. Send events with <code>weir send</code>.</p>");
        } else if (unaccounted > 0 || refusedRows > 0) {
            return Html.of(
                    "<p class=\"banner\">{} records are unaccounted for and {} rows were refused by the warehouse: see"
                            + " <a href=\"/health\">data health</a> and run <code>weir reconcile</code>.</p>",
                    Figures.count(unaccounted),
                    Figures.count(refusedRows));
        } else if (deadLetters > 0) {
            return Html.of(
                    "<p class=\"banner warn\">All {} records read are accounted for; {} of them could not be taken:"
                            + " <a href=\"/health\">why</a>.</p>",
                    Figures.count(read),
                    Figures.count(deadLetters));
        }
        return Html.of(
                "<p class=\"banner ok\">All {} records read are accounted for, none refused.</p>", Figures.count(read));
    }
}
