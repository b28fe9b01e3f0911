package dev.weir.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.console.Line;
import dev.weir.console.Views;
import dev.weir.playbook.Change;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a report asks the views. Everything is as of the end of its week, and no clock and no watermark stands in a row, so the
 * same facts give the same rows whenever they are asked for; what came of an alert afterwards is a fact too.
 */
final class Questions {
    /** Windows of a chart: a quarter and the one before. */
    private static final int WEEKS = 26;
    /** Weeks before a change that it is compared with. */
    static final int BEFORE = 8;

    private static final String SERIES = """
            SELECT metric, (window_start AT TIME ZONE ?::text)::date AS week, kind, observed, expected, lower, upper, denominator, evidence
            FROM bi.metric_point
            WHERE grain = 'week' AND breakdown = '(total)' AND definition = ANY (string_to_array(?, ','))
              AND window_start > ?::timestamptz - ?::int * interval '7 days' - interval '1 day' AND window_start <= ?::timestamptz
              AND EXISTS (SELECT FROM unnest(string_to_array(?, E'\\n')) AS w WHERE starts_with(metric, w))
            ORDER BY metric, week LIMIT 2000""";

    private static final String SEGMENTS = """
            SELECT metric, breakdown, value, observed, expected, lower, upper, denominator, evidence
            FROM bi.metric_point
            WHERE grain = 'week' AND breakdown <> '(total)' AND definition = ANY (string_to_array(?, ','))
              AND window_start = ?::timestamptz AND (observed < lower OR observed > upper)
              AND EXISTS (SELECT FROM unnest(string_to_array(?, E'\\n')) AS w WHERE starts_with(metric, w))
            ORDER BY metric, breakdown, value LIMIT 50""";

    private static final String WHY = """
            SELECT funnel, step, breakdown, value, whole_before, whole_now, change, whole_rate_part, whole_mix_part, cause,
                   rate_before, rate_now, weight_before, weight_now, moved, n_before, n, evidence
            FROM bi.funnel_moved
            WHERE grain = 'week' AND definition = ANY (string_to_array(?, ',')) AND window_start = ?::timestamptz AND place <= 3
              AND EXISTS (SELECT FROM unnest(string_to_array(?, E'\\n')) AS w
                          WHERE starts_with('conversion/' || funnel || '/' || step, w))
            ORDER BY funnel, step, breakdown, place LIMIT 100""";

    /** Of a team the deals of its owners, as they are its owners now. */
    private static final String OF_TEAM =
            " AND (?::text IS NULL OR owner_id IN (SELECT o.owner_id FROM bi.owner_current o WHERE o.team = ?))";

    private static final String STUCK = """
            SELECT deal_id, pipeline, stage, owner_id, amount_reporting, (stalled_since AT TIME ZONE ?::text)::date AS still_since
            FROM bi.deal_history
            WHERE status = 'open' AND stalled_since IS NOT NULL AND definition = ANY (string_to_array(?, ','))
              AND valid_from < ?::timestamptz AND (valid_to IS NULL OR valid_to >= ?::timestamptz)""" + OF_TEAM + " ORDER BY amount_reporting DESC NULLS LAST, deal_id LIMIT 500";

    private static final String OVERDUE =
            """
            SELECT deal_id, pipeline, stage, owner_id, amount_reporting, expected_close, push_count
            FROM bi.deal_history
            WHERE status = 'open' AND expected_close < (?::timestamptz AT TIME ZONE ?::text)::date AND definition = ANY (string_to_array(?, ','))
              AND valid_from < ?::timestamptz AND (valid_to IS NULL OR valid_to >= ?::timestamptz)""" + OF_TEAM + " ORDER BY amount_reporting DESC NULLS LAST, deal_id LIMIT 500";

    private static final String ALERTS = """
            SELECT alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary,
                   to_char(started_at AT TIME ZONE ?::text, 'YYYY-MM-DD HH24:MI') AS started_at,
                   to_char(ended_at AT TIME ZONE ?::text, 'YYYY-MM-DD HH24:MI') AS ended_at,
                   (ended_at IS NULL OR ended_at >= ?::timestamptz) AS stood_at_the_end, verdict
            FROM bi.alert
            WHERE kind NOT IN ('stalled', 'digest') AND started_at < ?::timestamptz AND (ended_at IS NULL OR ended_at >= ?::timestamptz)
              AND (?::text IS NULL OR team = ? OR owner_id IN (SELECT o.owner_id FROM bi.owner_current o WHERE o.team = ?))
            ORDER BY started_at, alert_id LIMIT 200""";

