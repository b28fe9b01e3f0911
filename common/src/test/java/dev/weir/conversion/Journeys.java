package dev.weir.conversion;

import dev.weir.event.DealChange;
import dev.weir.machine.Belonging;
import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Attribution.Model;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The four machines of attribution one behind the other, as the conversion job joins them. */
final class Journeys {
    static final long DAY = Duration.ofDays(1).toMillis();

    final Playbook playbook;
    private final Attribution attribution;
    private final InMemory<DealChange, JourneyPoint> wins;
    private final InMemory<JourneyPoint, JourneyPoint> asking;
    private final InMemory<JourneyPoint, JourneyPoint> journeys;
    private final InMemory<JourneyPoint, JourneyPoint> credits;

    /** Lookback 90 days, half-life 30, no minimum, all models, the whole history and days. */
    Journeys(String... channels) {
        attribution = new Attribution(
                "a",
                "touch",
                Duration.ofDays(90),
                Duration.ofDays(30),
                List.of(Model.values()),
                List.of(channels),
                List.of(),
                0,
                List.of(Grain.DAY),
                List.of());
        playbook = Playbooks.with(
                Playbooks.of(List.of(Playbooks.pipeline("p", "lead won+ lost-", DAY)), List.of()), attribution);
        wins = new InMemory<>(new DealWinsMachine(playbook, attribution));
        journeys = new InMemory<>(new JourneyMachine(playbook, attribution));
        credits = new InMemory<>(
                new CreditMachine(playbook, attribution), AttributionTables.CONVERSION, AttributionTables.TOUCH_CREDIT);
        asking = new InMemory<>(new AskingMachine());
        wins.sends(win -> (Entities.isConversion(win.key) ? credits : asking).apply(win));
        asking.sends(journeys::apply);
        journeys.sends(credits::apply);
    }

    void touch(String key, boolean comes, Touch touch) {
        journeys.apply(new Difference<>(key, comes, JourneyPoint.of(touch), null));
    }

    /** A path of touches of a person, a day apart, from the first of January 1970 on. */
    void path(String person, String... channels) {
        for (int i = 0; i < channels.length; i++) {
            touch(Entities.person(person), true, touch(person + i, i * DAY, channels[i]));
        }
    }

    /** A person was merged into another; the touches of both are the other's. */
    void merged(String person, String into, boolean comes) {
        Belonging told = new Belonging(Entities.person(person), 0, Entities.person(into), "");
        asking.apply(new Difference<>(told.of(), comes, Objects.requireNonNull(JourneyPoint.told(told)), null));
    }

    void deal(DealChange change) {
        wins.comes(change.dealId(), change);
    }

    static Touch touch(String id, long at, String channel) {
        return new Touch(id, at, "page_view", channel, "c-" + channel, "/" + channel, "1", true, true, null, null);
    }

    static DealChange deal(
            String id,
            String deal,
            long at,
            String kind,
            @Nullable String stage,
            @Nullable String amount,
            @Nullable String account,
            String @Nullable ... persons) {
        return new DealChange(
                id,
                Instant.ofEpochMilli(at),
                deal,
                kind,
                "p",
                stage,
                null,
                amount == null ? null : new BigDecimal(amount),
                null,
                null,
                null,
                account,
                persons == null ? null : Arrays.asList(persons),
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }

    SortedMap<String, Row> rows() {
        return credits.rows();
    }

    /** Everything that stands. */
    List<Object> standing() {
        return List.of(rows(), journeys.sums(), credits.sums());
    }

    /** What the tallies say as of the end of 1970, day windows left out, as {@code model value revenue}. */
    List<String> credit(Model model, String breakdown) {
        return said().stream()
                .filter(row -> row.table().equals("attribution_window"))
                .filter(row -> model.word().equals(column(row, "model")) && "all".equals(column(row, "grain")))
                .filter(row -> breakdown.equals(column(row, "breakdown")))
                .map(row -> column(row, "value") + " " + column(row, "revenue"))
                .toList();
    }

    /** Every row of every tally. */
    List<Row> said() {
        List<Row> all = new ArrayList<>();
        Map<String, Tally> tallies = Map.of(
                CampaignTally.KIND, new CampaignTally(playbook, attribution),
                CreditTally.KIND, new CreditTally(playbook, attribution),
                PathTally.KIND, new PathTally(playbook, attribution));
        Map<String, Sums> sums = new TreeMap<>();
        for (Map<String, Sums> more : List.of(journeys.sums(), credits.sums())) {
            more.forEach(
                    (group, sum) -> sums.computeIfAbsent(group, g -> new Sums()).plus(sum));
        }
        sums.forEach((group, sum) ->
                Objects.requireNonNull(tallies.get(Keys.split(group).get(0))).rows(group, sum, 365 * DAY, all::add));
        all.sort((a, b) -> a.toString().compareTo(b.toString()));
        return all;
    }

    static @Nullable String column(Row row, String name) {
        Table table = List.of(
                        AttributionTables.ATTRIBUTION_WINDOW,
                        AttributionTables.CAMPAIGN_WINDOW,
                        AttributionTables.CONVERSION,
                        AttributionTables.TOUCH_CREDIT)
                .stream()
                .filter(t -> t.name().equals(row.table()))
                .findFirst()
                .orElseThrow();
        return row.values()[table.index(name)];
    }
}
