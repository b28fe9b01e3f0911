package dev.weir.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.io.PlaybookProblems.Problem;
import dev.weir.machine.Hash;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Change;
import dev.weir.playbook.Durations;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Grain;
import dev.weir.playbook.LearnedLimit;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.QuietTime;
import dev.weir.playbook.Rate;
import dev.weir.playbook.Season;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Target;
import dev.weir.playbook.Team;
import dev.weir.playbook.WorkCalendar;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a playbook, one YAML file or a folder of them, or says everything that is wrong with it.
 *
 * <p>In a folder lists are appended and teams joined, in the order of the file names; any other key stands in one file only.
 *
 * <p>A {@code definition} is the hash of what a funnel or pipeline measures, defaults filled in, and of what it depends on
 * elsewhere. It stays when only wording changes: labels, comments, the order of breakdowns, other funnels.
 */
public final class PlaybookLoader {
    private static final Duration MATURES_AFTER = Duration.ofDays(90);
    private static final Duration LOOKBACK = Duration.ofDays(90);
    private static final Duration HALF_LIFE = Duration.ofDays(30);
    private static final List<Attribution.Model> MODELS = List.of(
            Attribution.Model.FIRST,
            Attribution.Model.LAST,
            Attribution.Model.LINEAR,
            Attribution.Model.POSITION,
            Attribution.Model.TIME_DECAY,
            Attribution.Model.SHAPLEY);
    /** What a person did that came by some channel; what was only sent to it is none. */
    private static final String TOUCHES = "engagement.channel != '' && !(engagement.kind in"
            + " ['cost', 'email_sent', 'email_bounce', 'email_unsubscribe', 'ad_impression'])";

    private static final List<String> WEEKDAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    private PlaybookLoader() {}

    /**
     * The playbook of a file or folder.
     *
     * @throws PlaybookProblems when it cannot be used
     */
    public static Playbook load(Path fileOrFolder) {
        YamlText text = new YamlText(Set.of("teams"));
        for (Path file : files(fileOrFolder)) {
            text.add(file.toString(), read(file));
        }
        return load(text);
    }

    /**
     * The playbook of a text.
     *
     * @param fileName how problems call it
     * @throws PlaybookProblems when it cannot be used
     */
    public static Playbook load(String yaml, String fileName) {
        YamlText text = new YamlText(Set.of("teams"));
        text.add(fileName, yaml);
        return load(text);
    }

    /**
     * The playbook of several texts, by file name.
     *
     * @throws PlaybookProblems when it cannot be used
     */
    public static Playbook load(Map<String, String> yamlByFileName) {
        YamlText text = new YamlText(Set.of("teams"));
        new TreeMap<>(yamlByFileName).forEach(text::add);
        return load(text);
    }

