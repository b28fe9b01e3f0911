package dev.weir.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import dev.weir.avro.DeskEntry;
import dev.weir.cli.Migrate;
import dev.weir.console.Console;
import dev.weir.console.Views;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Warehouse;
import dev.weir.local.KafkaAndPostgres;
import dev.weir.local.LocalPostgres;
import dev.weir.playbook.Playbook;
import dev.weir.report.Report;
import dev.weir.report.Template;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every page on the rows of the demo, in the browser of this machine; what it looked like is kept under target/screenshots. */
@Tag("slow")
@SuppressWarnings("NullAway.Init") // set before all tests
class ConsoleInABrowserTest {
    private static final List<String> CHROMIUM = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser");
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int PAGE_BYTES = 500_000;

    private static final Map<String, String> PAGES = Map.of(
            "overview", "",
            "conversion", "conversion",
            "segments", "conversion?breakdown=properties.device&grain=day",
            "pipeline", "pipeline",
            "campaigns", "campaigns",
            "alerts", "alerts",
            "all-alerts", "alerts?kind=every&status=firing+acknowledged+resolved+retracted",
            "health", "health");

    private static final String HOSTILE =
            "<script>window.hit=1</script>\"'><img src=x onerror=window.hit=1>{{7*7}}${7*7}=cmd|' /C calc'!A0\u202egnp.exe\u001b[31m ";

