package dev.weir.testing;

import dev.weir.playbook.Alerts;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Grain;
import dev.weir.playbook.LearnedLimit;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Rate;
import dev.weir.playbook.Stage;
import dev.weir.playbook.WorkCalendar;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small playbooks as one line of text each, where a test is about numbers and not about the loader. */
public final class Playbooks {
    private Playbooks() {}

    /** A playbook in UTC that reports in EUR and whose weeks are Monday to Friday. */
    public static Playbook of(List<Pipeline> pipelines, List<Funnel> funnels) {
        return of("UTC", pipelines, funnels);
    }

    public static Playbook of(String zone, List<Pipeline> pipelines, List<Funnel> funnels) {
        return new Playbook(
                "test",
                "0",
                ZoneId.of(zone),
                new WorkCalendar(
                        List.of(
                                DayOfWeek.MONDAY,
                                DayOfWeek.TUESDAY,
                                DayOfWeek.WEDNESDAY,
                                DayOfWeek.THURSDAY,
                                DayOfWeek.FRIDAY),
                        LocalTime.of(9, 0),
                        LocalTime.of(17, 0),
                        List.of(),
                        1),
                "EUR",
                List.<Rate>of(),
                Map.of(),
                pipelines,
                funnels,
                List.of(),
                List.of(),
                List.of(),
                new Alerts(Map.of(), List.of()),
                null);
    }

    /** The same playbook with an attribution section. */
    public static Playbook with(Playbook p, Attribution attribution) {
        return with(p, p.alerts(), attribution);
    }

    /** The same playbook with other alerts. */
    public static Playbook with(Playbook p, Alerts alerts) {
        return with(p, alerts, p.attribution());
    }

    private static Playbook with(Playbook p, Alerts alerts, @Nullable Attribution attribution) {
        return new Playbook(
                p.name(),
                p.hash(),
                p.zone(),
                p.calendar(),
                p.reportingCurrency(),
                p.rates(),
                p.teams(),
                p.pipelines(),
                p.funnels(),
                p.targets(),
                p.seasons(),
                p.changes(),
                alerts,
                attribution);
    }

    /**
     * A pipeline out of words: {@code lead}, {@code lead>30} stalls after 30 ms, {@code lead>>30} after 30 ms of working
     * time, {@code lead~30} has learned 30 ms from the second of January 1970 on, {@code lead=old} is also called old,
     * {@code won+} wins, {@code lost-} loses;
     * {@code |} and what follows are breakdown fields. Visits mature after {@code maturesMillis}.
     */
    public static Pipeline pipeline(String name, String text, long maturesMillis, Grain... windows) {
        String[] halves = text.split("\\|", -1);
        List<Stage> stages = new ArrayList<>();
        for (String word : halves[0].trim().split(" +", -1)) {
            String stage = word.replaceAll("[+-]$|[>=~].*", "");
            Duration stalled = word.contains(">")
                    ? Duration.ofMillis(Long.parseLong(word.substring(word.lastIndexOf('>') + 1)))
                    : null;
            List<String> aliases = word.contains("=")
                    ? List.of(word.substring(word.indexOf('=') + 1).replaceAll(">.*", ""))
                    : List.of();
            Stage.Outcome outcome =
                    word.endsWith("+") ? Stage.Outcome.WON : word.endsWith("-") ? Stage.Outcome.LOST : null;
            stages.add(new Stage(
                    stage,
                    null,
                    aliases,
                    stage,
                    stalled,
                    List.of(),
                    outcome,
                    Duration.ofMillis(maturesMillis),
                    word.contains(">>"),
                    learned(word),
                    false));
        }
        return new Pipeline(
                name,
                "d-" + name,
                stages,
                halves.length == 1 ? List.of() : List.of(halves[1].trim().split(" +", -1)),
                List.of(windows));
    }

    private static List<LearnedLimit> learned(String word) {
        return word.contains("~")
                ? List.of(new LearnedLimit(
                        LocalDate.of(1970, 1, 2),
                        Duration.ofMillis(Long.parseLong(word.substring(word.indexOf('~') + 1)))))
                : List.of();
    }

    /**
     * A funnel out of words: each is a step whose condition is its letter, {@code b?} an optional one, {@code c<5} one
     * within 5 ms of the step before, {@code !x} an exclusion, {@code strict} or {@code any} the order, {@code last} takes
     * breakdowns from the last step. A breakdown is a field, or a pair as {@code channel & asset}.
     */
    public static Funnel funnel(
            String name, String text, long withinMillis, List<String> breakdowns, Grain... windows) {
        List<FunnelStep> steps = new ArrayList<>();
        List<String> exclude = new ArrayList<>();
        Funnel.Order order = Funnel.Order.ORDERED;
        Funnel.From from = Funnel.From.FIRST;
        for (String word : text.split(" +", -1)) {
            switch (word) {
                case "strict" -> order = Funnel.Order.STRICT;
                case "any" -> order = Funnel.Order.ANY;
                case "last" -> from = Funnel.From.LAST;
                default -> {
                    if (word.startsWith("!")) {
                        exclude.add(word.substring(1));
                    } else {
                        steps.add(step(word));
                    }
                }
            }
        }
        return new Funnel(
                name,
                "d-" + name,
                Funnel.Entity.PERSON,
                steps,
                order,
                exclude,
                Duration.ofMillis(withinMillis),
                breakdowns.stream()
                        .map(fields -> Breakdown.of(fields.split(" & ", -1)))
                        .toList(),
                from,
                List.of(windows),
                true);
    }

    private static FunnelStep step(String word) {
        String letter = word.substring(0, 1);
        @Nullable Duration within =
                word.contains("<") ? Duration.ofMillis(Long.parseLong(word.substring(word.indexOf('<') + 1))) : null;
        return new FunnelStep(letter, letter, within, word.contains("?"));
    }
}
