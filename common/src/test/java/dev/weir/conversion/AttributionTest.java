package dev.weir.conversion;

import static dev.weir.conversion.Journeys.DAY;
import static dev.weir.conversion.Journeys.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.cycletime.DealMachine;
import dev.weir.cycletime.DealTables;
import dev.weir.event.DealChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Attribution.Model;
import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttributionTest {

    /** search > mail > ad wins 1,000; mail > search wins 500; search and mail > ad come to nothing. */
    private static Journeys example() {
        Journeys journeys = new Journeys("search", "mail", "ad");
        journeys.path("ana", "search", "mail", "ad");
        journeys.path("bob", "mail", "search");
        journeys.path("cem", "search");
        journeys.path("dia", "mail", "ad");
        journeys.deal(Journeys.deal("1", "d1", 5 * DAY, "stage_changed", "won", "1000", null, "ana"));
        journeys.deal(Journeys.deal("2", "d2", 5 * DAY, "stage_changed", "won", "500", null, "bob"));
        return journeys;
    }

    @Test
    void aSmallSetOfPathsAsDoneByHand() {
        Journeys journeys = example();
        assertThat(journeys.credit(Model.FIRST, "channel"))
                .containsExactlyInAnyOrder("search 1000.0000", "mail 500.0000");
        assertThat(journeys.credit(Model.LAST, "channel")).containsExactlyInAnyOrder("search 500.0000", "ad 1000.0000");
        assertThat(journeys.credit(Model.LINEAR, "channel"))
                .containsExactlyInAnyOrder("search 583.3400", "mail 583.3300", "ad 333.3300");
        assertThat(journeys.credit(Model.POSITION, "channel"))
                .containsExactlyInAnyOrder("search 650.0000", "mail 450.0000", "ad 400.0000");
        assertThat(journeys.credit(Model.SHAPLEY, "channel"))
                .containsExactlyInAnyOrder("search 583.3400", "mail 583.3300", "ad 333.3300");
        // p = 1/2; without search 1/6, without mail 1/6, without ad 1/4: effects 2/3, 2/3, 1/2.
        assertThat(journeys.credit(Model.MARKOV, "channel"))
                .containsExactlyInAnyOrder("search 545.4600", "mail 545.4500", "ad 409.0900");
        assertThat(journeys.credit(Model.MARKOV, "(total)")).containsExactly("(total) 1500.0000");
        assertThat(journeys.credit(Model.LAST, "asset_version"))
                .containsExactlyInAnyOrder("/search@1 500.0000", "/ad@1 1000.0000");
    }

    @Test
    void timeDecayHalvesWithEachHalfLife() {
        Journeys journeys = new Journeys();
        journeys.touch(Entities.person("ana"), true, Journeys.touch("1", 0, "old"));
        journeys.touch(Entities.person("ana"), true, Journeys.touch("2", 30 * DAY, "new"));
        journeys.deal(Journeys.deal("1", "d", 40 * DAY, "stage_changed", "won", "300", null, "ana"));
        assertThat(journeys.credit(Model.TIME_DECAY, "channel"))
                .containsExactlyInAnyOrder("old 100.0000", "new 200.0000");
    }

    @Test
    void aTouchOlderThanTheLookbackOrAfterTheWinIsNotCredited() {
        Journeys journeys = new Journeys();
        journeys.touch(Entities.person("ana"), true, Journeys.touch("1", 0, "too old"));
        journeys.touch(Entities.person("ana"), true, Journeys.touch("2", 1, "old"));
        journeys.touch(Entities.person("ana"), true, Journeys.touch("3", 90 * DAY + 2, "late"));
        journeys.deal(Journeys.deal("1", "d", 90 * DAY + 1, "stage_changed", "won", "300", null, "ana"));
        assertThat(journeys.credit(Model.LINEAR, "channel")).containsExactly("old 300.0000");
    }

    @Test
    void everyCorrectionEndsInWhatIsTrueThen() {
        Journeys journeys = example();
        journeys.deal(Journeys.deal("3", "d1", 6 * DAY, "amended", null, "400", null, (String[]) null));
        assertThat(journeys.credit(Model.LAST, "(total)")).containsExactly("(total) 900.0000");
        journeys.deal(Journeys.deal("4", "d2", 6 * DAY, "deleted", null, null, null, (String[]) null));
        assertThat(journeys.credit(Model.LAST, "channel")).containsExactly("ad 400.0000");
        Touch late = Journeys.touch("late", 4 * DAY, "call");
        journeys.touch(Entities.anonymous("v"), true, late);
        assertThat(journeys.credit(Model.LAST, "channel")).contains("ad 400.0000");
        journeys.touch(Entities.anonymous("v"), false, late);
        journeys.touch(Entities.person("ana"), true, late);
        assertThat(journeys.credit(Model.LAST, "channel")).containsExactly("call 400.0000");
        journeys.deal(Journeys.deal("5", "d1", 7 * DAY, "amended", null, "-50", null, (String[]) null));
        assertThat(journeys.credit(Model.LINEAR, "channel"))
                .containsExactlyInAnyOrder("search -12.5000", "mail -12.5000", "ad -12.5000", "call -12.5000");
    }

    @Test
    void aWonDealThatNamesSomeoneWhoWasMergedCreditsTheTouchesOfWhomTheyAre() {
        for (int order = 0; order < 2; order++) {
            Journeys journeys = new Journeys();
            journeys.path("ana", "search", "mail");
            if (order == 0) {
                journeys.merged("anna", "ana", true);
            }
            // Both names stand for one person, who is asked once.
            journeys.deal(Journeys.deal("1", "d", 5 * DAY, "stage_changed", "won", "300", null, "anna", "ana"));
            journeys.deal(Journeys.deal("2", "e", 6 * DAY, "stage_changed", "won", "100", null, "anna"));
            if (order == 1) {
                assertThat(journeys.credit(Model.LAST, "channel"))
                        .containsExactlyInAnyOrder("mail 300.0000", "(unattributed) 100.0000");
                journeys.merged("anna", "ana", true);
            }
            assertThat(journeys.credit(Model.LINEAR, "channel"))
                    .containsExactlyInAnyOrder("search 200.0000", "mail 200.0000");
            journeys.merged("anna", "ana", false);
            assertThat(journeys.credit(Model.LAST, "channel"))
                    .containsExactlyInAnyOrder("mail 300.0000", "(unattributed) 100.0000");
        }
    }

    @Test
    void aDealWithoutTouchesCreditsNobody() {
        Journeys journeys = new Journeys("search");
        journeys.deal(Journeys.deal("1", "d", DAY, "stage_changed", "won", "7", null, (String[]) null));
        for (Model model : Model.values()) {
            assertThat(journeys.credit(model, "channel")).as("%s", model).containsExactly("(unattributed) 7.0000");
        }
    }

    @Test
    void peopleCountOncePerCampaignAndWindow() {
        Journeys journeys = new Journeys();
        for (int i = 0; i < 3; i++) {
            journeys.touch(Entities.person("ana"), true, mail("s" + i, i, "email_sent"));
            journeys.touch(Entities.person("bob"), true, mail("b" + i, i, "email_sent"));
            journeys.touch(Entities.person("ana"), true, mail("o" + i, i, "email_open"));
        }
        journeys.touch(Entities.person("cem"), true, mail("x", 1, "email_bounce"));
        journeys.touch(Entities.campaign("spring"), true, cost("k", "12.50", "EUR"));
        journeys.touch(Entities.campaign("spring"), true, cost("u", "9", "USD"));
        Row spring = journeys.said().stream()
                .filter(row -> "spring".equals(column(row, "value")) && "all".equals(column(row, "grain")))
                .findFirst()
                .orElseThrow();
        assertThat(List.of(
                        "people_reached",
                        "people_engaged",
                        "email_sent",
                        "email_opened",
                        "email_bounced",
                        "people_sent",
                        "people_opened",
                        "people_bounced",
                        "cost",
                        "costs_without_rate"))
                .extracting(name -> column(spring, name))
                .containsExactly("2", "1", "6", "3", "1", "2", "1", "1", "12.5000", "1");
    }

    @Test
    void theShapleyValueIsThatOfAllOrdersOfUpToEightChannels() {
        Seeds.hold(40, random -> {
            int channels = 1 + random.nextInt(8);
            Map<Set<Integer>, Double> worth = new HashMap<>();
            double[] credited = new double[channels];
            for (int deal = 0; deal < 12; deal++) {
                List<Touch> touches = new ArrayList<>();
                Set<Integer> set = new TreeSet<>();
                for (int t = random.nextInt(6); t >= 0; t--) {
                    int channel = random.nextInt(channels);
                    set.add(channel);
                    touches.add(Journeys.touch(deal + "." + t, t, Integer.toString(channel)));
                }
                double revenue = random.nextInt(10_000);
                worth.merge(set, revenue, Double::sum);
                double[] weights = Credits.weights(Model.SHAPLEY, touches, DAY);
                double sum = Arrays.stream(weights).sum();
                for (int t = 0; t < weights.length; t++) {
                    int channel = Integer.parseInt(
                            Objects.requireNonNull(touches.get(t).channel()));
                    credited[channel] += revenue * weights[t] / sum;
                }
            }
            double[] brute = new double[channels];
            List<Integer> order = new ArrayList<>();
            for (int c = 0; c < channels; c++) {
                order.add(c);
            }
            long orders = permute(order, 0, worth, brute);
            for (int c = 0; c < channels; c++) {
                assertThat(credited[c]).isCloseTo(brute[c] / orders, within(1e-6));
            }
        });
    }

    /** Adds what each channel brings when it joins those before it, over all orders. */
    private static long permute(List<Integer> order, int from, Map<Set<Integer>, Double> worth, double[] brought) {
        if (from == order.size()) {
            int[] place = new int[order.size()];
            for (int i = 0; i < place.length; i++) {
                place[order.get(i)] = i;
            }
            // A deal is won when the last of its channels has joined.
            worth.forEach((set, revenue) -> {
                int last = set.stream().mapToInt(c -> place[c]).max().orElseThrow();
                brought[order.get(last)] += revenue;
            });
            return 1;
        }
        long orders = 0;
        for (int i = from; i < order.size(); i++) {
            Collections.swap(order, from, i);
            orders += permute(order, from + 1, worth, brought);
            Collections.swap(order, from, i);
        }
        return orders;
    }

    /** One thing that happens, in whatever order. */
    private interface Event {
        void tell(Journeys journeys);
    }

    @Test
    void creditsSumToTheRevenueOfARecountAfterAnyOrderOfCorrections() {
        Seeds.hold(300, random -> {
            List<Event> events = new ArrayList<>();
            Map<String, Map<String, Touch>> held = new TreeMap<>();
            List<DealChange> changes = new ArrayList<>();
            draw(random, events, held, changes);
            Journeys inOrder = new Journeys("ad", "mail");
            events.forEach(event -> event.tell(inOrder));

            List<Event> told = new ArrayList<>(events);
            events.stream().filter(e -> random.nextInt(3) == 0).forEach(told::add);
            Collections.shuffle(told, random);
            Journeys shuffled = new Journeys("ad", "mail");
            told.forEach(event -> event.tell(shuffled));

            assertThat(shuffled.standing()).isEqualTo(inOrder.standing());
            recount(shuffled, held, changes);
        });
    }

    private static void draw(
            Random random, List<Event> events, Map<String, Map<String, Touch>> held, List<DealChange> changes) {
        List<String> keys =
                List.of(Entities.person("p0"), Entities.person("p1"), Entities.anonymous("v"), Entities.account("a"));
        for (int i = random.nextInt(12); i > 0; i--) {
            String channel = List.of("ad", "mail", "web").get(random.nextInt(3));
            Touch touch = Journeys.touch("t" + i, random.nextInt(120) * DAY, channel);
            String home = keys.get(random.nextInt(keys.size()));
            keep(home, touch, events, held);
            if (random.nextInt(3) == 0 && !home.equals(keys.get(3))) {
                keep(keys.get(3), touch.asGiven(), events, held);
            }
        }
        for (int i = random.nextInt(9); i > 0; i--) {
            String kind = List.of("stage_changed", "stage_changed", "stage_changed", "amended", "deleted", "restored")
                    .get(random.nextInt(6));
            DealChange change = Journeys.deal(
                    "d" + i,
                    "deal" + random.nextInt(2),
                    random.nextInt(120) * DAY,
                    kind,
                    kind.equals("stage_changed")
                            ? List.of("lead", "won", "won", "lost").get(random.nextInt(4))
                            : null,
                    random.nextInt(2) == 0 ? null : random.nextInt(100_000) + "." + random.nextInt(100),
                    random.nextInt(3) == 0 ? "a" : null,
                    random.nextInt(3) == 0 ? null : new String[] {"p0", "p" + random.nextInt(2)});
            changes.add(change);
            events.add(journeys -> journeys.deal(change));
        }
    }

    private static void keep(String key, Touch touch, List<Event> events, Map<String, Map<String, Touch>> held) {
        held.computeIfAbsent(key, k -> new TreeMap<>()).put(touch.eventId(), touch);
        events.add(journeys -> journeys.touch(key, true, touch));
    }

    /** Each won deal's touches looked up anew, and every sum of credits against its revenue. */
    private static void recount(Journeys journeys, Map<String, Map<String, Touch>> held, List<DealChange> changes) {
        Map<String, List<Row>> credits = new TreeMap<>();
        Map<String, Row> conversions = new TreeMap<>();
        for (Row row : journeys.rows().values()) {
            if (row.table().equals("conversion")) {
                conversions.put(String.valueOf(column(row, "deal_id")), row);
            } else {
                credits.computeIfAbsent(
                                column(row, "conversion_id") + " " + column(row, "model"), k -> new ArrayList<>())
                        .add(row);
            }
        }
        BigDecimal revenue = BigDecimal.ZERO;
        for (String deal : List.of("deal0", "deal1")) {
            Row conversion = conversions.get(deal);
            Row closed = closed(journeys, deal, changes);
            boolean won = closed != null && "won".equals(value(closed, "status"));
            assertThat(conversion != null).as("%s is won", deal).isEqualTo(won);
            if (conversion == null || closed == null) {
                continue;
            }
            assertThat(column(conversion, "converted_at")).isEqualTo(value(closed, "closed_at"));
            assertThat(column(conversion, "amount_reporting"))
                    .isEqualTo(Objects.requireNonNullElse(value(closed, "amount_reporting"), "0.0000"));
            BigDecimal amount = new BigDecimal(String.valueOf(column(conversion, "amount_reporting")));
            revenue = revenue.add(amount);
            Set<String> expected = touches(conversion, deal, held, changes);
            for (Model model : Model.values()) {
                List<Row> rows = credits.getOrDefault("deal/" + deal + " " + model.word(), List.of());
                if (model == Model.MARKOV) {
                    assertThat(rows).isEmpty();
                    continue;
                }
                assertThat(rows.stream().map(row -> column(row, "touch_event_id")))
                        .containsExactlyInAnyOrderElementsOf(expected);
                assertThat(rows.stream()
                                .mapToLong(row -> Long.parseLong(String.valueOf(column(row, "credit_minor"))))
                                .sum())
                        .isEqualTo(amount.movePointRight(2).longValueExact());
            }
        }
        sums(journeys, revenue);
    }

    /** Each model and breakdown shares out all the revenue. */
    private static void sums(Journeys journeys, BigDecimal revenue) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        for (Row row : journeys.said()) {
            if (row.table().equals("attribution_window") && "all".equals(column(row, "grain"))) {
                sums.merge(
                        column(row, "model") + " " + column(row, "breakdown"),
                        new BigDecimal(String.valueOf(column(row, "revenue"))),
                        BigDecimal::add);
            }
        }
        sums.forEach((which, sum) -> assertThat(sum).as(which).isEqualByComparingTo(revenue));
    }

    /** The touches that the deal's persons and account had in the 90 days before it was won. */
    private static Set<String> touches(
            Row conversion, String deal, Map<String, Map<String, Touch>> held, List<DealChange> changes) {
        long wonAt = Instant.parse(String.valueOf(column(conversion, "converted_at")))
                .toEpochMilli();
        Set<String> owners = new LinkedHashSet<>();
        List<DealChange> own = new ArrayList<>(
                changes.stream().filter(c -> c.dealId().equals(deal)).toList());
        own.sort((a, b) -> a.occurredAt().equals(b.occurredAt())
                ? a.eventId().compareTo(b.eventId())
                : a.occurredAt().compareTo(b.occurredAt()));
        own.stream()
                .map(DealChange::personIds)
                .filter(Objects::nonNull)
                .reduce((a, b) -> b)
                .ifPresent(persons -> persons.forEach(person -> owners.add(Entities.person(person))));
        own.stream()
                .map(DealChange::accountId)
                .filter(Objects::nonNull)
                .reduce((a, b) -> b)
                .ifPresent(account -> owners.add(Entities.account(account)));
        Set<String> ids = new TreeSet<>();
        owners.forEach(owner -> held.getOrDefault(owner, Map.of()).values().stream()
                .filter(touch -> touch.at() <= wonAt && wonAt - touch.at() <= 90 * DAY)
                .forEach(touch -> ids.add(touch.eventId())));
        return ids.isEmpty() ? Set.of("(unattributed)") : ids;
    }

    /** The deal as the cycle-time job has it. */
    private static @Nullable Row closed(Journeys journeys, String deal, List<DealChange> changes) {
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(journeys.playbook), DealTables.DEAL, DealTables.DEAL_HISTORY, DealTables.STAGE_VISIT);
        changes.stream().filter(c -> c.dealId().equals(deal)).forEach(c -> deals.comes(deal, c));
        return deals.rows().values().stream()
                .filter(row -> row.table().equals("deal"))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String value(Row row, String column) {
        return row.values()[DealTables.DEAL.index(column)];
    }

    private static Touch mail(String id, long at, String kind) {
        return new Touch(id, at, kind, "email", "spring", null, null, false, true, null, null);
    }

    private static Touch cost(String id, String amount, String currency) {
        return new Touch(id, 0, "cost", "email", "spring", null, null, false, true, amount, currency);
    }
}
