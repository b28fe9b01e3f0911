package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the views of campaigns, of moved rates and of the market make of rows whose answer is known. */
@Tag("slow")
class MarketTest {
    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        database = Database.migrated();
        database.run(
                "INSERT INTO weir.stage_flow (pipeline, grain, window_start, breakdown, value, stage, timezone, as_of,"
                        + " revision) VALUES ('sales', 'all', 'epoch', '(total)', '(total)', 'lead',"
                        + " 'Europe/Berlin', '2025-12-31 12:00+01', 1)",
                // 104 weeks from 2024-01-01: 10 + w deals of smb, 20 more in the last month of a quarter; 40 of ent, of
                // which
                // half are won a day later.
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit,"
                        + " breakdowns, revision) SELECT 's' || w || '/' || n, 1, 'sales', 'lead', monday + interval '3"
                        + " hours', NULL, NULL, '{\"segment\": \"smb\"}', 1 FROM (SELECT w, (timestamp '2024-01-01' + w *"
                        + " interval '7 days') AT TIME ZONE 'Europe/Berlin' AS monday       FROM generate_series(0, 103)"
                        + " w) weeks CROSS JOIN LATERAL generate_series(1, 10 + w       + CASE WHEN extract(month FROM"
                        + " monday AT TIME ZONE 'Europe/Berlin')::int % 3 = 0 THEN 20 ELSE 0 END) n",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit,"
                        + " breakdowns, revision) SELECT 'e' || w || '/' || n, 1, 'sales', 'lead', monday, monday +"
                        + " interval '1 day', CASE WHEN n <= 20 THEN 'won' ELSE 'lost' END, '{\"segment\": \"ent\"}', 1"
                        + " FROM (SELECT w, (timestamp '2024-01-01' + w * interval '7 days') AT TIME ZONE 'Europe/Berlin'"
                        + " AS monday       FROM generate_series(0, 103) w) weeks CROSS JOIN generate_series(1, 40) n");
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    @Test
    void aWeekHasItsDemandItsWinRateAndItsMix() throws Exception {
        assertThat(database.read(
                        "reader",
                        "SELECT value, demand, won, lost, win_rate, round(demand_share::numeric, 4),"
                                + " window_date FROM bi.market_week WHERE window_start = '2024-01-15 00:00+01'"
                                + " ORDER BY value COLLATE \"C\""))
                .containsExactly(
                        "(total)|52|20|20|0.5|1.0000|2024-01-15",
                        "ent|40|20|20|0.5|0.7692|2024-01-15",
                        "smb|12|0|0|-|0.2308|2024-01-15");
        assertThat(database.read("SELECT count(DISTINCT window_start), max(window_date) FROM bi.market_week"))
                .containsExactly("104|2025-12-22");
    }

    @Test
    void aTrendIsSeenThroughTheSeasonAndNoneIsSeenWhereThereIsNone() throws Exception {
        List<String> trends = database.read(
                "reader",
                "SELECT value, measure, weeks, is_seasonal, round(slope_per_week::numeric, 9), round(low::numeric, 6),"
                        + " round(high::numeric, 6), direction, evidence FROM bi.market_trend"
                        + " WHERE value IN ('smb', 'ent') AND measure <> 'demand_share' ORDER BY 1, 2");
        assertThat(trends)
                .containsExactly(
                        "ent|demand|104|t|0.000000000|0.000000|0.000000|not clear|enough",
                        "ent|win_rate|104|t|0.000000000|0.000000|0.000000|not clear|enough",
                        "smb|demand|104|t|1.000000000|1.000000|1.000000|rising|enough");
    }

    @Test
    void studentsQuantilesAreThoseOfTheTables() throws Exception {
        for (String known : List.of("1 12.7062", "2 4.3027", "10 2.2281", "30 2.0423", "100 1.9840")) {
            String[] row = known.split(" ", -1);
            double t = Double.parseDouble(
                    database.read("SELECT bi.t_quantile(" + row[0] + ")").get(0));
            assertThat(t).isCloseTo(Double.parseDouble(row[1]), within(0.0001));
        }
    }

