package dev.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class LocalSystemTest {
    @Test
    void allThreeAnswerAndTheSecondStartFindsTheirData(@TempDir Path home) throws SQLException {
        List<String> said = new CopyOnWriteArrayList<>();
        for (int start = 1; start <= 2; start++) {
            try (LocalSystem system =
                    LocalSystem.start(LocalSystem.Options.lively(home, Ports.ANY, false), said::add)) {
                try (var connection = system.postgres().owner();
                        var statement = connection.createStatement()) {
                    statement.execute("CREATE TABLE IF NOT EXISTS seen (start int)");
                    statement.execute("INSERT INTO seen VALUES (" + start + ")");
                    try (var rows = statement.executeQuery("SELECT count(*) FROM seen")) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getInt(1)).isEqualTo(start);
                    }
                }
            }
        }
        assertThat(Home.list(home.resolve("run")).stream()
                        .filter(file -> file.toString().endsWith(".pid")))
                .isEmpty();
    }
}
