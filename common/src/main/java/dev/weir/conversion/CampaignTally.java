package dev.weir.conversion;

import dev.weir.event.Engagement;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What a campaign, channel or asset did in one window: campaign_window. One group is one window of one of them. */
public final class CampaignTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "campaign";

    static final int TOUCHES = 0;
    static final int COST = 1;
    static final int COSTS_WITHOUT_RATE = 2;
    static final int REACHED = 3;
    static final int ENGAGED = 4;
    /** How often, and from {@link #PEOPLE} how many people, by the place in {@link #MAILS}. */
    static final int MAIL = 10;

    static final int PEOPLE = 20;
    static final List<String> MAILS = List.of(
            Engagement.EMAIL_SENT,
            Engagement.EMAIL_OPEN,
            Engagement.EMAIL_CLICK,
            Engagement.EMAIL_BOUNCE,
            Engagement.EMAIL_UNSUBSCRIBE);

    /** What is done to a person, or away from the campaign; all else a person does. */
    private static final List<String> PASSIVE = List.of(
            Engagement.EMAIL_SENT, Engagement.EMAIL_BOUNCE, Engagement.EMAIL_UNSUBSCRIBE, Engagement.AD_IMPRESSION);

    private final String definition;
    private final Windows windows;
    private final Money money;

    public CampaignTally(Playbook playbook, Attribution attribution) {
        definition = attribution.definition();
        windows = Windows.of(playbook);
        money = Money.of(playbook);
    }

    static String group(Grain grain, String windowStart, Subject subject) {
        return Keys.join(KIND, grain.word(), windowStart, subject.breakdown(), subject.value());
    }

    /** The measures in which a person counts who has an engagement of a kind. */
    static int[] ways(String kind) {
        int mail = MAILS.indexOf(kind);
        if (PASSIVE.contains(kind)) {
            return kind.equals(Engagement.EMAIL_BOUNCE)
                    ? new int[] {PEOPLE + mail}
                    : mail < 0 ? new int[] {REACHED} : new int[] {REACHED, PEOPLE + mail};
        }
        return mail < 0 ? new int[] {REACHED, ENGAGED} : new int[] {REACHED, ENGAGED, PEOPLE + mail};
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        if (sums.isZero()) {
            return NEVER;
        }
        List<String> name = Keys.split(group);
        Grain grain = Grain.valueOf(name.get(1).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(2));
        long end = windows.end(grain, start);
        out.accept(Row.of(
                AttributionTables.CAMPAIGN_WINDOW,
                definition,
                asOf,
                grain.word(),
                Values.time(start),
                name.get(3),
                name.get(4),
                grain == Grain.ALL ? null : Values.time(end),
                windows.date(start).toString(),
                windows.zone().getId(),
                Boolean.toString(end <= asOf),
                count(sums, TOUCHES),
                count(sums, REACHED),
                count(sums, ENGAGED),
                count(sums, MAIL),
                count(sums, MAIL + 1),
                count(sums, MAIL + 2),
                count(sums, MAIL + 3),
                count(sums, MAIL + 4),
                count(sums, PEOPLE),
                count(sums, PEOPLE + 1),
                count(sums, PEOPLE + 2),
                count(sums, PEOPLE + 3),
                count(sums, PEOPLE + 4),
                Values.money(money.major(sums.get(Cell.of(0, 0, COST)), null)),
                count(sums, COSTS_WITHOUT_RATE),
                money.reportingCurrency()));
        return grain == Grain.ALL || end <= asOf ? NEVER : end;
    }

    private static String count(Sums sums, int measure) {
        return Long.toString(sums.get(Cell.of(0, 0, measure)));
    }
}
