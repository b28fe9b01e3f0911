package dev.weir.recount;

import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What each month and quarter was to bring as seen from the first of each of its months, each figure counted anew over how all
 * deals stood on the same day of earlier periods: forecast.
 *
 * <p>The ends of the interval are not recounted: they are the quantiles of draws, which only the same generator draws again.
 */
final class ForecastRecount {
    private static final int LEARNED = 12;
    private static final int MOST_MONTHS = 60;
    private static final int[] AGE_DAYS = {7, 14, 30, 60, 90, 180, 365};
    /** Places of deals that were not there yet, and of those won earlier in the period. */
    private static final int NEW = -1;

    private static final int BEFORE = -2;

    private final Recount recount;
    private final Playbook playbook;
    private final long asOf;
    private final Calendar calendar;
    private final Map<List<String>, TreeMap<Long, List<Glance>>> series = new LinkedHashMap<>();

    /** A deal at the end of its life; {@code closed} null unless it is won or lost. */
    record Deal(
            String pipeline,
            String type,
            boolean won,
            long created,
            @Nullable Long closed,
            BigDecimal worth,
            List<DealRecount.Visit> visits,
            List<HistoryRecount.State> states) {}

    /** Amounts in the reporting currency at the rate of a time; none where there is no rate. */
    interface Money {
        @Nullable BigDecimal reporting(@Nullable BigDecimal amount, @Nullable String currency, long time);
    }

    /** How a deal was found on a day; {@code wonUnits} null unless it is won by the end of the period. */
    private record Glance(
            int place, int age, long units, @Nullable Long wonUnits) {
        boolean open() {
            return place >= 0;
        }

        int band() {
            return bandOf(open() || wonUnits == null ? units : wonUnits);
        }

        boolean won() {
            return wonUnits != null;
        }

        long brought() {
            return Objects.requireNonNullElse(wonUnits, 0L);
        }
    }

