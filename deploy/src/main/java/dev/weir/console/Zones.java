package dev.weir.console;

import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The zone of the definitions, in which windows begin and end. */
final class Zones {
    private Zones() {}

    /** The zone that the newest aggregates were computed in; UTC before there are any. */
    static String of(Views views) throws SQLException {
        Line line = views.one("""
                SELECT timezone FROM (
                    (SELECT timezone, as_of FROM bi.funnel_total WHERE grain = 'all' ORDER BY as_of DESC NULLS LAST LIMIT 1)
                    UNION ALL
                    (SELECT timezone, as_of FROM bi.stage_flow WHERE grain = 'all' ORDER BY as_of DESC NULLS LAST LIMIT 1)) z
                ORDER BY as_of DESC NULLS LAST LIMIT 1""");
        return line == null || line.text("timezone").isEmpty() ? "UTC" : line.text("timezone");
    }

    /** The day of an instant in a zone. */
    static LocalDate day(Instant instant, String zone) {
        try {
            return instant.atZone(ZoneId.of(zone)).toLocalDate();
        } catch (DateTimeException unknown) {
            return instant.atZone(ZoneOffset.UTC).toLocalDate();
        }
    }
}