    private static List<Path> files(Path fileOrFolder) {
        if (!Files.exists(fileOrFolder)) {
            throw unreadable(fileOrFolder, "there is no such file or folder");
        }
        if (!Files.isDirectory(fileOrFolder)) {
            return List.of(fileOrFolder);
        }
        try (Stream<Path> list = Files.list(fileOrFolder)) {
            List<Path> files = list.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw unreadable(fileOrFolder, "the folder has no .yaml file");
            }
            return files;
        } catch (IOException e) {
            throw unreadable(fileOrFolder, "it cannot be read: " + e.getMessage());
        }
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > 4L * YamlText.MAX_CHARACTERS) {
                throw unreadable(file, "longer than " + YamlText.MAX_CHARACTERS + " characters");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw unreadable(file, "it is not UTF-8 text");
        } catch (NoSuchFileException e) {
            throw unreadable(file, "there is no such file");
        } catch (IOException e) {
            throw unreadable(file, "it cannot be read: " + e.getMessage());
        }
    }

    private static PlaybookProblems unreadable(Path file, String message) {
        return new PlaybookProblems(List.of(new Problem(file.toString(), 1, 1, message)));
    }

    private static Playbook load(YamlText text) {
        List<Problem> problems = PlaybookCheck.of(text);
        if (!problems.isEmpty()) {
            throw new PlaybookProblems(problems);
        }
        return playbook(text.root());
    }

    private static Playbook playbook(ObjectNode root) {
        ZoneId zone = ZoneId.of(root.path("timezone").asText("UTC"));
        WorkCalendar calendar = calendar(root.path("calendar"));
        String currency = root.path("reporting_currency").asText("USD");
        List<Rate> rates = all(root.path("rates"), PlaybookLoader::rate).stream()
                .sorted(Comparator.comparing(Rate::from))
                .toList();
        String money = List.of(currency, rates).toString();
        List<Pipeline> pipelines = all(root.path("pipelines"), node -> pipeline(node, zone, calendar, money));
        List<Funnel> funnels = all(root.path("funnels"), node -> funnel(node, zone, calendar, pipelines));
        return new Playbook(
                root.path("playbook").asText(),
                hash(canonical(root)),
                zone,
                calendar,
                currency,
                rates,
                teams(root.path("teams")),
                pipelines,
                funnels,
                all(root.path("targets"), PlaybookLoader::target),
                all(root.path("seasons"), PlaybookLoader::season),
                all(root.path("changes"), PlaybookLoader::change),
                alerts(root.path("alerts"), zone),
                attribution(root.path("attribution"), zone, pipelines, funnels, calendar));
    }

    private static WorkCalendar calendar(JsonNode node) {
        String hours = node.path("hours").asText("09:00-17:00");
        List<DayOfWeek> workdays = texts(node.path("workdays")).stream()
                .map(day -> DayOfWeek.of(WEEKDAYS.indexOf(day) + 1))
                .sorted()
                .toList();
        return new WorkCalendar(
                workdays.isEmpty()
                        ? List.of(
                                DayOfWeek.MONDAY,
                                DayOfWeek.TUESDAY,
                                DayOfWeek.WEDNESDAY,
                                DayOfWeek.THURSDAY,
                                DayOfWeek.FRIDAY)
                        : workdays,
                LocalTime.parse(hours.substring(0, 5)),
                LocalTime.parse(hours.substring(6)),
                texts(node.path("holidays")).stream()
                        .map(LocalDate::parse)
                        .sorted()
                        .toList(),
                node.path("fiscal_year_start").asInt(1));
    }

    private static Rate rate(JsonNode node) {
        Map<String, BigDecimal> rates = new TreeMap<>();
        node.properties().forEach(entry -> {
            if (!entry.getKey().equals("from")) {
                rates.put(entry.getKey(), decimal(entry.getValue()));
            }
        });
        return new Rate(LocalDate.parse(node.get("from").asText()), Collections.unmodifiableMap(rates));
    }

    private static Map<String, Team> teams(JsonNode node) {
        Map<String, Team> teams = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> teams.put(
                        entry.getKey(),
                        new Team(
                                entry.getKey(),
                                string(entry.getValue(), "channel"),
                                string(entry.getValue(), "lead"))));
        return Collections.unmodifiableMap(teams);
    }

    private static Pipeline pipeline(JsonNode node, ZoneId zone, WorkCalendar calendar, String money) {
        String name = node.get("name").asText();
        List<Stage> stages = all(node.get("stages"), stage -> stage(stage, calendar));
        List<String> breakdowns = texts(node.path("breakdowns"));
        List<Grain> windows = windows(node.path("windows"), List.of(Grain.WEEK, Grain.MONTH, Grain.QUARTER));
        List<String> measured = new ArrayList<>(List.of("pipeline", name, zone.getId(), calendar.toString(), money));
        stages.forEach(stage -> measured.add(measured(stage)));
        measured.add(new TreeSet<>(breakdowns).toString());
        measured.add(new TreeSet<>(windows).toString());
        return new Pipeline(name, hash(measured.toArray(String[]::new)), stages, breakdowns, windows);
    }

    /**
     * What a stage's figures depend on: everything but its label and whether it is retired. What it learned is left out too:
     * it holds from a day on, and what was learned before is never changed, so figures stay what they were.
     */
    private static String measured(Stage stage) {
        return Hash.of(
                stage.name(),
                String.valueOf(stage.id()),
                new TreeSet<>(stage.aliases()).toString(),
                stage.stalledAfter() + (stage.inWorkingTime() ? " of working time" : ""),
                new TreeSet<>(stage.requires()).toString(),
                String.valueOf(stage.outcome()),
                stage.maturesAfter().toString());
    }

    private static Stage stage(JsonNode node, WorkCalendar calendar) {
        String name = node.get("name").asText();
        String stalledAfter = string(node, "stalled_after");
        String outcome = string(node, "outcome");
        Duration maturesAfter = duration(node, "matures_after");
        return new Stage(
                name,
                string(node, "id"),
                texts(node.path("aliases")),
                node.path("label").asText(name),
                stalledAfter == null ? null : PlaybookCheck.limit(stalledAfter, calendar),
                texts(node.path("requires")),
                outcome == null ? null : Stage.Outcome.valueOf(outcome.toUpperCase(Locale.ROOT)),
                maturesAfter == null ? MATURES_AFTER : maturesAfter,
                stalledAfter != null && PlaybookCheck.isBusiness(stalledAfter),
                all(node.path("learned"), PlaybookLoader::learned).stream()
                        .sorted(Comparator.comparing(LearnedLimit::from))
                        .toList(),
                node.path("retired").asBoolean(false));
    }

    private static LearnedLimit learned(JsonNode node) {
        return new LearnedLimit(
                LocalDate.parse(node.get("from").asText()), Objects.requireNonNull(duration(node, "limit")));
    }

    private static Funnel funnel(JsonNode node, ZoneId zone, WorkCalendar calendar, List<Pipeline> pipelines) {
        Funnel read = new Funnel(
                node.get("name").asText(),
                "",
                Funnel.Entity.valueOf(upper(node, "entity", "person")),
                all(node.get("steps"), PlaybookLoader::step),
                Funnel.Order.valueOf(upper(node, "order", "ordered")),
                texts(node.path("exclude")),
                Objects.requireNonNull(duration(node, "within")),
                all(node.path("breakdowns"), PlaybookLoader::breakdown),
                Funnel.From.valueOf(upper(node, "breakdown_from", "first")),
                windows(node.path("windows"), List.of(Grain.DAY, Grain.WEEK)),
                node.path("attempts").asBoolean(true));
        return new Funnel(
                read.name(),
                definition(read, zone, calendar, pipelines),
                read.entity(),
                read.steps(),
                read.order(),
                read.exclude(),
                read.within(),
                read.breakdowns(),
                read.breakdownFrom(),
                read.windows(),
                read.attempts());
    }

    /** Conditions on deals depend on how stages are called, quarters on where the fiscal year starts. */
    private static String definition(Funnel funnel, ZoneId zone, WorkCalendar calendar, List<Pipeline> pipelines) {
        List<String> measured = new ArrayList<>(List.of("funnel", funnel.name(), zone.getId()));
        measured.add(funnel.entity().name());
        measured.add(funnel.order().name());
        measured.add(funnel.within().toString());
        measured.add(funnel.breakdownFrom().name());
        measured.add(funnel.breakdowns().stream()
                .map(Breakdown::name)
                .collect(Collectors.toCollection(TreeSet::new))
                .toString());
        measured.add(new TreeSet<>(funnel.windows()).toString());
        measured.add(funnel.windows().contains(Grain.QUARTER) ? String.valueOf(calendar.fiscalYearStart()) : "");
        List<String> conditions = new ArrayList<>(funnel.exclude());
        for (FunnelStep step : funnel.steps()) {
            measured.add(
                    Hash.of(step.name(), step.when(), String.valueOf(step.within()), String.valueOf(step.optional())));
            conditions.add(step.when());
        }
        new TreeSet<>(funnel.exclude()).forEach(measured::add);
        if (conditions.stream().anyMatch(PlaybookLoader::speaksOfStages)) {
            for (Pipeline pipeline : pipelines) {
                measured.add(pipeline.name());
                for (Stage stage : pipeline.stages()) {
                    measured.add(stage.name() + " " + stage.id() + " " + new TreeSet<>(stage.aliases()));
                }
            }
        }
        return hash(measured.toArray(String[]::new));
    }

    private static boolean speaksOfStages(String condition) {
        return condition.contains("deal") && condition.contains("stage");
    }

    private static Breakdown breakdown(JsonNode node) {
        return node.isArray() ? new Breakdown(texts(node)) : Breakdown.of(node.asText());
    }

    private static FunnelStep step(JsonNode node) {
        return new FunnelStep(
                node.get("name").asText(),
                node.get("when").asText(),
                duration(node, "within"),
                node.path("optional").asBoolean(false));
    }

    private static @Nullable Attribution attribution(
            JsonNode node, ZoneId zone, List<Pipeline> pipelines, List<Funnel> funnels, WorkCalendar calendar) {
        if (node.isMissingNode()) {
            return null;
        }
        Attribution read = new Attribution(
                "",
                node.path("touches").asText(TOUCHES),
                Objects.requireNonNullElse(duration(node, "lookback"), LOOKBACK),
                Objects.requireNonNullElse(duration(node, "half_life"), HALF_LIFE),
                node.has("models") ? all(node.get("models"), PlaybookLoader::model) : MODELS,
                texts(node.path("channels")),
                texts(node.path("deal_types")),
                node.path("minimum_conversions").asInt(100),
                windows(node.path("windows"), List.of(Grain.WEEK, Grain.MONTH)),
                all(node.path("conversions"), PlaybookLoader::completion));
        List<String> measured = new ArrayList<>(List.of("attribution", read.touches(), zone.getId()));
        measured.add(read.lookback().toString());
        measured.add(read.halfLife().toString());
        measured.add(new TreeSet<>(read.models()).toString());
        measured.add(new TreeSet<>(read.channels()).toString());
        measured.add(new TreeSet<>(read.dealTypes()).toString());
        measured.add(String.valueOf(read.minimumConversions()));
        measured.add(new TreeSet<>(read.windows()).toString());
        measured.add(read.windows().contains(Grain.QUARTER) ? String.valueOf(calendar.fiscalYearStart()) : "");
        pipelines.forEach(pipeline -> measured.add(pipeline.definition()));
        for (Attribution.Completion completion : read.completions()) {
            measured.add(completion.toString());
            funnels.stream()
                    .filter(funnel -> funnel.name().equals(completion.funnel()))
                    .forEach(funnel -> measured.add(funnel.definition()));
        }
        return new Attribution(
                hash(measured.toArray(String[]::new)),
                read.touches(),
                read.lookback(),
                read.halfLife(),
                read.models(),
                read.channels(),
                read.dealTypes(),
                read.minimumConversions(),
                read.windows(),
                read.completions());
    }

    private static Attribution.Completion completion(JsonNode node) {
        return new Attribution.Completion(
                node.get("funnel").asText(), node.has("value") ? decimal(node.get("value")) : BigDecimal.ZERO);
    }

    private static Attribution.Model model(JsonNode node) {
        return Attribution.Model.valueOf(node.asText().toUpperCase(Locale.ROOT));
    }

    private static Target target(JsonNode node) {
        return new Target(
                node.get("pipeline").asText(),
                node.get("quarter").asText(),
                string(node, "team"),
                decimal(node.get("amount")));
    }

    private static Season season(JsonNode node) {
        return new Season(
                node.get("metric").asText(),
                Season.Cycle.valueOf(node.get("cycle").asText().toUpperCase(Locale.ROOT)));
    }

    private static Change change(JsonNode node) {
        String review = string(node, "review");
        return new Change(
                LocalDate.parse(node.get("date").asText()),
                node.get("what").asText(),
                string(node, "who"),
                string(node, "expects"),
                review == null ? null : LocalDate.parse(review),
                texts(node.path("touches")));
    }

    private static Alerts alerts(JsonNode node, ZoneId zone) {
        Map<String, String> budget = new LinkedHashMap<>();
        node.path("budget")
                .properties()
                .forEach(entry -> budget.put(entry.getKey(), entry.getValue().asText()));
        return new Alerts(
                Collections.unmodifiableMap(budget),
                all(
                        node.path("routes"),
                        route -> new Alerts.Route(
                                route.get("kind").asText(),
                                route.get("to").asText(),
                                route.path("as").asText("page"),
                                string(route, "runbook"),
                                texts(route.path("about")))),
                node.has("quiet") ? quiet(node.get("quiet")) : null,
                all(
                        node.path("maintenance"),
                        work -> new Alerts.Maintenance(
                                LocalDateTime.parse(work.get("from").asText())
                                        .atZone(zone)
                                        .toInstant(),
                                LocalDateTime.parse(work.get("until").asText())
                                        .atZone(zone)
                                        .toInstant(),
                                work.get("what").asText(),
                                texts(work.path("about")))));
    }

    private static QuietTime quiet(JsonNode node) {
        String hours = string(node, "hours");
        return new QuietTime(
                hours == null ? null : LocalTime.parse(hours.substring(0, 5)),
                hours == null ? null : LocalTime.parse(hours.substring(6)),
                node.path("days_off").asBoolean(false),
                node.path("critical").asBoolean(false));
    }

    private static List<Grain> windows(JsonNode node, List<Grain> otherwise) {
        return node.isMissingNode()
                ? otherwise
                : all(node, window -> Grain.valueOf(window.asText().toUpperCase(Locale.ROOT)));
    }

    private static String upper(JsonNode node, String key, String otherwise) {
        return node.path(key).asText(otherwise).toUpperCase(Locale.ROOT);
    }

    private static @Nullable Duration duration(JsonNode node, String key) {
        String said = string(node, key);
        return said == null ? null : Durations.parse(said);
    }

    private static @Nullable String string(JsonNode node, String key) {
        return node.has(key) ? node.get(key).asText() : null;
    }

    private static BigDecimal decimal(JsonNode node) {
        return node.isNumber() ? node.decimalValue() : new BigDecimal(node.asText());
    }

    private static List<String> texts(JsonNode list) {
        return all(list, JsonNode::asText);
    }

    private static <T> List<T> all(JsonNode list, Function<JsonNode, T> read) {
        List<T> all = new ArrayList<>();
        list.forEach(item -> all.add(read.apply(item)));
        return List.copyOf(all);
    }

    /** The same text for the same content, however keys are ordered. */
    private static String canonical(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> entries = new TreeMap<>();
            node.properties().forEach(entry -> entries.put(entry.getKey(), canonical(entry.getValue())));
            return "{" + entries + "}";
        }
        if (node.isArray()) {
            List<String> items = new ArrayList<>();
            node.forEach(item -> items.add(canonical(item)));
            return items.toString();
        }
        return node.toString();
    }

    private static String hash(String... parts) {
        return Hash.of(parts).substring(0, 12);
    }
}