    ForecastRecount(Recount recount, Playbook playbook, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    /** Which third of a factor of ten from 100 on an amount lies in; 0 for next to none. */
    private static int bandOf(long units) {
        int band = units < 10_000 ? 0 : 1;
        while (band > 0 && band < 15 && units / 1e4 >= 100 * Math.pow(10, band / 3.0)) {
            band++;
        }
        return band;
    }

    private static long units(@Nullable BigDecimal amount) {
        return amount == null
                ? 0
                : amount.setScale(4, RoundingMode.HALF_EVEN).unscaledValue().longValueExact();
    }

    void deal(Deal deal, Money money) {
        for (Pipeline pipeline : playbook.pipelines()) {
            for (Grain grain : pipeline.windows()) {
                if (pipeline.name().equals(deal.pipeline) && (grain == Grain.MONTH || grain == Grain.QUARTER)) {
                    look(deal, grain, money);
                }
            }
        }
    }

    private void look(Deal deal, Grain grain, Money money) {
        long closed = deal.closed == null ? Long.MAX_VALUE : deal.closed;
        long wonFrom = deal.won ? calendar.start(grain, closed) : Long.MAX_VALUE;
        long wonTo = deal.won ? calendar.end(grain, closed) : Long.MAX_VALUE;
        for (long at = wonFrom; at < wonTo && at <= asOf; at = calendar.end(Grain.MONTH, at)) {
            see(deal, grain, at, glance(deal, at, closed, units(deal.worth), money));
        }
        long at = calendar.end(Grain.MONTH, deal.created);
        for (int months = 0; months < MOST_MONTHS && at <= closed && at < wonFrom && at <= asOf; months++) {
            Glance glance = glance(deal, at, closed, null, money);
            if (glance.open()) {
                see(deal, grain, at, glance);
            }
            at = calendar.end(Grain.MONTH, at);
        }
    }

    private void see(Deal deal, Grain grain, long at, Glance glance) {
        for (List<String> breakdown : List.of(List.of("(total)", "(total)"), List.of("deal_type", deal.type))) {
            List<String> name = List.of(deal.pipeline, grain.name(), breakdown.get(0), breakdown.get(1));
            series.computeIfAbsent(name, s -> new TreeMap<>())
                    .computeIfAbsent(at, day -> new ArrayList<>())
                    .add(glance);
        }
    }

    private static Glance glance(Deal deal, long at, long closed, @Nullable Long wonUnits, Money money) {
        if (closed < at) {
            return new Glance(BEFORE, 0, 0, wonUnits);
        }
        for (DealRecount.Visit visit : deal.visits) {
            if (visit.pipeline.equals(deal.pipeline) && visit.in < at && (visit.out == null || visit.out >= at)) {
                HistoryRecount.State state = null;
                for (HistoryRecount.State one : deal.states) {
                    state = one.from() < at ? one : state;
                }
                long units = state == null ? 0 : units(money.reporting(state.amount(), state.currency(), at));
                int age = 0;
                while (age < AGE_DAYS.length && at - visit.in >= AGE_DAYS[age] * 86_400_000L) {
                    age++;
                }
                return new Glance(visit.place, age, units, wonUnits);
            }
        }
        return new Glance(NEW, 0, 0, wonUnits);
    }

    void say() {
        series.forEach((name, days) -> days.forEach((day, glances) -> say(name, days, day, glances)));
    }

    private void say(List<String> name, SortedMap<Long, List<Glance>> days, long day, List<Glance> glances) {
        Grain grain = Grain.valueOf(name.get(1));
        long start = calendar.start(grain, day);
        long end = calendar.end(grain, day);
        List<List<Glance>> past = new ArrayList<>();
        days.headMap(start).forEach((earlier, seen) -> {
            if (month(grain, earlier) == month(grain, day)) {
                past.add(seen);
            }
        });
        int periods = Math.min(LEARNED, past.size());
        List<Glance> learned = past.subList(past.size() - periods, past.size()).stream()
                .flatMap(List::stream)
                .toList();
        List<Glance> open = glances.stream().filter(Glance::open).toList();
        double before = units(glances, g -> g.place == BEFORE);
        double wonBefore = number(glances, g -> g.place == BEFORE);
        double ofOpen = 0;
        double unitsOfOpen = 0;
        for (Glance glance : open) {
            double won = share(learned, glance);
            ofOpen += won;
            unitsOfOpen += won * worth(learned, open, glance);
        }
        boolean over = end <= asOf;
        boolean known = periods > 0;
        double ofNew = known ? number(learned, g -> g.place == NEW) / periods : 0;
        double unitsOfNew = known ? units(learned, g -> g.place == NEW) / periods : 0;
        recount.add(
                "forecast",
                calendar.window(new Cells(), grain, start, end, asOf)
                        .with("pipeline", name.get(0))
                        .with("grain", name.get(1).toLowerCase(Locale.ROOT))
                        .with("breakdown", name.get(2))
                        .with("value", name.get(3))
                        .with("made_at", Instant.ofEpochMilli(day))
                        .with("open_deals", (long) open.size())
                        .with("periods_learned", periods)
                        .with("open_amount", money((double)
                                open.stream().mapToLong(Glance::units).sum()))
                        .with("won_before", money(before))
                        .with("expected_of_open", known ? money(unitsOfOpen) : null)
                        .with("expected_of_new", known ? money(unitsOfNew) : null)
                        .with("expected", known ? money(before + unitsOfOpen + unitsOfNew) : null)
                        .with("came", over ? money(units(glances, Glance::won)) : null)
                        .with("deals_won_before", wonBefore)
                        .with("deals_of_open", known ? ofOpen : null)
                        .with("deals_of_new", known ? ofNew : null)
                        .with("deals", known ? wonBefore + ofOpen + ofNew : null)
                        .with("deals_came", over ? number(glances, Glance::won) : null)
                        .with("evidence", periods == 0 ? "none" : periods < 4 ? "thin" : "enough"));
    }

    /** Which month of its period a day begins. */
    private long month(Grain grain, long day) {
        long month = 0;
        for (long at = calendar.start(grain, day); at < day; at = calendar.end(Grain.MONTH, at)) {
            month++;
        }
        return month;
    }

    private static double number(List<Glance> glances, Predicate<Glance> which) {
        return glances.stream().filter(which).filter(Glance::won).count();
    }

    private static double units(List<Glance> glances, Predicate<Glance> which) {
        return glances.stream().filter(which).mapToLong(Glance::brought).sum();
    }

    /** To a ten-thousandth, as money is kept. */
    private static Object money(double units) {
        double reach = 1e-4 + Math.abs(units) * 1e-13;
        return new Cells.Between(units / 1e4 - reach, units / 1e4 + reach);
    }

    /** The share to expect that such a deal is won: of its age and size, drawn toward that of its stage, and that of all. */
    private static double share(List<Glance> learned, Glance of) {
        Predicate<Glance> stage = g -> g.place == of.place;
        Predicate<Glance> age = stage.and(g -> g.age == of.age);
        Predicate<Glance> size = stage.and(g -> g.band() / 3 == of.band() / 3);
        double ofAll = drawn(learned, g -> true, 0.5, 1);
        double ofStage = drawn(learned, stage, ofAll, 8);
        double ofAge = drawn(learned, age, ofStage, 8);
        double ofSize = drawn(learned, size, ofStage, 8);
        return drawn(learned, age.and(size), Math.min(0.999, ofAge * ofSize / ofStage), 12);
    }

    private static double drawn(List<Glance> learned, Predicate<Glance> which, double toward, double worth) {
        List<Glance> alike = learned.stream().filter(Glance::open).filter(which).toList();
        return (worth * toward + number(alike, g -> true)) / (worth + alike.size());
    }

    /** What it will bring if it is won: its like now at what became of such amounts, or what such deals brought. */
    private static double worth(List<Glance> learned, List<Glance> open, Glance of) {
        List<Glance> like = open.stream()
                .filter(g -> g.place == of.place && g.age == of.age && g.band() == of.band())
                .toList();
        List<Glance> won = learned.stream()
                .filter(g -> g.open() && g.won() && g.band() == of.band())
                .toList();
        double mean = like.stream().mapToLong(Glance::units).average().orElseThrow();
        double then = won.stream().mapToLong(Glance::units).sum();
        double brought = units(won, g -> true);
        return mean > 0 ? (then > 0 ? mean * brought / then : mean) : won.isEmpty() ? 0 : brought / won.size();
    }
}
