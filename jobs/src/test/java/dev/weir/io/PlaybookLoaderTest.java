package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.playbook.Alerts;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.QuietTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlaybookLoaderTest {
    private static final Path FOLDER = Path.of("src/test/resources/playbooks");

    /** Each folder holds one mistake and what is said about it; write what is said anew with -Dgolden.write=true. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistakeIsToldWithItsPlaceAndItsMend(String mistake) throws IOException {
        Path folder = FOLDER.resolve("wrong").resolve(mistake);
        PlaybookProblems problems = catchThrowableOfType(PlaybookProblems.class, () -> PlaybookLoader.load(folder));
        assertThat(problems).as("%s is refused", mistake).isNotNull();
        String said = String.valueOf(problems.getMessage()).replace(folder + "/", "") + "\n";
        Path expected = folder.resolve("expected.txt");
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(expected, said);
        }
        assertThat(said).isEqualTo(Files.readString(expected));
    }

    static List<String> mistakes() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER.resolve("wrong"))) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aPlaybookIsReadWithItsDefaults() {
        Playbook playbook = PlaybookLoader.load(FOLDER.resolve("good"));
        Pipeline sales = playbook.pipelines().get(0);
        assertThat(sales.stages().get(0).stalledAfter()).isEqualTo(Duration.ofDays(10));
        assertThat(sales.stages().get(0).maturesAfter()).isEqualTo(Duration.ofDays(90));
        assertThat(sales.stages().get(1).stalledAfter()).isEqualTo(Duration.ofDays(14));
        assertThat(sales.stages().get(1).label()).isEqualTo("proposal");
        assertThat(sales.stages().get(2).stalledAfter()).isEqualTo(Duration.ofHours(80));
        assertThat(sales.stages().get(2).inWorkingTime()).isTrue();
        assertThat(sales.stages().get(2).retired()).isTrue();
        assertThat(sales.stages().get(3).learned().get(1).limit()).isEqualTo(Duration.ofHours(300));
        Funnel signup = playbook.funnels().get(0);
        assertThat(signup.windows()).containsExactly(Grain.DAY, Grain.WEEK);
        assertThat(signup.steps().get(1).within()).isEqualTo(Duration.ofHours(36));
        assertThat(playbook.rates().get(0).toReporting().get("USD")).isEqualByComparingTo("0.92");
        assertThat(playbook.hash()).matches("[0-9a-f]{12}");
        assertThat(playbook.changes().get(0).mayMove("sales/proposal")).isTrue();
        assertThat(playbook.changes().get(0).mayMove("sales/won")).isFalse();
        Alerts alerts = playbook.alerts();
        assertThat(alerts.routes().get(1).runbook()).isEqualTo("https://wiki.example/stages");
        assertThat(alerts.route("bottleneck", "sales"))
                .isEqualTo(alerts.routes().get(1));
        assertThat(alerts.route("bottleneck", "renewals"))
                .isEqualTo(alerts.routes().get(2));
        assertThat(alerts.route("unusual", "sales")).isNull();
        assertThat(alerts.quiet()).isEqualTo(new QuietTime(LocalTime.of(20, 0), LocalTime.of(7, 0), true, false));
        assertThat(alerts.maintenance())
                .containsExactly(new Alerts.Maintenance(
                        Instant.parse("2026-03-07T21:00:00Z"),
                        Instant.parse("2026-03-08T01:00:00Z"),
                        "CRM moves",
                        List.of("sales")));
    }

    @Test
    void countriesAndDatesAreText() {
        Playbook playbook = PlaybookLoader.load("""
                playbook: norway
                pipelines:
                  - name: no
                    stages: [{name: on, aliases: [yes, off, y, 1_000, 0x1F, 2026-01-01, 1:30]}, {name: won, outcome: won}]
                """, "p.yaml");
        assertThat(playbook.pipelines().get(0).name()).isEqualTo("no");
        assertThat(playbook.pipelines().get(0).stages().get(0).aliases())
                .containsExactly("yes", "off", "y", "1_000", "0x1F", "2026-01-01", "1:30");
    }

    @Test
    void aFolderIsThePlaybookOfItsFiles(@TempDir Path folder) throws IOException {
        String whole = Files.readString(FOLDER.resolve("good/playbook.yaml"));
        int funnels = whole.indexOf("funnels:");
        Files.writeString(folder.resolve("1.yaml"), whole.substring(0, funnels));
        Files.writeString(folder.resolve("2.yml"), whole.substring(funnels));
        Files.writeString(folder.resolve("README.md"), "not read");
        Playbook joined = PlaybookLoader.load(folder);
        assertThat(joined.toString())
                .isEqualTo(PlaybookLoader.load(FOLDER.resolve("good")).toString());
        assertThat(PlaybookLoader.load(Map.of("2", whole.substring(funnels), "1", whole.substring(0, funnels)))
                        .hash())
                .isEqualTo(joined.hash());
    }

    @Test
    void aDefinitionChangesWithWhatItMeasuresOnly() throws IOException {
        String whole = Files.readString(FOLDER.resolve("good/playbook.yaml"));
        String sales = sales(whole);
        String signup = signup(whole);
        assertThat(sales(whole.replace("label: Qualified", "label: Better"))).isEqualTo(sales);
        assertThat(sales(whole.replace("properties.segment, owner_id", "owner_id, properties.segment")))
                .isEqualTo(sales);
        assertThat(sales(whole.replace("name: signup", "name: other"))).isEqualTo(sales);
        assertThat(sales(whole.replace("limit: 300h", "limit: 400h"))).isEqualTo(sales);
        assertThat(sales(whole.replace(", retired: true", ""))).isEqualTo(sales);
        for (String change : List.of(
                "10d=11d",
                "10 business days=80h",
                "09:00=08:00",
                "0.92=0.93",
                "Europe/Berlin=UTC",
                "aliases: [sql]=aliases: [sql, x]")) {
            assertThat(sales(whole.replace(change.split("=", 2)[0], change.split("=", 2)[1])))
                    .as(change)
                    .isNotEqualTo(sales);
        }
        assertThat(signup(whole.replace("10d", "11d"))).isEqualTo(signup);
        assertThat(signup(whole.replace("09:00", "08:00"))).isEqualTo(signup);
        for (String change :
                List.of("36h=37h", "'/trial'='/try'", "Europe/Berlin=UTC", "[sql]=[sql, x]", "[day, week]=[day]")) {
            assertThat(signup(whole.replace(change.split("=", 2)[0], change.split("=", 2)[1])))
                    .as(change)
                    .isNotEqualTo(signup);
        }
    }

    @Test
    void aMissingFileIsToldAsSuch() {
        PlaybookProblems problems =
                catchThrowableOfType(PlaybookProblems.class, () -> PlaybookLoader.load(Path.of("no/such.yaml")));
        assertThat(problems).hasMessage("no/such.yaml:1:1: there is no such file or folder");
    }

    private static String sales(String text) {
        return PlaybookLoader.load(text, "p.yaml").pipelines().get(0).definition();
    }

    private static String signup(String text) {
        return PlaybookLoader.load(text, "p.yaml").funnels().get(0).definition();
    }
}