    private static final String REVIEW = """
            SELECT metric, breakdown, value, (window_start AT TIME ZONE ?::text)::date AS week, kind, numerator, denominator
            FROM bi.metric_point
            WHERE grain = 'week' AND metric = ? AND breakdown = ? AND value = ANY (string_to_array(?, E'\\n'))
              AND definition = ANY (string_to_array(?, ','))
              AND window_start >= ?::timestamptz - ?::int * interval '7 days' AND window_start <= ?::timestamptz
            ORDER BY value, week LIMIT 1000""";

    private final Views views;
    private final Playbook playbook;
    private final LocalDate monday;
    private final String definitions;

    Questions(Views views, Playbook playbook, LocalDate monday) {
        this.views = views;
        this.playbook = playbook;
        this.monday = monday;
        definitions = Stream.concat(
                        playbook.pipelines().stream().map(Pipeline::definition),
                        playbook.funnels().stream().map(Funnel::definition))
                .collect(Collectors.joining(","));
    }

    private String start(LocalDate day) {
        return day.atStartOfDay(playbook.zone()).toInstant().toString();
    }

    /** Everything that the report of one team rests on. */
    List<Rows> ask(Template template, String team) throws SQLException {
        String zone = playbook.zone().getId();
        String start = start(monday);
        String end = start(monday.plusWeeks(1));
        String watched = String.join("\n", template.teams().getOrDefault(team, List.of()));
        String mine = team.equals(Template.EVERYBODY) ? null : team;
        return List.of(
                rows("series", List.of("metric", "week"), SERIES, zone, definitions, start, WEEKS, start, watched),
                rows("segments", List.of("metric", "breakdown", "value"), SEGMENTS, definitions, start, watched),
                rows("why", List.of("funnel", "step", "breakdown", "value"), WHY, definitions, start, watched),
                rows("stuck", List.of("deal_id"), STUCK, zone, definitions, end, end, mine, mine),
                rows("overdue", List.of("deal_id"), OVERDUE, end, zone, definitions, end, end, mine, mine),
                rows("alerts", List.of("alert_id"), ALERTS, zone, zone, end, end, start, mine, mine, mine),
                reviews(template, zone, start));
    }

    /** Changes whose day of review has come by the end of the week. */
    static List<Change> due(Playbook playbook, LocalDate monday) {
        return playbook.changes().stream()
                .filter(change -> change.review() != null
                        && change.review().isBefore(monday.plusWeeks(1))
                        && change.date().isBefore(monday.plusWeeks(1)))
                .toList();
    }

    private Rows reviews(Template template, String zone, String start) throws SQLException {
        Set<ObjectNode> all = new LinkedHashSet<>();
        for (Change change : due(playbook, monday)) {
            for (Template.Review review : template.reviews()) {
                if (review.change().equals(change.what())) {
                    String values =
                            review.against() == null ? review.value() : review.value() + "\n" + review.against();
                    all.addAll(rows(
                                    "reviews",
                                    List.of(),
                                    REVIEW,
                                    zone,
                                    review.metric(),
                                    review.breakdown(),
                                    values,
                                    definitions,
                                    start(change.date()),
                                    BEFORE,
                                    start)
                            .rows());
                }
            }
        }
        return new Rows("reviews", List.of("metric", "breakdown", "value", "week"), List.copyOf(all));
    }

    /** The rows as PostgreSQL writes them, so that numbers are the same to the last digit. */
    private Rows rows(String name, List<String> keys, String question, @Nullable Object... parameters)
            throws SQLException {
        List<ObjectNode> rows = new ArrayList<>();
        for (Line line : views.ask("SELECT to_json(q)::text AS row FROM (" + question + ") q", parameters)) {
            rows.add((ObjectNode) Receipt.tree(line.text("row")));
        }
        return new Rows(name, keys, rows);
    }
}