    @Test
    void creditStandsBesideCostAndOnlyFirstLastAndLinearSpeakOfFew() throws Exception {
        database.run(
                "INSERT INTO weir.attribution_window (model, grain, window_start, breakdown, value, conversions,"
                        + " revenue, minimum_conversions, revision) SELECT m, 'month', '2026-01-01', b, v, c, r, 100, 1"
                        + " FROM (VALUES ('linear'), ('shapley')) a (m), (VALUES ('(total)', '(total)', 12.0, 900.0),"
                        + " ('campaign', 'spring', 4.0, 600.0),         ('campaign', 'tour', 8.0, 300.0)) w (b, v, c, r)",
                "INSERT INTO weir.campaign_window (grain, window_start, breakdown, value, people_reached,"
                        + " people_engaged, people_sent, people_opened, cost, revision) VALUES ('month', '2026-01-01',"
                        + " 'campaign', 'spring', 40, 10, 20, 5, 200, 1)");
        assertThat(database.read(
                        "reader",
                        "SELECT model, value, round(revenue_share::numeric, 3), cost, roas, cost_per_conversion,"
                                + " n, evidence FROM bi.attribution ORDER BY value COLLATE \"C\""))
                .containsExactly(
                        "linear|spring|0.667|200.0000|3|50.0000|12|enough", "linear|tour|0.333|-|-|-|12|enough");
        assertThat(database.read(
                        "reader",
                        "SELECT campaign, engagement_rate, open_rate, revenue_linear, revenue_shapley"
                                + " FROM bi.campaign"))
                .containsExactly("spring|0.25|0.25|600.0000|-");
    }

    /** Mobile converts at 5 %, desktop at 15 %, always; mobile grows from 20 % to 67 %. In one of eight segments the rate breaks. */
    @Test
    void aMixIsCalledMixAndABreakIsCalledRate() throws Exception {
        database.run(
                "INSERT INTO weir.metric_point (metric, breakdown, value, grain, window_start, kind, numerator, denominator, revision)"
                        + " SELECT 'conversion/signup/trial', 'device', device, 'week', timestamptz '2026-01-05' + w * interval '7 days',"
                        + " 'rate', n * rate, n, 1 FROM generate_series(0, 9) w CROSS JOIN LATERAL (VALUES"
                        + " ('mobile', CASE WHEN w < 9 THEN 2000 ELSE 6700 END, 0.05),"
                        + " ('desktop', CASE WHEN w < 9 THEN 8000 ELSE 3300 END, 0.15)) v (device, n, rate)",
                "INSERT INTO weir.metric_point (metric, breakdown, value, grain, window_start, kind, numerator, denominator, revision)"
                        + " SELECT 'conversion/signup/trial', 'segment', 's' || s, 'week', timestamptz '2026-01-05' + w * interval '7 days',"
                        + " 'rate', CASE WHEN s = 5 AND w = 9 THEN 50 ELSE 150 + (s * w) % 7 END, 1000 + (s + w) % 5, 1"
                        + " FROM generate_series(0, 9) w CROSS JOIN generate_series(1, 8) s");
        assertThat(database.read(
                        "reader",
                        "SELECT DISTINCT breakdown, round(whole_rate_part::numeric, 9), round(whole_mix_part::numeric, 9),"
                                + " cause, evidence FROM bi.funnel_moved WHERE breakdown = 'device'"
                                + " AND window_start = (SELECT max(window_start) FROM bi.funnel_moved)"))
                .containsExactly("device|0.000000000|-0.047000000|mix|enough");
        assertThat(database.read("SELECT value, cause FROM bi.funnel_moved WHERE breakdown = 'segment' AND place = 1"
                        + " ORDER BY window_start DESC LIMIT 1"))
                .containsExactly("s5|rate");
        assertThat(database.read(
                        "SELECT count(*), bool_and(abs(moved - change) < 1e-12) FROM (SELECT sum(moved) AS moved,"
                                + " max(change) AS change FROM bi.funnel_moved GROUP BY breakdown, window_start) w"))
                .containsExactly("18|t");
    }
}
