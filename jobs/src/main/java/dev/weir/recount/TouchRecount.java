package dev.weir.recount;

import dev.weir.event.Engagement;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Attribution.Model;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Currency;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which touches came before won deals and completed funnels, and what campaigns did: conversion, touch_credit,
 * attribution_window, campaign_window.
 */
final class TouchRecount {
    static final String NOBODY = "(unattributed)";
    private static final List<String> MAILS =
            List.of("email_sent", "email_open", "email_click", "email_bounce", "email_unsubscribe");
    private static final List<String> MAILED = List.of("sent", "opened", "clicked", "bounced", "unsubscribed");

    private final Recount recount;
    private final Playbook playbook;
    private final Attribution attribution;
    private final DealRecount deals;
    private final long asOf;
    private final Calendar calendar;
    private final PathRecount paths;

    /** An engagement, and the person or visitor and the account that it belongs to. */
    private record Touch(
            Engagement event,
            @Nullable String person,
            @Nullable String account) {
        long at() {
            return event.occurredAt().toEpochMilli();
        }

        /** What it belongs to, breakdown by breakdown. */
        Map<String, String> subjects() {
            Map<String, String> subjects = new LinkedHashMap<>();
            subjects.put("(total)", "(total)");
            subjects.put("channel", known(event.channel()));
            subjects.put("campaign", known(event.campaign()));
            subjects.put("asset", known(event.asset()));
            subjects.put(
                    "asset_version",
                    event.assetVersion() == null ? "(unknown)" : known(event.asset()) + "@" + event.assetVersion());
            return subjects;
        }

        private static String known(@Nullable String value) {
            return Objects.requireNonNullElse(value, "(unknown)");
        }
    }

    /** A won deal. */
    record Win(String deal, long at, Fields fields) {}

    /**
     * An attempt that reached the last step of its funnel.
     *
     * @param key the person, visitor or account, as it is owner of touches
     * @param entity the same as rows say it
     */
    record Completed(
            String funnel,
            String key,
            String entity,
            int number,
            long at,
            @Nullable String account) {}

    /** What one value of a breakdown was credited with in a window, wins in millionths. */
    static final class Credit {
        long shares;
        long revenue;
        long withoutRate;

        Credit() {}

        Credit(long shares, long revenue, long withoutRate) {
            this.shares = shares;
            this.revenue = revenue;
            this.withoutRate = withoutRate;
        }
    }

