package dev.weir.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.weir.conversion.Profiles;
import dev.weir.io.PlaybookProblems.Problem;
import dev.weir.playbook.Durations;
import dev.weir.playbook.WorkCalendar;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds everything wrong with a playbook: first its shape, by the published JSON Schema, then what the words mean. It looks at
 * all of it whatever is wrong elsewhere, so that one run tells all.
 */
final class PlaybookCheck {
    private static final JsonSchema SCHEMA = schema();

    private final YamlText text;
    private final List<Problem> problems;
    private final Conditions.StageNames stages = Conditions.StageNames.complete();

    private PlaybookCheck(YamlText text) {
        this.text = text;
        this.problems = new ArrayList<>(text.problems());
    }

    /** Every problem, those of the YAML included. */
    static List<Problem> of(YamlText text) {
        PlaybookCheck check = new PlaybookCheck(text);
        if (!text.root().isEmpty()) {
            check.shape();
            check.meaning();
        }
        return check.problems;
    }

    private static JsonSchema schema() {
        try (InputStream in = PlaybookCheck.class.getResourceAsStream("/playbook.schema.json")) {
            SchemaValidatorsConfig config = SchemaValidatorsConfig.builder()
                    .pathType(PathType.JSON_POINTER)
                    .locale(Locale.ROOT)
                    .build();
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                    .getSchema(new ObjectMapper().readTree(Objects.requireNonNull(in)), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void shape() {
        for (ValidationMessage message : SCHEMA.validate(text.root())) {
            String pointer = message.getInstanceLocation().toString();
            if (message.getType().equals("additionalProperties")) {
                String key = message.getProperty();
                Set<String> known = known(message);
                at(
                        text.key(YamlText.child(pointer, key)),
                        0,
                        "unknown key '" + key + "'; " + Spelling.mend(key, known));
            } else {
                at(text.value(pointer), 0, words(message, pointer));
            }
        }
    }

    private static Set<String> known(ValidationMessage message) {
        Set<String> known = new TreeSet<>();
        JsonNode schema = message.getSchemaNode();
        JsonNode properties = schema.has("properties") ? schema.get("properties") : properties(message);
        properties.fieldNames().forEachRemaining(known::add);
        return known;
    }

    /** The properties that stand beside the keyword a message speaks of. */
    private static JsonNode properties(ValidationMessage message) {
        String location = message.getSchemaLocation().getFragment().toString();
        int last = location.lastIndexOf('/');
        return SCHEMA.getSchemaNode().at(location.substring(0, Math.max(0, last)) + "/properties");
    }

    private String words(ValidationMessage message, String pointer) {
        JsonNode value = text.root().at(pointer);
        String said = value.isValueNode() ? "'" + value.asText() + "'" : "this";
        JsonNode keyword = SCHEMA.getSchemaNode()
                .at(message.getSchemaLocation().getFragment().toString());
        return switch (message.getType()) {
            case "required" -> "'" + message.getProperty() + "' is missing";
            case "enum" -> "unknown value " + said + "; " + Spelling.mend(value.asText(), texts(keyword));
            case "type" ->
                fits(message, value) || !value.isValueNode() || value.isNull()
                        ? type(value, keyword, said)
                        : said + ": " + patternWords(message);
            case "pattern" -> said + ": " + patternWords(message);
            case "minItems" -> "too few: at least " + keyword.asText();
            case "maxItems" -> "too many: at most " + keyword.asText();
            case "uniqueItems" -> "something stands twice in this list; keep one";
            case "minimum" -> said + ": at least " + keyword.asText();
            case "minLength" -> "it is empty";
            case "maxLength" -> "longer than " + keyword.asText() + " characters";
            default -> message.getError();
        };
    }

    private static String type(JsonNode value, JsonNode keyword, String said) {
        String wanted =
                switch (keyword.isArray() ? keyword.get(0).asText() : keyword.asText()) {
                    case "string" -> "text";
                    case "array" -> "a list, as [a, b]";
                    case "object" -> "a map, as {a: b}";
                    case "integer" -> "a whole number";
                    case "boolean" -> "true or false";
                    default -> "a number";
                };
        if (wanted.equals("text") && value.isValueNode() && !value.isNull()) {
            return said + " is " + (value.isNumber() ? "a number" : "true or false")
                    + " here and must be text; write \"" + value.asText() + "\" in quotes";
        }
        return (value.isNull() ? "nothing stands here; " : "") + "it must be " + wanted;
    }

    /** Whether nothing but quotes is missing. */
    private static boolean fits(ValidationMessage message, JsonNode value) {
        JsonNode pattern = beside(message, "pattern");
        return !pattern.isTextual() || value.asText().matches(pattern.asText());
    }

    private static String patternWords(ValidationMessage message) {
        JsonNode words = beside(message, "patternErrorMessage");
        return words.isTextual() ? words.asText() : message.getError();
    }

    /** What stands beside the keyword that a message speaks of. */
    private static JsonNode beside(ValidationMessage message, String keyword) {
        String location = message.getSchemaLocation().getFragment().toString();
        String around = location.substring(0, Math.max(0, location.lastIndexOf('/')));
        return SCHEMA.getSchemaNode().at(around + "/" + keyword);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private void meaning() {
        zone();
        calendar();
        money();
        pipelines();
        funnels();
        attribution();
        references();
        changes();
        alerts();
    }

    private void zone() {
        String zone = string("/timezone");
        if (zone != null && !zone.equals("UTC") && !ZoneId.getAvailableZoneIds().contains(zone)) {
            String near = Spelling.nearest(zone, ZoneId.getAvailableZoneIds());
            at(
                    "/timezone",
                    "unknown time zone '" + zone + "'; "
                            + (near == null ? "" : "did you mean '" + near + "'? ")
                            + "write an IANA name as Europe/Berlin, or UTC");
        }
    }

    private void calendar() {
        String hours = string("/calendar/hours");
        if (hours != null && hours.length() == 11 && hours.substring(0, 5).compareTo(hours.substring(6)) >= 0) {
            at("/calendar/hours", "hours '" + hours + "' close before they open; write them as \"09:00-17:00\"");
        }
        each("/calendar/holidays", (pointer, holiday) -> date(pointer));
    }

    private void money() {
        currency(text.value("/reporting_currency"), string("/reporting_currency"));
        String reporting = text.root().path("reporting_currency").asText("USD");
        Map<String, String> dates = new HashMap<>();
        each("/rates", (pointer, rate) -> {
            String from = date(YamlText.child(pointer, "from"));
            if (from != null) {
                once(dates, from, YamlText.child(pointer, "from"), "rates from");
            }
            rate.fieldNames().forEachRemaining(name -> {
                if (name.equals(reporting)) {
                    at(
                            text.key(YamlText.child(pointer, name)),
                            0,
                            "a rate of the reporting currency " + name + " into itself; leave it out");
                } else if (name.length() == 3) {
                    currency(text.key(YamlText.child(pointer, name)), name);
                }
            });
        });
    }

    private void currency(YamlText.Place place, @Nullable String code) {
        if (code == null || !code.matches("[A-Z]{3}")) {
            return;
        }
        Set<String> known = new TreeSet<>();
        Currency.getAvailableCurrencies().forEach(currency -> known.add(currency.getCurrencyCode()));
        if (!known.contains(code)) {
            at(place, 0, "unknown currency '" + code + "'; write an ISO 4217 code as EUR");
        }
    }

    private void pipelines() {
        Map<String, String> names = new HashMap<>();
        List<String> fields = Fields.breakdowns(List.of("deal")).stream()
                .filter(field -> !field.equals("kind"))
                .toList();
        each("/pipelines", (pointer, pipeline) -> {
            String name = named(names, pointer, "pipeline");
            Map<String, String> ofStages = new HashMap<>();
            each(YamlText.child(pointer, "stages"), (at, stage) -> stage(name == null ? "" : name, ofStages, at));
            List<String> outcomes = new ArrayList<>();
            pipeline.path("stages")
                    .forEach(stage -> outcomes.add(stage.path("outcome").asText("")));
            if (!outcomes.isEmpty() && !outcomes.contains("")) {
                at(
                        YamlText.child(pointer, "stages"),
                        "every stage has an outcome, so no deal ever waits; add one without");
            }
            for (int i = 1; i < outcomes.size(); i++) {
                if (outcomes.get(i).isEmpty() && !outcomes.get(i - 1).isEmpty()) {
                    at(
                            YamlText.child(YamlText.child(pointer, "stages"), i),
                            "a stage without outcome after one with; write stages with an outcome last");
                }
            }
            breakdowns(YamlText.child(pointer, "breakdowns"), fields);
        });
    }

    private void stage(String pipeline, Map<String, String> taken, String pointer) {
        String name = named(taken, pointer, "stage");
        String id = string(YamlText.child(pointer, "id"));
        if (id != null && !id.equals(name)) {
            once(taken, id, YamlText.child(pointer, "id"), "stage");
        }
        List<String> aliases = new ArrayList<>();
        each(YamlText.child(pointer, "aliases"), (at, alias) -> {
            if (alias.isTextual()
                    && !alias.asText().equals(name)
                    && !alias.asText().equals(id)) {
                once(taken, alias.asText(), at, "stage");
            }
            aliases.add(alias.asText());
        });
        if (name != null) {
            stages.add(pipeline, name, id, aliases);
        }
        limit(YamlText.child(pointer, "stalled_after"));
        duration(YamlText.child(pointer, "matures_after"));
        JsonNode stage = text.root().at(pointer);
        learned(stage, pointer);
        if (stage.has("outcome") && stage.has("stalled_after")) {
            at(
                    text.key(YamlText.child(pointer, "stalled_after")),
                    0,
                    "a stage with an outcome closes the deal, so it cannot stall here; leave 'stalled_after' out");
        }
        each(YamlText.child(pointer, "requires"), (at, field) -> {
            Set<String> known = EventFields.of("deal").keySet();
            if (field.isTextual()
                    && !Fields.isProperty(field.asText())
                    && (!known.contains(field.asText()) || field.asText().equals(EventFields.PROPERTIES))) {
                at(
                        at,
                        "unknown field '" + field.asText() + "'; " + Spelling.mend(field.asText(), known)
                                + ", or properties.…");
            }
        });
    }

    private void learned(JsonNode stage, String pointer) {
        Map<String, String> days = new HashMap<>();
        each(YamlText.child(pointer, "learned"), (at, limit) -> {
            duration(YamlText.child(at, "limit"));
            String from = date(YamlText.child(at, "from"));
            if (from != null) {
                once(days, from, YamlText.child(at, "from"), "learned limit from");
            }
        });
        if (stage.has("learned") && (stage.has("stalled_after") || stage.has("outcome"))) {
            at(
                    text.key(YamlText.child(pointer, "learned")),
                    0,
                    "what was learned counts only where neither 'stalled_after' nor 'outcome' stands; leave one out");
        }
    }

    private void funnels() {
        Map<String, String> names = new HashMap<>();
        List<String> fields = Fields.breakdowns(EventFields.SUBJECTS);
        each("/funnels", (pointer, funnel) -> {
            named(names, pointer, "funnel");
            Duration within = duration(YamlText.child(pointer, "within"));
            Map<String, String> steps = new HashMap<>();
            each(YamlText.child(pointer, "steps"), (at, step) -> {
                named(steps, at, "step");
                condition(YamlText.child(at, "when"));
                Duration own = duration(YamlText.child(at, "within"));
                if (own != null && within != null && own.compareTo(within) > 0) {
                    at(
                            YamlText.child(at, "within"),
                            "'" + step.path("within").asText() + "' is longer than the funnel's own within ("
                                    + funnel.path("within").asText() + "); shorten it, or lengthen that");
                }
            });
            String first = YamlText.child(YamlText.child(pointer, "steps"), 0);
            if (text.root().at(first).path("optional").asBoolean(false)) {
                at(
                        text.key(YamlText.child(first, "optional")),
                        0,
                        "the first step opens the attempt, so it cannot be optional; leave 'optional' out");
            }
            if (text.root().at(first).has("within")) {
                at(
                        text.key(YamlText.child(first, "within")),
                        0,
                        "the first step has none before it; leave its 'within' out");
            }
            if (funnel.path("order").asText().equals("any")) {
                each(YamlText.child(pointer, "steps"), (at, step) -> anyOrder(at));
            }
            each(YamlText.child(pointer, "exclude"), (at, exclude) -> condition(at));
            if (funnel.path("entity").asText().equals("account")) {
                noPersons(YamlText.child(pointer, "breakdowns"));
            }
            breakdowns(YamlText.child(pointer, "breakdowns"), fields);
        });
    }

    /** A person has an account, but an account has many persons. */
    private void noPersons(String pointer) {
        each(pointer, (at, field) -> {
            noPersons(at); // of a pair
            String name = field.asText();
            if (field.isTextual() && Fields.isProfile(name) && name.startsWith(Profiles.PERSON)) {
                at(
                        at,
                        "'" + name + "' is no field of what this funnel counts; write account.… for a property of the"
                                + " account, or set the funnel's entity to person");
            }
        });
    }

    private void anyOrder(String step) {
        for (String key : List.of("within", "optional")) {
            if (text.root().at(step).has(key)) {
                at(
                        text.key(YamlText.child(step, key)),
                        0,
                        "with 'order: any' no step comes before another, so '" + key
                                + "' says nothing here; leave it out");
            }
        }
    }

    private void attribution() {
        JsonNode attribution = text.root().path("attribution");
        if (!attribution.isObject()) {
            return;
        }
        duration("/attribution/lookback");
        duration("/attribution/half_life");
        String subject = condition("/attribution/touches");
        if (subject != null && !subject.equals("engagement")) {
            at("/attribution/touches", "a touch is an engagement; write a condition on engagement");
        }
        List<String> models = texts(attribution.path("models"));
        if (models.contains("markov") && attribution.path("channels").isEmpty()) {
            at(
                    "/attribution/models",
                    "markov follows paths from channel to channel; name the channels it should tell apart, as"
                            + " channels: [organic, email]");
        }
        if (text.root().path("pipelines").isEmpty()
                && attribution.path("conversions").isEmpty()) {
            at(
                    "/attribution",
                    "there is no pipeline, so no deal is ever won; add one, name a funnel as conversion, or leave"
                            + " attribution out");
        }
        Map<String, String> completed = new HashMap<>();
        Map<String, JsonNode> funnels = new TreeMap<>();
        each("/funnels", (pointer, funnel) -> funnels.put(funnel.path("name").asText(), funnel));
        each("/attribution/conversions", (pointer, conversion) -> {
            String at = YamlText.child(pointer, "funnel");
            String name = conversion.path("funnel").asText();
            once(completed, name, at, "conversion of funnel");
            known("funnel", at, funnels.keySet());
            JsonNode funnel = funnels.get(name);
            if (funnel != null && !funnel.path("attempts").asBoolean(true)) {
                at(
                        at,
                        "the attempts of '" + name + "' are no rows, so nobody could see what was completed; leave out"
                                + " its 'attempts: false'");
            }
        });
    }

    /** Which event a condition speaks of; null when there is none or it is faulty. */
    private @Nullable String condition(String pointer) {
        String condition = string(pointer);
        if (condition == null || condition.isEmpty()) {
            return null;
        }
        try {
            return ConditionText.read(condition, stages).subject();
        } catch (ConditionText.Faulty e) {
            YamlText.Place place = text.value(pointer);
            for (ConditionText.Fault fault : e.faults()) {
                at(place, place.verbatim() ? Math.max(0, fault.offset()) : 0, "in the condition: " + fault.message());
            }
            return null;
        }
    }

    private void breakdowns(String pointer, List<String> known) {
        each(pointer, (at, field) -> {
            breakdowns(at, known); // of a pair
            String name = field.asText();
            if (field.isTextual()
                    && !name.isEmpty()
                    && !known.contains(name)
                    && !Fields.isProperty(name)
                    && !(Fields.isProfile(name) && pointer.contains("/funnels/"))) {
                at(
                        at,
                        "unknown breakdown field '" + name + "'; " + Spelling.mend(name, known) + ", or properties."
                                + name);
            }
        });
    }

    private void references() {
        Set<String> teams = new TreeSet<>();
        text.root().path("teams").fieldNames().forEachRemaining(teams::add);
        Set<String> pipelines = new TreeSet<>();
        text.root()
                .path("pipelines")
                .forEach(pipeline -> pipelines.add(pipeline.path("name").asText()));
        Map<String, String> targets = new HashMap<>();
        each("/targets", (pointer, target) -> {
            known("pipeline", YamlText.child(pointer, "pipeline"), pipelines);
            known("team", YamlText.child(pointer, "team"), teams);
            once(
                    targets,
                    target.path("pipeline").asText() + ", "
                            + target.path("quarter").asText() + ", "
                            + target.path("team").asText("all teams"),
                    pointer,
                    "target");
        });
        text.root().path("alerts").path("budget").fieldNames().forEachRemaining(team -> {
            if (!teams.contains(team)) {
                at(
                        text.key(YamlText.child("/alerts/budget", team)),
                        0,
                        "unknown team '" + team + "'; " + Spelling.mend(team, teams));
            }
        });
        Set<String> receivers = new TreeSet<>(teams);
        receivers.add("owner");
        Set<String> measured = new TreeSet<>(pipelines);
        text.root()
                .path("funnels")
                .forEach(funnel -> measured.add(funnel.path("name").asText()));
        each("/alerts/routes", (pointer, route) -> {
            known("team", YamlText.child(pointer, "to"), receivers);
            about(pointer, measured);
        });
        routesThatAreNeverTaken();
        each("/alerts/maintenance", (pointer, work) -> about(pointer, measured));
        Set<String> moved = new TreeSet<>(measured);
        parts("/pipelines", "stages", moved);
        parts("/funnels", "steps", moved);
        each(
                "/changes",
                (pointer, change) -> each(
                        YamlText.child(pointer, "touches"),
                        (touched, name) -> known("funnel, pipeline, step or stage", touched, moved)));
    }

    private void about(String pointer, Set<String> measured) {
        each(YamlText.child(pointer, "about"), (about, name) -> known("funnel or pipeline", about, measured));
    }

    /** One about a funnel or pipeline, behind one of its kind about all. */
    private void routesThatAreNeverTaken() {
        Map<String, String> ofAll = new HashMap<>();
        each("/alerts/routes", (pointer, route) -> {
            String kind = route.path("kind").asText();
            if (route.path("about").isEmpty()) {
                ofAll.putIfAbsent(kind, pointer);
            } else if (ofAll.containsKey(kind)) {
                YamlText.Place place = text.value(ofAll.get(kind));
                at(
                        pointer,
                        "never taken: the route at " + place.file() + ":" + place.line() + ":" + place.column()
                                + " takes every " + kind + " before; write this one above it");
            }
        });
    }

    /** The names of what has parts, and of its parts as {@code sales/proposal}. */
    private void parts(String pointer, String parts, Set<String> names) {
        each(pointer, (at, whole) -> whole.path(parts)
                .forEach(part -> names.add(
                        whole.path("name").asText() + "/" + part.path("name").asText())));
    }

    private void known(String what, String pointer, Set<String> known) {
        String name = string(pointer);
        if (name != null && !known.contains(name)) {
            at(pointer, "unknown " + what + " '" + name + "'; " + Spelling.mend(name, known));
        }
    }

    private void changes() {
        each("/changes", (pointer, change) -> {
            date(YamlText.child(pointer, "date"));
            date(YamlText.child(pointer, "review"));
        });
    }

    private void alerts() {
        String hours = string("/alerts/quiet/hours");
        if (hours != null && hours.length() == 11 && hours.substring(0, 5).equals(hours.substring(6))) {
            at("/alerts/quiet/hours", "hours '" + hours + "' are none or all; write them as \"20:00-07:00\"");
        }
        each("/alerts/maintenance", (pointer, work) -> {
            LocalDateTime from = time(YamlText.child(pointer, "from"));
            LocalDateTime until = time(YamlText.child(pointer, "until"));
            if (from != null && until != null && !until.isAfter(from)) {
                at(YamlText.child(pointer, "until"), "'" + until + "' is not after '" + from + "'");
            }
        });
    }

    private @Nullable LocalDateTime time(String pointer) {
        String said = string(pointer);
        if (said == null || !said.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")) {
            return null;
        }
        try {
            return LocalDateTime.parse(said);
        } catch (DateTimeException e) {
            at(pointer, "there is no time '" + said + "'");
            return null;
        }
    }

    private @Nullable String named(Map<String, String> taken, String pointer, String what) {
        String name = string(YamlText.child(pointer, "name"));
        if (name != null) {
            once(taken, name, YamlText.child(pointer, "name"), what);
        }
        return name;
    }

    private void once(Map<String, String> taken, String name, String pointer, String what) {
        String before = taken.putIfAbsent(name, pointer);
        if (before != null) {
            YamlText.Place place = text.value(before);
            at(
                    pointer,
                    "duplicate " + what + " '" + name + "', first at " + place.file() + ":" + place.line() + ":"
                            + place.column() + "; rename one");
        }
    }

    /** A duration of the calendar or of working time. */
    private void limit(String pointer) {
        String said = string(pointer);
        if (said == null || !isBusiness(said)) {
            duration(pointer);
        } else if (Long.parseLong(said.substring(0, said.indexOf(' '))) > Durations.MOST.toDays()) {
            at(
                    pointer,
                    "'" + said + "': working time is at most " + Durations.MOST.toDays() + " business days or hours");
        }
    }

    /** Whether a limit is of working time, as {@code 10 business days}. */
    static boolean isBusiness(String said) {
        return said.contains(" business ");
    }

    /**
     * A limit that {@link #limit(String)} found no fault with; of {@code business days} the working hours of so many days.
     */
    static @Nullable Duration limit(String said, WorkCalendar calendar) {
        if (!isBusiness(said)) {
            return Durations.parse(said);
        }
        long count = Long.parseLong(said.substring(0, said.indexOf(' ')));
        return said.contains("day") ? calendar.workingDay().multipliedBy(count) : Duration.ofHours(count);
    }

    private @Nullable Duration duration(String pointer) {
        String said = string(pointer);
        if (said == null || said.isEmpty() || said.startsWith("0")) {
            return null; // told by the schema
        }
        Duration duration = Durations.parse(said);
        if (duration != null && !Durations.isSound(duration)) {
            at(
                    pointer,
                    "'" + said + "': a duration is longer than nothing and at most " + Durations.MOST.toDays() + "d");
            return null;
        }
        if (duration == null && said.startsWith("P")) {
            at(pointer, "'" + said + "': bad duration; write 10d, 36h, 30m, 90s, or ISO-8601 as P10D");
        }
        return duration;
    }

    private @Nullable String date(String pointer) {
        String said = string(pointer);
        if (said != null && said.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
            try {
                LocalDate.parse(said);
                return said;
            } catch (DateTimeException e) {
                at(pointer, "there is no day '" + said + "'");
            }
        }
        return null;
    }

    private @Nullable String string(String pointer) {
        JsonNode node = text.root().at(pointer);
        return node.isTextual() ? node.asText() : null;
    }

    /** What to do with each item of a list. */
    private interface Visit {
        void item(String pointer, JsonNode item);
    }

    private void each(String pointer, Visit visit) {
        JsonNode list = text.root().at(pointer);
        if (list.isArray()) {
            for (int i = 0; i < list.size(); i++) {
                visit.item(YamlText.child(pointer, i), list.get(i));
            }
        }
    }

    private void at(String pointer, String message) {
        at(text.value(pointer), 0, message);
    }

    private void at(YamlText.Place place, int offset, String message) {
        problems.add(new Problem(place.file(), place.line(), place.column() + offset, message));
    }
}
