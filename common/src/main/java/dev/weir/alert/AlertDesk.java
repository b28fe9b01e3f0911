package dev.weir.alert;

import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Change;
import dev.weir.playbook.Playbook;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the signals of one incident into alerts, and takes an alert back when its signals were never so.
 *
 * <p><b>One alert, many signals.</b> A landing page that breaks on mobile lowers the rate of mobile, of the channels that
 * bring mobile visitors, and of the whole. All signals about one step or stage are one incident; those first noticed within
 * {@link #ONE_ALERT} of each other are one alert, later ones a new alert. The alert names the segment with the greatest
 * surprise per window, the logarithm of how much likelier the segment's windows are at their own level than as expected. That
 * is the likelihood-ratio scan: whatever is mixed with unharmed visitors loses some of it, and so does a part of what broke,
 * so it is greatest where exactly the broken ones are together, and for the whole when all broke alike. Series are noticed at
 * different times and measured over different windows, so the whole needs a clear lead: a segment goes before it when it has
 * half its surprise and fell a quarter further. (When all break alike no segment falls further, and none of a few has half.)
 * Size of the fall alone would name the smallest, noisiest segment; the e-value alone whatever was watched longest.
 *
 * <p><b>Ids that stay.</b> An alert's id is made from its incident and its ordinal among the incident's standing alerts. The
 * earliest signal's window, the obvious anchor, is no good: signals of several series come in any order, and each one with
 * an earlier window would take one alert back and raise another. The number of alerts of an incident, with the signals that
 * were deleted, only grows (they are the least number of intervals of one length that cover the windows of first notice), so
 * what was once published stays: as firing, resolved or, when deleted signals leave an ordinal without a standing alert,
 * retracted. The price: when an earlier alert of a subject is voided, the later one takes over its id.
 *
 * <p>An alert about one deal stays a row, but its evidence says {@code "delivery":"digest"} and the signal goes on to
 * {@link Digest}, unless the playbook routes its kind as a page.
 *
 * <p>A signal that was deleted stays as a fact with {@link Signal#deleted}; it must come as such and not leave.
 */
public final class AlertDesk implements Machine<Signal, Signal> {
    /** Signals of one incident that are noticed within this time of the first are one alert. */
    public static final Duration ONE_ALERT = Duration.ofDays(42);

    /** Name in the evidence of when the first signal of an alert was noticed. */
    static final String NOTICED = "first_noticed_at";

    static final String CRITICAL = "critical";

    /** From which share of what was usual, times confidence, an alert is critical: half of it and quite sure. */
    private static final double CRITICAL_SIZE = 0.45;

    /** From which it is a warning. */
    private static final double WARNING_SIZE = 0.1;

    /** A series is taken to change once in so many windows: the odds before anything is seen. */
    private static final double WINDOWS_BETWEEN_CHANGES = 400;

    /** How long before an alert begins a change of the business may have been made that is named with it. */
    private static final Period CHANGE_BEFORE = Period.ofDays(14);

    /** Most changes that are named. */
    private static final int CHANGES = 5;

    /** What a segment needs of the whole's surprise, and of its fall, to be named in its place. */
    private static final double SURPRISE_OF_TOTAL = 0.5;

    private static final double FALL_OF_TOTAL = 1.25;

    /** Most segments that the evidence of an alert lists. */
    private static final int SEGMENTS = 20;

    private static final String TOTAL = "(total)";

    /** What the signal of a whole says of why its rate fell: evidence, whichever segment is named. */
    private static final List<String> WHY =
            List.of("cause", "split_by", "rate_part", "mix_part", "moved_most", "splits");

    private final Alerts alerts;
    private final ZoneId zone;
    private final List<Change> changes;

    public AlertDesk(Alerts alerts, ZoneId zone, List<Change> changes) {
        this.alerts = alerts;
        this.zone = zone;
        this.changes = changes;
    }

    public static AlertDesk of(Playbook playbook) {
        return new AlertDesk(playbook.alerts(), playbook.zone(), playbook.changes());
    }

    /** The key of a signal's incident: all breakdowns of one step or stage together, each deal by itself. */
    public static String incidentKey(Signal signal) {
        return Keys.join(signal.kind(), signal.definition(), signal.subject());
    }

    @Override
    public String id(Signal signal) {
        return signal.signalId();
    }

    @Override
    public long time(Signal signal) {
        return signal.startedAt().toEpochMilli();
    }

    @Override
    public Signal prefer(Signal kept, Signal newcomer) {
        return newcomer;
    }

    @Override
    public void say(String key, List<Signal> facts, Step<Signal> step) {
        if (facts.get(0).kind().equals(Signal.STALLED)) {
            for (Signal signal : facts) {
                step.row(AlertTables.ALERT, row(signal.signalId(), List.of(signal), signal.deleted(), step.asOf()));
                if (isDigested(signal)) {
                    step.replacing(Digest.receiver(team(route(signal)), signal.ownerId()), signal.signalId(), signal);
                }
            }
            return;
        }
        List<Signal> standing = facts.stream().filter(s -> !s.deleted()).toList();
        List<List<Signal>> alertsNow = groups(standing);
        List<List<Signal>> alertsEver = groups(facts);
        for (int i = 0; i < alertsEver.size(); i++) {
            boolean retracted = i >= alertsNow.size();
            List<Signal> signals = (retracted ? alertsEver : alertsNow).get(i);
            step.row(AlertTables.ALERT, row(Integer.toString(i + 1), signals, retracted, step.asOf()));
        }
    }

    /** Covers the windows of first notice with intervals, each as late as it can be: the least number of them. */
    private static List<List<Signal>> groups(List<Signal> signals) {
        List<Signal> sorted = new ArrayList<>(signals);
        sorted.sort(Comparator.comparing(AlertDesk::anchor).thenComparing(Signal::signalId));
        List<List<Signal>> groups = new ArrayList<>();
        Instant until = Instant.MIN;
        for (Signal signal : sorted) {
            if (groups.isEmpty() || anchor(signal).isAfter(until)) {
                groups.add(new ArrayList<>());
                until = anchor(signal).plus(ONE_ALERT);
            }
            groups.get(groups.size() - 1).add(signal);
        }
        return groups;
    }

    private static Instant anchor(Signal signal) {
        Instant start = time(signal, "window_start");
        return start == null ? signal.startedAt() : start;
    }

    private static @Nullable Instant time(Signal signal, String name) {
        String text = text(Json.read(signal.evidence()).get(name));
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private Row row(String ordinal, List<Signal> signals, boolean retracted, long asOf) {
        List<Signal> bySurprise = new ArrayList<>(signals);
        bySurprise.sort(Comparator.comparingDouble((Signal s) -> -surprise(s)).thenComparing(Signal::signalId));
        Signal named = named(bySurprise);
        Map<String, @Nullable Object> figures = Json.read(named.evidence());
        Instant ended = ended(signals);
        Double confidence = confidence(signals);
        String cause = cause(named, figures);
        String sentence = sentence(named, figures, ended)
                + likely(cause)
                + (confidence == null ? "" : " Confidence " + (int) (confidence * 100) + " %.");
        Alerts.Route route = route(named);
        return new Alert(
                        Hash.of("alert", named.kind(), named.definition(), named.subject(), ordinal),
                        named.kind(),
                        severity(named.kind(), figures, confidence),
                        retracted ? Alert.RETRACTED : ended == null ? Alert.FIRING : Alert.RESOLVED,
                        named.metric(),
                        named.breakdown(),
                        named.value(),
                        named.subject(),
                        team(route),
                        named.ownerId(),
                        retracted ? "Taken back, later facts show it was not so: " + sentence : sentence,
                        named.startedAt(),
                        ended,
                        evidence(figures, bySurprise, named),
                        null,
                        delivery(named.kind(), route),
                        null,
                        route == null ? null : route.runbook(),
                        cause,
                        confidence,
                        null,
                        named.definition(),
                        false)
                .row(asOf);
    }

    /** The one that says what broke, of signals in falling order of surprise. */
    private static Signal named(List<Signal> bySurprise) {
        Signal first = bySurprise.get(0);
        if (!TOTAL.equals(first.breakdown())) {
            return first;
        }
        for (Signal segment : bySurprise) {
            if (!TOTAL.equals(segment.breakdown())
                    && surprise(segment) >= SURPRISE_OF_TOTAL * surprise(first)
                    && figure(segment, "fall") >= FALL_OF_TOTAL * figure(first, "fall")) {
                return segment;
            }
        }
        return first;
    }

    /** When the last of the signals ended; null while one stands. */
    private static @Nullable Instant ended(List<Signal> signals) {
        Instant last = Instant.MIN;
        for (Signal signal : signals) {
            Instant ended = signal.endedAt();
            if (ended == null) {
                return null;
            }
            last = ended.isAfter(last) ? ended : last;
        }
        return last;
    }

    private Alerts.@Nullable Route route(Signal signal) {
        return alerts.route(signal.kind(), signal.subject().split("/", 2)[0]);
    }

    /** The team that a route leads to; null where it leads to an owner, or there is none. */
    private static @Nullable String team(Alerts.@Nullable Route route) {
        return route == null || route.to().equals("owner") ? null : route.to();
    }

    /** Whether it reaches people by {@link Digest}: what is about one deal does, unless a route pages it. */
    private boolean isDigested(Signal signal) {
        Alerts.Route route = route(signal);
        return signal.kind().equals(Signal.STALLED)
                && (route == null || route.as().equals("digest"));
    }

    /** A value beyond its records is promised nothing about, so it pages nobody; else the playbook says. */
    private static String delivery(String kind, Alerts.@Nullable Route route) {
        boolean paged = !kind.equals(Signal.STALLED) && !kind.equals(Signal.UNUSUAL);
        return route == null ? paged ? Alert.PAGE : Alert.DIGEST : route.as();
    }

    /**
     * How sure it is that something changed: with R the largest evidence of a detector among the signals, a
     * Shiryaev-Roberts statistic, R / (R + n) where a change comes once in n windows (the posterior odds of Shiryaev, On
     * optimum methods in quickest detection problems, 1963, as the chance of a change in one window goes to zero). Null where
     * no detector speaks that promises anything.
     */
    private static @Nullable Double confidence(List<Signal> signals) {
        double evidence = 0;
        for (Signal signal : signals) {
            Double score = signal.score();
            evidence = Math.max(evidence, score == null || signal.kind().equals(Signal.UNUSUAL) ? 0 : score);
        }
        return evidence > 0
                ? new BigDecimal(evidence / (evidence + WINDOWS_BETWEEN_CHANGES))
                        .setScale(3, RoundingMode.DOWN)
                        .doubleValue()
                : null;
    }

    /** By size times confidence; what is about one deal, or has no promise, is for information. */
    private static String severity(String kind, Map<String, @Nullable Object> figures, @Nullable Double confidence) {
        if (kind.equals(Signal.STALLED) || kind.equals(Signal.UNUSUAL)) {
            return "info";
        }
        double size = number(figures.get("fall")).doubleValue() * (confidence == null ? 1 : confidence);
        return size >= CRITICAL_SIZE ? CRITICAL : size >= WARNING_SIZE ? "warning" : "info";
    }

    private static double surprise(Signal signal) {
        return figure(signal, "surprise");
    }

    private static double figure(Signal signal, String name) {
        return number(Json.read(signal.evidence()).get(name)).doubleValue();
    }

    private String evidence(Map<String, @Nullable Object> figures, List<Signal> bySurprise, Signal named) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>(figures);
        Instant noticed = noticed(bySurprise);
        if (noticed != null) {
            evidence.put(NOTICED, noticed.toString());
        }
        List<Map<String, @Nullable Object>> changed = changes(named, noticed == null ? named.startedAt() : noticed);
        if (!changed.isEmpty()) {
            evidence.put("changes", changed);
        }
        if (isDigested(named)) {
            evidence.put("delivery", Digest.KIND);
        }
        for (Signal signal : bySurprise) {
            if (TOTAL.equals(signal.breakdown())) {
                Map<String, @Nullable Object> whole = Json.read(signal.evidence());
                WHY.forEach(figure -> evidence.computeIfAbsent(figure, whole::get));
            }
        }
        if (bySurprise.get(0).breakdown() != null) {
            List<Map<String, @Nullable Object>> segments = new ArrayList<>();
            for (Signal signal : bySurprise.subList(0, Math.min(SEGMENTS, bySurprise.size()))) {
                Map<String, @Nullable Object> of = Json.read(signal.evidence());
                Map<String, @Nullable Object> segment = new LinkedHashMap<>();
                segment.put("breakdown", signal.breakdown());
                segment.put("value", signal.value());
                for (String figure : List.of("from", "to", "surprise", "noticed_at")) {
                    segment.put(figure, of.get(figure));
                }
                segments.add(segment);
            }
            evidence.put("segments", segments);
        }
        return Json.object(evidence);
    }

    /** When the first of the signals was noticed; null where no detector says. */
    private static @Nullable Instant noticed(List<Signal> signals) {
        Instant first = null;
        for (Signal signal : signals) {
            Instant noticed = time(signal, "noticed_at");
            first = noticed == null || (first != null && first.isBefore(noticed)) ? first : noticed;
        }
        return first;
    }

    /** What the business changed shortly before a signal began or until it was noticed, as far as it may have moved it. */
    private List<Map<String, @Nullable Object>> changes(Signal signal, Instant noticed) {
        LocalDate from = signal.startedAt().atZone(zone).toLocalDate().minus(CHANGE_BEFORE);
        LocalDate to = noticed.atZone(zone).toLocalDate();
        List<Map<String, @Nullable Object>> named = new ArrayList<>();
        for (Change change : changes) {
            if (!signal.kind().equals(Signal.STALLED)
                    && named.size() < CHANGES
                    && !change.date().isBefore(from)
                    && !change.date().isAfter(to)
                    && change.mayMove(signal.subject())) {
                Map<String, @Nullable Object> what = new LinkedHashMap<>();
                what.put("date", change.date().toString());
                what.put("what", change.what());
                what.put("who", change.who());
                named.add(what);
            }
        }
        return named;
    }

    // Sentences that a manager understands: what, how much, where, since when.

    private String sentence(Signal signal, Map<String, @Nullable Object> figures, @Nullable Instant ended) {
        String[] subject = signal.subject().split("/", 2);
        String whole = subject[0];
        String part = subject.length > 1 ? subject[1] : "";
        String time = " since " + day(signal.startedAt()) + (ended == null ? "" : " until " + day(ended));
        return switch (signal.kind()) {
            case Signal.CONVERSION_DROP ->
                "Conversion to " + part + " in funnel " + whole + " fell from " + percent(figures.get("from")) + " to "
                        + percent(figures.get("to")) + segment(signal) + time + "." + mix(figures);
            case Signal.WIN_RATE_DROP ->
                "The win rate of pipeline " + whole + " fell from " + percent(figures.get("from")) + " to "
                        + percent(figures.get("to")) + segment(signal) + time + "." + mix(figures);
            case Signal.BOTTLENECK ->
                "A deal takes " + days(figures.get("to")) + " in stage " + part + " of pipeline "
                        + whole + ", it was " + days(figures.get("from")) + "," + segment(signal) + time + "; about "
                        + whole(figures.get("extra_wip")) + " more deals will wait there than usual.";
            case Signal.BOTTLENECK_MOVED ->
                "The bottleneck of pipeline " + whole + (ended == null ? " is" : " was") + " stage " + part
                        + ", no longer "
                        + figures.get("before") + "," + segment(signal) + time + ": a deal takes "
                        + days(figures.get("to")) + " there, it was " + days(figures.get("from")) + "; about "
                        + whole(figures.get("extra_wip")) + " more deals will wait there than usual.";
            case Signal.VOLUME_DROP, Signal.VOLUME_RISE ->
                (signal.kind().equals(Signal.VOLUME_DROP) ? "Only " : "As many as ")
                        + figure(number(figures.get("to"))) + " a day " + (ended == null ? "reach " : "reached ") + part
                        + " in " + whole + segment(signal) + time + ", usual are "
                        + figure(number(figures.get("from"))) + ".";
            case Signal.UNUSUAL ->
                "The value of " + signal.metric() + segment(signal) + " on " + day(signal.startedAt()) + " was "
                        + figure(number(figures.get("to"))) + ", beyond all before; usual is "
                        + figure(number(figures.get("from"))) + ".";
            case Signal.STALLED -> {
                Object stage = figures.get("stage");
                String since = text(figures.get("entered_at"));
                String active = text(figures.get("last_activity_at"));
                String allowed = allowed(figures);
                if (active != null) {
                    yield "Deal " + part + " in pipeline " + whole + (stage == null ? "" : ", stage " + stage + ",")
                            + (ended == null ? " has been" : " was")
                            + " quiet since its last meeting, reply or call on "
                            + active.substring(0, Math.min(10, active.length())) + allowed
                            + (ended == null ? "" : ", until " + day(ended))
                            + ".";
                }
                yield "Deal " + part + (ended == null ? " has not moved" : " did not move") + " in pipeline " + whole
                        + (stage == null ? "" : " from stage " + stage)
                        + (since == null ? "" : " since " + since.substring(0, Math.min(10, since.length())))
                        + allowed
                        + (ended == null ? "" : ", until " + day(ended))
                        + ".";
            }
            default -> signal.kind() + " of " + signal.subject() + time + ".";
        };
    }

    /** Why a rate fell, null for what is no rate: a segment that is named fell by itself, a whole as its split says. */
    private static @Nullable String cause(Signal named, Map<String, @Nullable Object> figures) {
        if (!named.kind().equals(Signal.CONVERSION_DROP) && !named.kind().equals(Signal.WIN_RATE_DROP)) {
            return null;
        }
        String split = text(figures.get("cause"));
        return !TOTAL.equals(named.breakdown()) ? "rate" : split == null ? "unknown" : split;
    }

    /** A mix is told with what it is of, by {@link #mix}. */
    private static String likely(@Nullable String cause) {
        return "rate".equals(cause)
                ? " Likely cause: fewer of the same come through."
                : "both".equals(cause) ? " Likely cause: fewer of the same come through, and another mix." : "";
    }

    /** Where a whole fell because its mix changed: Simpson's case, which looks like a break and is none. */
    private static String mix(Map<String, @Nullable Object> figures) {
        return "mix".equals(figures.get("cause"))
                ? " It is the mix: by " + field(String.valueOf(figures.get("split_by")))
                        + " the rates stood and the shares changed, most that of " + figures.get("moved_most") + "."
                : "";
    }

    private static String segment(Signal signal) {
        String breakdown = signal.breakdown();
        if (breakdown == null || breakdown.equals(TOTAL)) {
            return "";
        }
        return " for " + field(breakdown) + " " + signal.value();
    }

    private static String field(String breakdown) {
        return breakdown.substring(breakdown.lastIndexOf('.') + 1);
    }

    private String day(Instant instant) {
        return instant.atZone(zone).toLocalDate().toString();
    }

    private static String percent(@Nullable Object share) {
        return figure(number(share).movePointRight(2)) + " %";
    }

    private static String days(@Nullable Object days) {
        return figure(number(days)) + " days";
    }

    /** How long a deal may stand still, as the rest of a sentence: by its words, or by its seconds in days. */
    private static String allowed(Map<String, @Nullable Object> figures) {
        String words = text(figures.get("allowed"));
        if (words != null) {
            return ", longer than the " + words + " allowed";
        }
        BigDecimal seconds = number(figures.get("stalled_after_seconds"));
        BigDecimal days = seconds.divide(new BigDecimal(86_400), 1, RoundingMode.HALF_UP);
        return seconds.signum() > 0
                ? ", longer than the " + days.stripTrailingZeros().toPlainString() + " days allowed"
                : "";
    }

    private static String whole(@Nullable Object number) {
        return number(number).setScale(0, RoundingMode.HALF_UP).toPlainString();
    }

    /** One decimal, two below one. */
    private static String figure(BigDecimal number) {
        int decimals = number.abs().compareTo(BigDecimal.ONE) < 0 ? 2 : 1;
        return number.setScale(decimals, RoundingMode.HALF_UP).toPlainString();
    }

    private static BigDecimal number(@Nullable Object value) {
        // What comes from a topic may be any number: one of a billion digits is none.
        return value instanceof BigDecimal number && Math.abs(number.scale()) < 100 && number.precision() < 100
                ? number
                : BigDecimal.ZERO;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }
}