    private static KafkaAndPostgres parts;
    private static Settings settings;
    private static Playbook playbook;
    private static Console console;
    private static Console besieged;
    private static Playwright playwright;
    private static Browser browser;
    private static String axe;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private @Nullable BrowserContext context;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        String executable = CHROMIUM.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElse("");
        assumeTrue(!executable.isEmpty(), "no chromium on this machine: apt-get install chromium");
        Path shared = Files.createDirectories(folder.resolve("demo"));
        Rows.ofTheDemo(shared);
        parts = KafkaAndPostgres.start(folder.resolve("home"));
        Migrate.run(parts.postgres().url(), LocalPostgres.OWNER, parts.ownerPassword());
        parts.postgres().logins();
        settings = parts.settings();
        try (Connection owner = parts.postgres().owner()) {
            Rows.load(owner, shared.resolve("tables"));
        }
        try (Connection elsewhere = connect(parts.postgres().url().replaceFirst("/weir$", "/postgres"));
                Statement statement = elsewhere.createStatement()) {
            statement.execute("CREATE DATABASE besieged TEMPLATE weir");
        }
        String besiegedUrl = parts.postgres().url().replaceFirst("/weir$", "/besieged");
        try (Connection owner = connect(besiegedUrl)) {
            Rows.hostile(owner, HOSTILE);
            Rows.hostile(owner, HOSTILE + "W".repeat(10_000));
        }
        playbook = PlaybookLoader.load(shared.resolve("playbook.yaml"));
        console = console(parts.postgres().url());
        besieged = console(besiegedUrl);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(executable))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu")));
        try (InputStream in =
                Objects.requireNonNull(ConsoleInABrowserTest.class.getResourceAsStream("/axe.min.js"), "axe")) {
            axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Files.createDirectories(SCREENSHOTS);
    }

    private static Connection connect(String url) throws Exception {
        return DriverManager.getConnection(url, LocalPostgres.OWNER, parts.ownerPassword());
    }

    private static Warehouse reader(String url) {
        return new Warehouse(
                url,
                LocalPostgres.READER,
                parts.postgres().passwordFile(LocalPostgres.READER).toString(),
                null);
    }

    private static Console console(String url) {
        return Console.start(new Console.Options(
                Console.LOOPBACK,
                0,
                "--port",
                Set.of(),
                reader(url),
                settings,
                playbook.changes(),
                System.err::println));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {browser, playwright, console, besieged, parts}) {
            if (one != null) {
                one.close();
            }
        }
    }

    @BeforeEach
    void forget() {
        requests.clear();
        complaints.clear();
    }

    @AfterEach
    void nothingLeftThisMachineAndNothingComplained() {
        if (context != null) {
            context.close();
        }
        assertThat(requests).isNotEmpty().allSatisfy(url -> assertThat(url)
                .matches("(http://127\\.0\\.0\\.1:|file:///).*"));
        assertThat(complaints).isEmpty();
    }

    private Page page(ColorScheme colours, int width, int height) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(colours)
                .setTimezoneId("America/New_York")
                .setLocale("en-US"));
        context.setDefaultTimeout(15_000);
        Page page = context.newPage();
        page.onRequest(request -> requests.add(request.url()));
        page.onConsoleMessage(message -> {
            if (Set.of("error", "warning").contains(message.type())) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onDialog(dialog -> complaints.add("a dialog: " + dialog.message()));
        return page;
    }

    @Test
    void everyPageIsAccessibleInLightAndDarkAndOnAPhone() {
        List<String> faults = new ArrayList<>();
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            int width = colours == ColorScheme.LIGHT ? 1200 : 390;
            Page page = page(colours, width, 844);
            PAGES.forEach((name, path) -> {
                page.navigate(console.url() + path);
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(SCREENSHOTS.resolve(name + (width > 400 ? "" : "-dark-phone") + ".png")));
                openAll(page);
                faults.addAll(serious(page, name + " " + colours));
                assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                        .as("width of %s", name)
                        .isLessThanOrEqualTo(width);
            });
            // The look would see it: what it is made for is found where it is put.
            page.evaluate("() => document.querySelector('main').append(new Image())");
            assertThat(serious(page, "a picture without words")).isNotEmpty();
            Objects.requireNonNull(context).close();
        }
        assertThat(faults).isEmpty();
    }

    private static void openAll(Page page) {
        page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)");
    }

    /** What axe-core calls serious or critical, against WCAG 2.1 A and AA. */
    @SuppressWarnings("unchecked") // what a script gives back
    private static List<String> serious(Page page, String name) {
        page.evaluate(axe);
        return ((List<String>) page.evaluate("""
                async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})).violations
                    .filter(one => ['serious', 'critical'].includes(one.impact))
                    .map(one => one.id + ': ' + one.help + ' at ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(' | '))"""))
                .stream().map(fault -> name + ": " + fault).toList();
    }

    @Test
    void everyPageIsSmallAndItsFirstContentIsSoonThere() {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        PAGES.forEach((name, path) -> {
            var answer = Objects.requireNonNull(page.navigate(console.url() + path));
            page.waitForFunction("() => performance.getEntriesByName('first-contentful-paint').length > 0");
            int bytes = answer.body().length;
            System.out.printf(
                    "%-12s %,8d bytes, first content after %.0f ms%n",
                    name,
                    bytes,
                    ((Number) page.evaluate(
                                    "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                            .doubleValue());
            assertThat(answer.status()).as(name).isEqualTo(200);
            assertThat(bytes).as(name).isLessThan(PAGE_BYTES);
        });
    }

    @Test
    void theOverviewShowsBothPlantedIncidentsWhereAndSinceWhen() {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url());

        List<String> shown = page.locator("article.alert").allInnerTexts();
        assertThat(shown)
                .anySatisfy(text ->
                        assertThat(text).contains("trial in funnel signup", "device mobile", "since 2026-02-19"))
                .anySatisfy(text -> assertThat(text).contains("stage legal", "segment enterprise", "since 2026-03-02"));
        assertThat(page.locator("article.alert svg.chart g.alarm").count()).isEqualTo(2);
    }

    @Test
    void filtersActAndStayAndAMarkIsOnTheSegmentConcernedOnly() {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url() + "conversion");
        assertThat(page.locator("g.alarm").count()).isZero();

        page.selectOption("#filter-breakdown", "properties.device");
        page.waitForURL("**/conversion?*breakdown=properties.device*");
        assertThat(page.locator("figure").count()).isEqualTo(3);
        assertThat(page.locator("figure:has(g.alarm) figcaption").allInnerTexts())
                .singleElement()
                .asString()
                .contains("device mobile");

        page.locator("nav >> text=Alerts").click();
        page.locator("nav >> text=Conversion").click();
        assertThat(page.inputValue("#filter-breakdown")).isEqualTo("properties.device");
    }

    @Test
    void anAnswerReachesTheDesksTopicAndTheSameButtonTwiceIsOneAnswer() throws Exception {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url() + "alerts");
        Locator alert = page.locator("article.alert:has-text('device mobile')");
        String id = Objects.requireNonNull(alert.getAttribute("id")).replaceFirst("^alert-", "");
        alert.locator("summary >> text=Answer").click();
        alert.locator("input[name=by]").fill("Ana");
        alert.locator("input[name=note]").fill("<b>on it</b>");
        alert.locator("button[value=acknowledged]").click();
        page.waitForURL("**/alerts?*said=acknowledged*");
        assertThat(page.locator("[role=status].banner").innerText()).contains("Told to the alert desk: acknowledged");

        DeskEntry entry = entries().stream()
                .filter(one ->
                        one.getAlertId() != null && one.getAlertId().toString().equals(id))
                .reduce((first, second) -> second)
                .orElseThrow();
        assertThat(entry.getKind().toString()).isEqualTo("acknowledged");
        assertThat(entry.getBy().toString()).isEqualTo("Ana");
        assertThat(String.valueOf(entry.getNote())).isEqualTo("<b>on it</b>");
    }

    private static List<DeskEntry> entries() throws IOException {
        List<DeskEntry> entries = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                settings.kafka().client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.name(settings, Topics.DESK)).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    entries.add(DeskEntry.fromByteBuffer(ByteBuffer.wrap(record.value())));
                }
            }
        }
        return entries;
    }

    @Test
    void whatTheWarehouseHearsThePageShowsWithoutBeingLoadedAgain() throws Exception {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url() + "alerts?status=retracted");
        assertThat(page.locator("article.alert").count()).isZero();
        page.evaluate("() => window.sameDocument = true");

        try (Connection owner = parts.postgres().owner();
                Statement statement = owner.createStatement()) {
            statement.execute("""
                    INSERT INTO weir.alert (alert_id, kind, severity, status, subject, summary, started_at, ended_at, revision)
                    VALUES ('taken-back', 'volume_drop', 'warning', 'retracted', 'signup/visit', 'It was a late file.',
                            '2026-03-01', '2026-03-02', 1)""");
        }

        page.locator("article.retracted:has-text('It was a late file.')").waitFor();
        assertThat(page.evaluate("() => window.sameDocument")).isEqualTo(true);
        assertThat(page.locator("article.retracted").innerText()).contains("retracted");
    }

    @Test
    void timesAreInTheReadersZoneAndSayWhatTheyAreInUtc() {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url());
        Locator since =
                page.locator("article.alert:has-text('device mobile') time").first();

        assertThat(since.innerText()).isEqualTo("2026-02-18 19:00 EST");
        assertThat(since.getAttribute("title")).isEqualTo("2026-02-19 00:00 UTC");
    }

    @Test
    void aKeyboardReachesTheContentFirst() {
        Page page = page(ColorScheme.LIGHT, 1200, 844);
        page.navigate(console.url());
        page.keyboard().press("Tab");
        assertThat(page.evaluate("() => document.activeElement.textContent")).isEqualTo("Skip to the content");
        page.keyboard().press("Enter");
        page.keyboard().press("Tab");
        assertThat((Boolean) page.evaluate("() => document.querySelector('main').contains(document.activeElement)"))
                .isTrue();
    }

    @Test
    void hostileTextInEveryFieldStaysText() {
        Page page = page(ColorScheme.LIGHT, 390, 844);
        PAGES.forEach((name, path) -> {
            var answer = Objects.requireNonNull(page.navigate(besieged.url() + path));
            openAll(page);
            assertThat(answer.status()).as(name).isEqualTo(200);
            assertThat(answer.body().length).as(name).isLessThan(PAGE_BYTES);
            assertThat(page.evaluate("() => window.hit")).as(name).isNull();
            assertThat(page.locator("main img, main script").count()).as(name).isZero();
            assertThat((Boolean) page.evaluate(
                            "() => /[\\u202a-\\u202e\\u2066-\\u2069\\u001b]/.test(document.body.textContent)"))
                    .as(name)
                    .isFalse();
            assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                    .as("width of %s", name)
                    .isLessThanOrEqualTo(390);
        });
        page.navigate(besieged.url());
        assertThat(page.locator("main").innerText()).contains("<script>window.hit=1</script>");
    }

    @Test
    void aReportIsAFileThatAsksForNothingAndIsAccessible(@TempDir Path folder) throws Exception {
        Template weekly = Template.read(Path.of("playbooks/reports/weekly.yaml"));
        List<Path> reports = new ArrayList<>();
        try (Views views = Views.open(reader(parts.postgres().url()))) {
            for (String team : weekly.teams().keySet()) {
                reports.add(Report.of(
                                views,
                                playbook,
                                weekly,
                                team,
                                Objects.requireNonNull(Report.monday("2026-W10")),
                                folder)
                        .write(folder));
            }
        }
        assertThat(reports).hasSize(3);
        List<String> faults = new ArrayList<>();
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            int width = colours == ColorScheme.LIGHT ? 1200 : 390;
            for (Path report : reports) {
                requests.clear();
                Page page = page(colours, width, 844);
                page.navigate(report.toUri().toString());
                String team = report.getFileName().toString().replaceAll(".*W10-|\\.html", "");
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(SCREENSHOTS.resolve("report-" + team + (width > 400 ? "" : "-dark-phone") + ".png")));
                assertThat(page.locator("h1").innerText()).isEqualTo("Weekly review, " + team + ", 2026-W10");
                assertThat(requests).as("asks for nothing but itself").hasSize(1);
                assertThat(Files.size(report)).as(team).isLessThan(PAGE_BYTES);
                openAll(page);
                assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                        .as("width of %s", team)
                        .isLessThanOrEqualTo(width);
                faults.addAll(serious(page, team + " " + colours));
                Objects.requireNonNull(context).close();
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void theScreenshotsOfTheReadmeAreTaken() {
        Page page = page(ColorScheme.LIGHT, 1100, 820);
        for (String name : List.of("overview", "segments", "pipeline")) {
            page.navigate(console.url() + PAGES.get(name));
            page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("readme-" + name + ".png")));
        }
        assertThat(SCREENSHOTS.resolve("readme-overview.png")).isNotEmptyFile();
    }
}
