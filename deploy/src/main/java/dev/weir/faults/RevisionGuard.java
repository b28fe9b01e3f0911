package dev.weir.faults;

import dev.weir.io.Tables;
import dev.weir.machine.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Sees every change of every row, not a sample of them, and notes each that takes a row to an older revision. */
final class RevisionGuard {
    private RevisionGuard() {}

    static void watch(Site site) {
        try (Connection connection = site.system.postgres().owner();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS faults");
            statement.execute(
                    "CREATE TABLE faults.going_back (at timestamptz DEFAULT now(), what text, was bigint, now bigint)");
            statement.execute("GRANT USAGE ON SCHEMA faults TO weir_writer");
            statement.execute("GRANT INSERT ON faults.going_back TO weir_writer");
            statement.execute("""
                    CREATE FUNCTION faults.guard() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF NEW.revision < OLD.revision THEN
                            INSERT INTO faults.going_back (what, was, now) VALUES (TG_TABLE_NAME, OLD.revision, NEW.revision);
                        END IF;
                        RETURN NEW;
                    END $$""");
            for (Table table : Tables.warehouse().values()) {
                statement.execute("CREATE TRIGGER guard BEFORE UPDATE ON weir.\"" + table.name()
                        + "\" FOR EACH ROW EXECUTE FUNCTION faults.guard()");
            }
        } catch (SQLException failure) {
            throw new dev.weir.local.Failure("cannot watch the revisions: " + failure.getMessage(), failure);
        }
    }

    static long seen(Site site) throws SQLException {
        return site.number("SELECT count(*) FROM faults.going_back");
    }
}