    TouchRecount(Recount recount, Playbook playbook, Attribution attribution, DealRecount deals, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.attribution = attribution;
        this.paths = new PathRecount(attribution);
        this.deals = deals;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    void count(Collection<Engagement> engagements, EntityRecount who, List<Win> wins, List<Completed> completed) {
        List<Touch> all = new ArrayList<>();
        for (Engagement event : engagements) {
            String account = event.accountId() == null ? null : who.account(event.accountId());
            all.add(new Touch(event, who.owner(event), account));
        }
        all.sort(Comparator.comparingLong(Touch::at).thenComparing(touch -> touch.event.eventId()));
        List<Touch> touches = all.stream().filter(touch -> isTouch(touch.event)).toList();
        Map<List<String>, Credit> credits = new LinkedHashMap<>();
        List<Touch> lost = new ArrayList<>(touches);
        for (Win win : wins) {
            String type = win.fields.text("deal_type");
            if (attribution.dealTypes().isEmpty()
                    || (type != null && attribution.dealTypes().contains(type))) {
                List<Touch> before = before(win, touches, who);
                credit(win, before, credits);
                lost.removeIf(touch -> before.contains(touch) && asks(win, home(touch), who));
            }
        }
        credits.forEach(this::say);
        attribution.completions().forEach(named -> completed.stream()
                .filter(one -> one.funnel.equals(named.funnel()))
                .forEach(one -> credit(one, named.value(), touches)));
        lost(lost);
        paths.say((key, credit, exact) -> {
            if (exact) {
                say(key, credit);
            } else {
                recount.add("attribution_window", about(key, credit));
            }
        });
        campaigns(all);
    }

    /** Where a touch is at home: its person or visitor, else its account. */
    private static @Nullable String home(Touch touch) {
        return touch.person != null ? touch.person : touch.account;
    }

    private static boolean asks(Win win, @Nullable String of, EntityRecount who) {
        String account = win.fields.text("account_id");
        return of != null
                && (win.fields.persons().stream()
                                .anyMatch(person -> who.person(person).equals(of))
                        || (account != null && who.account(account).equals(of)));
    }

    private List<Touch> before(Win win, List<Touch> touches, EntityRecount who) {
        return touches.stream()
                .filter(touch -> touch.at() <= win.at
                        && win.at - touch.at() <= attribution.lookback().toMillis())
                .filter(touch -> asks(win, touch.person, who) || asks(win, touch.account, who))
                .toList();
    }

    /** What is left belongs to no win: a path of its own for whoever was touched, window by window. */
    private void lost(List<Touch> touches) {
        for (Grain grain : attribution.models().contains(Model.MARKOV) ? grains() : List.<Grain>of()) {
            Map<List<String>, List<@Nullable String>> runs = new LinkedHashMap<>();
            for (Touch touch : touches) {
                String home = home(touch);
                if (home != null) {
                    runs.computeIfAbsent(
                                    List.of(home, Long.toString(calendar.start(grain, touch.at()))),
                                    run -> new ArrayList<>())
                            .add(touch.event.channel());
                }
            }
            runs.forEach((run, channels) -> paths.lost(grain, run.get(1), channels));
        }
    }

    /** As well as an effect is known: to the last unit. */
    private Cells about(List<String> key, Credit credit) {
        double unit = Math.pow(10, -digits(playbook.reportingCurrency())) * 1.01;
        double revenue = BigDecimal.valueOf(credit.revenue, digits(playbook.reportingCurrency()))
                .doubleValue();
        return row(key, credit)
                .with("conversions", around(credit.shares / 1e6, 1.01e-6))
                .with("revenue", around(revenue, unit))
                .with("without_rate", around(credit.withoutRate / 1e6, 1.01e-6));
    }

    private static Cells.Between around(double value, double reach) {
        return new Cells.Between(value - reach, value + reach);
    }

    private boolean isTouch(Engagement event) {
        return !event.kind().equals("cost") && Condition.holds(attribution.touches(), FunnelRecount.fields(event));
    }

    static String word(Grain grain) {
        return grain.name().toLowerCase(Locale.ROOT);
    }

    private List<Grain> grains() {
        List<Grain> grains = new ArrayList<>(attribution.windows());
        grains.add(Grain.ALL);
        return grains;
    }

    /** The columns of a window that a key begins with. */
    private Cells window(String grain, String start) {
        Grain of = Grain.valueOf(grain.toUpperCase(Locale.ROOT));
        long from = Long.parseLong(start);
        return calendar.window(new Cells(), of, from, calendar.end(of, from), asOf)
                .with("grain", grain);
    }

    private void credit(Win win, List<Touch> before, Map<List<String>, Credit> credits) {
        List<String> persons = win.fields.persons();
        String account = win.fields.text("account_id");
        BigDecimal amount = win.fields.amount();
        String said = win.fields.text("currency");
        String currency = Objects.requireNonNullElse(said, playbook.reportingCurrency());
        BigDecimal worth = amount == null ? BigDecimal.ZERO : deals.reporting(win.fields, win.at);
        Long reporting = worth == null ? null : minor(worth, playbook.reportingCurrency());
        String id = "deal/" + win.deal;
        recount.add(
                "conversion",
                new Cells()
                        .with("conversion_id", id)
                        .with("funnel", null)
                        .with("entity_id", account != null ? account : persons.isEmpty() ? null : persons.get(0))
                        .with("deal_id", win.deal)
                        .with("account_id", account)
                        .with("converted_at", Instant.ofEpochMilli(win.at))
                        .with(
                                "amount_reporting",
                                reporting == null
                                        ? null
                                        : BigDecimal.valueOf(reporting, digits(playbook.reportingCurrency())))
                        .with("amount", amount == null ? null : amount.setScale(4, RoundingMode.HALF_EVEN))
                        .with("currency", currency)
                        .with("deal_type", win.fields.text("deal_type"))
                        .with("touches", before.size()));
        if (attribution.models().contains(Model.MARKOV)) {
            List<@Nullable String> channels =
                    before.stream().map(touch -> touch.event.channel()).collect(Collectors.toList());
            grains().forEach(grain ->
                    paths.won(grain, Long.toString(calendar.start(grain, win.at)), channels, reporting));
        }
        share(id, win.at, amount == null ? 0 : minor(amount, currency), currency, reporting, before, credits);
    }

    /** A completed attempt is worth what the playbook says, to the touches of whoever completed it; it is in no window. */
    private void credit(Completed one, BigDecimal value, List<Touch> touches) {
        List<Touch> before = touches.stream()
                .filter(touch -> one.key.equals(touch.person) || one.key.equals(touch.account))
                .filter(touch -> touch.at() <= one.at
                        && one.at - touch.at() <= attribution.lookback().toMillis())
                .toList();
        String currency = playbook.reportingCurrency();
        String id = "funnel/" + one.funnel + "/" + one.entity + "/" + one.number;
        long worth = minor(value, currency);
        recount.add(
                "conversion",
                new Cells()
                        .with("conversion_id", id)
                        .with("funnel", one.funnel)
                        .with("entity_id", one.entity)
                        .with("deal_id", null)
                        .with("account_id", one.account)
                        .with("converted_at", Instant.ofEpochMilli(one.at))
                        .with("amount_reporting", BigDecimal.valueOf(worth, digits(currency)))
                        .with("amount", value.setScale(4, RoundingMode.HALF_EVEN))
                        .with("currency", currency)
                        .with("deal_type", null)
                        .with("touches", before.size()));
        share(id, one.at, worth, currency, worth, before, new LinkedHashMap<>());
    }

    private void share(
            String id,
            long converted,
            long worth,
            String currency,
            @Nullable Long reporting,
            List<Touch> before,
            Map<List<String>, Credit> credits) {
        for (Model model : attribution.models()) {
            if (model != Model.MARKOV) {
                double[] weights = before.isEmpty() ? new double[] {1} : weights(model, before);
                long[] own = split(worth, weights);
                long[] shared = split(reporting == null ? 0 : reporting, weights);
                long[] shares = split(1_000_000, weights);
                for (int i = 0; i < weights.length; i++) {
                    Touch touch = before.isEmpty() ? null : before.get(i);
                    Cells row = new Cells()
                            .with("conversion_id", id)
                            .with("model", model.word())
                            .with("credit_minor", own[i])
                            .with("currency", currency)
                            .with("credit_reporting_minor", reporting == null ? null : shared[i]);
                    recount.add("touch_credit", touched(row, touch));
                    String at = Long.toString(converted);
                    addUp(credits, model, at, touch, shares[i], shared[i], reporting == null);
                }
            }
        }
    }

    private static Cells touched(Cells row, @Nullable Touch touch) {
        Engagement event = touch == null ? null : touch.event;
        return row.with("touch_event_id", event == null ? NOBODY : event.eventId())
                .with("channel", event == null ? NOBODY : event.channel())
                .with("campaign", event == null ? NOBODY : event.campaign())
                .with("asset", event == null ? NOBODY : event.asset())
                .with("asset_version", event == null ? NOBODY : event.assetVersion())
                .with(
                        "touched_at",
                        event == null
                                ? null
                                : Instant.ofEpochMilli(event.occurredAt().toEpochMilli()));
    }

    private void addUp(
            Map<List<String>, Credit> credits,
            Model model,
            String at,
            @Nullable Touch touch,
            long share,
            long revenue,
            boolean withoutRate) {
        Map<String, String> subjects = new LinkedHashMap<>();
        if (touch == null) {
            subjects.put("(total)", "(total)");
            List.of("channel", "campaign", "asset", "asset_version").forEach(b -> subjects.put(b, NOBODY));
        } else {
            subjects.putAll(touch.subjects());
        }
        for (Grain grain : grains()) {
            String start = Long.toString(calendar.start(grain, Long.parseLong(at)));
            subjects.forEach((breakdown, value) -> {
                Credit credit = credits.computeIfAbsent(
                        List.of(word(grain), start, model.word(), breakdown, value), key -> new Credit());
                credit.shares += share;
                credit.revenue += revenue;
                credit.withoutRate += withoutRate ? share : 0;
            });
        }
    }

    private void say(List<String> key, Credit credit) {
        if (credit.shares != 0 || credit.revenue != 0) {
            recount.add("attribution_window", row(key, credit));
        }
    }

    private Cells row(List<String> key, Credit credit) {
        String reporting = playbook.reportingCurrency();
        return window(key.get(0), key.get(1))
                .with("model", key.get(2))
                .with("breakdown", key.get(3))
                .with("value", key.get(4))
                .with("conversions", credit.shares / 1e6)
                .with("revenue", BigDecimal.valueOf(credit.revenue, digits(reporting)))
                .with("currency", reporting)
                .with("without_rate", credit.withoutRate / 1e6)
                .with("minimum_conversions", attribution.minimumConversions());
    }

    /** How much each of several touches weighs. */
    private double[] weights(Model model, List<Touch> touches) {
        int last = touches.size() - 1;
        double[] weights = new double[last + 1];
        for (int i = 0; i <= last; i++) {
            Touch touch = touches.get(i);
            weights[i] = switch (model) {
                case FIRST -> i == 0 ? 1 : 0;
                case LAST -> i == last ? 1 : 0;
                case LINEAR -> 1;
                case POSITION -> last < 2 ? 1 : i == 0 || i == last ? 0.4 : 0.2 / (last - 1);
                case TIME_DECAY ->
                    StrictMath.pow(
                            2,
                            (double) (touch.at() - touches.get(last).at())
                                    / attribution.halfLife().toMillis());
                // All channels of a deal are needed for it alike, and the touches of a channel alike.
                case SHAPLEY ->
                    1.0
                            / touches.stream()
                                    .filter(other -> Objects.equals(other.event.channel(), touch.event.channel()))
                                    .count();
                case MARKOV -> throw new IllegalArgumentException("markov credits no touch");
            };
        }
        return weights;
    }

    /**
     * Whole parts of a whole: each rounded down, what is left one by one to the largest remainders, the first of equals first.
     * Weights count to thirty binary digits of the greatest.
     */
    static long[] split(long total, double[] weights) {
        double greatest = 0;
        for (double weight : weights) {
            greatest = Math.max(greatest, weight);
        }
        BigInteger all = BigInteger.ZERO;
        List<BigInteger> parts = new ArrayList<>();
        for (double weight : weights) {
            parts.add(BigInteger.valueOf(greatest > 0 ? Math.round(weight / greatest * (1 << 30)) : 1));
            all = all.add(parts.get(parts.size() - 1));
        }
        long left = total;
        long[] split = new long[weights.length];
        List<Integer> order = new ArrayList<>();
        List<BigInteger> remainders = new ArrayList<>();
        for (int i = 0; i < split.length; i++) {
            BigInteger[] quota =
                    parts.get(i).multiply(BigInteger.valueOf(total)).divideAndRemainder(all);
            split[i] = quota[0].longValueExact();
            left -= split[i];
            order.add(i);
            remainders.add(quota[1]);
        }
        order.sort(Comparator.comparing((Integer i) -> remainders.get(i)).reversed());
        for (int i = 0; i < left; i++) {
            split[order.get(i)]++;
        }
        return split;
    }

    private static int digits(String currency) {
        return Currency.getInstance(currency).getDefaultFractionDigits();
    }

    private static long minor(BigDecimal amount, String currency) {
        return amount.setScale(digits(currency), RoundingMode.HALF_EVEN)
                .unscaledValue()
                .longValueExact();
    }

    /** What happened in the name of campaigns: everything that is a touch or names one. */
    private void campaigns(List<Touch> all) {
        Map<List<String>, List<Touch>> windows = new LinkedHashMap<>();
        for (Touch touch : all) {
            boolean cost = touch.event.kind().equals("cost");
            boolean named = touch.event.campaign() != null;
            boolean somebodys = home(touch) != null;
            if (cost ? !named : !somebodys || !(named || isTouch(touch.event))) {
                continue;
            }
            for (Grain grain : grains()) {
                String start = Long.toString(calendar.start(grain, touch.at()));
                touch.subjects().forEach((breakdown, value) -> {
                    // What has no asset costs no asset anything.
                    if (!cost || !breakdown.startsWith("asset") || touch.event.asset() != null) {
                        windows.computeIfAbsent(List.of(word(grain), start, breakdown, value), key -> new ArrayList<>())
                                .add(touch);
                    }
                });
            }
        }
        windows.forEach(this::campaign);
    }

    private void campaign(List<String> key, List<Touch> of) {
        Set<String> reached = new HashSet<>();
        Set<String> engaged = new HashSet<>();
        Map<String, Set<String>> mailed = new LinkedHashMap<>();
        long touches = 0;
        long cost = 0;
        long withoutRate = 0;
        for (Touch touch : of) {
            Engagement event = touch.event;
            String who = Objects.requireNonNullElse(home(touch), "");
            if (event.kind().equals("cost")) {
                Fields price = new Fields();
                price.cost(event.properties());
                BigDecimal worth = deals.reporting(price, touch.at());
                withoutRate += worth == null ? 1 : 0;
                cost += worth == null ? 0 : minor(worth, playbook.reportingCurrency());
                continue;
            }
            touches += isTouch(event) ? 1 : 0;
            if (!event.kind().equals("email_bounce")) {
                reached.add(who);
            }
            if (!List.of("email_sent", "email_bounce", "email_unsubscribe", "ad_impression")
                    .contains(event.kind())) {
                engaged.add(who);
            }
            mailed.computeIfAbsent(event.kind(), kind -> new LinkedHashSet<>()).add(who);
        }
        Cells row = window(key.get(0), key.get(1))
                .with("breakdown", key.get(2))
                .with("value", key.get(3))
                .with("touches", touches)
                .with("people_reached", reached.size())
                .with("people_engaged", engaged.size());
        for (int i = 0; i < MAILS.size(); i++) {
            String kind = MAILS.get(i);
            row.with(
                            "email_" + MAILED.get(i),
                            of.stream().filter(t -> t.event.kind().equals(kind)).count())
                    .with(
                            "people_" + MAILED.get(i),
                            mailed.getOrDefault(kind, Set.of()).size());
        }
        String reporting = playbook.reportingCurrency();
        row.with("cost", BigDecimal.valueOf(cost, digits(reporting)))
                .with("costs_without_rate", withoutRate)
                .with("currency", reporting);
        if (of.stream().anyMatch(t -> !t.event.kind().equals("cost")) || cost != 0 || withoutRate != 0) {
            recount.add("campaign_window", row);
        }
    }
}
