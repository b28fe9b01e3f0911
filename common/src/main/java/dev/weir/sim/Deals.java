package dev.weir.sim;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deals on their way through the stages. How long a stage takes has no memory, so that a stage's exits per deal and day stay
 * level, busy weekdays apart, until something goes wrong.
 */
final class Deals {
    /** Deals a day that owners find by themselves; trials bring about as many again. */
    private static final double A_DAY = 15;

    static final List<String> STAGES = List.of("qualified", "proposal", "legal");
    private static final double[] ADVANCES = {0.66, 0.75, 0.72};

    /** A deal gives up waiting for this tale after so many visits. */
    private static final int VISITS_LIMIT = 12;

    private final Scene scene;
    private final Map<String, Pace> paces = new HashMap<>();

    /** @param hours how many hours from {@code first} on deals live */
    Deals(Scene scene, long first, int hours) {
        this.scene = scene;
        for (String stage : STAGES) {
            for (String segment : Roster.SEGMENTS) {
                paces.put(
                        stage + "/" + segment,
                        new Pace(
                                first,
                                hours,
                                hour -> Rhythm.work(hour)
                                        * scene.left(
                                                Signal.BOTTLENECK,
                                                Company.PIPELINE + "/" + stage,
                                                "properties.segment",
                                                segment,
                                                hour)));
            }
        }
    }

    /** What owners find on the day that begins at {@code day}: a first meeting, then the deal. */
    void find(long day, long number) {
        Dice dice = scene.dice.at("found").at(number);
        int found = dice.at("count").poisson(A_DAY * Rhythm.weekday(day));
        for (int n = 0; n < found; n++) {
            Dice chance = dice.at(n);
            String id = "f" + number + "." + n;
            int account = chance.at("account").below(Roster.ACCOUNTS);
            long at = Rhythm.working(day, chance.at("time"));
            String person = "c" + account + "-" + chance.at("contact").below(3);
            scene.engagement(
                    "g" + id,
                    at - 2 * Rhythm.HOUR,
                    person,
                    null,
                    Roster.account(account),
                    null,
                    "meeting",
                    "sales",
                    null,
                    null,
                    Map.of());
            open("d" + id, at, account, person, "sales", chance.at("deal"));
        }
    }

    /** A deal from its creation to its end, or to the end of the tale. */
    void open(String id, long created, int account, String person, String channel, Dice dice) {
        new Deal(id, created, account, person, channel, dice).live();
    }

    private static double meanDays(int stage, String segment) {
        return switch (stage) {
            case 0 -> 3;
            case 1 -> 5;
            default -> segment.equals("enterprise") ? 6 : segment.equals("mid") ? 4 : 3;
        };
    }

    private final class Deal {
        private final String id;
        private final long created;
        private final int account;
        private final String person;
        private final String channel;
        private final Dice dice;
        private final String segment;
        private final String owner;
        private final long amount;

        /** Deals that are open when the scene starts are told as what they are then. */
        private boolean known;

        Deal(String id, long created, int account, String person, String channel, Dice dice) {
            this.id = id;
            this.created = created;
            this.account = account;
            this.person = person;
            this.channel = channel;
            this.dice = dice;
            this.segment = Roster.segment(account);
            this.owner = Roster.owner(dice.at("owner").below(Roster.OWNERS));
            double middle = segment.equals("enterprise") ? 64_000 : segment.equals("mid") ? 16_000 : 3_500;
            this.amount =
                    Math.round(middle * StrictMath.exp(0.5 * dice.at("amount").normal()) / 50) * 50;
            this.known = created >= scene.start;
        }

        void live() {
            create(created, STAGES.get(0));
            int stage = 0;
            long entered = created;
            for (int visit = 0; visit < VISITS_LIMIT; visit++) {
                Dice chance = dice.at("visit").at(visit);
                Pace pace = paces.get(STAGES.get(stage) + "/" + segment);
                if (pace == null) {
                    throw new IllegalStateException(segment);
                }
                long left = pace.after(entered, chance.at("work").exponential(meanDays(stage, segment)));
                if (!known && left > scene.start) {
                    known = true;
                    long shown = scene.start + (long) (chance.at("shown").between(0.01, 1) * Rhythm.HOUR);
                    create(Math.min(shown, left - 1), STAGES.get(stage));
                }
                talk(visit, stage, entered, left, chance);
                if (left >= scene.end) {
                    return;
                }
                if (!chance.at("advances").chance(ADVANCES[stage])) {
                    // legal sends one in ten of what it does not pass back to be written anew
                    if (stage == 2 && chance.at("again").chance(0.1)) {
                        stage = 1;
                        change(visit, left, STAGES.get(stage), null);
                    } else {
                        String reason = List.of("price", "no decision", "competitor")
                                .get(chance.at("reason").below(3));
                        change(visit, left, "lost", reason);
                        return;
                    }
                } else if (stage == 2) {
                    change(visit, left, "won", null);
                    ask(left);
                    return;
                } else {
                    stage++;
                    change(visit, left, STAGES.get(stage), null);
                }
                entered = left;
            }
        }

        private void create(long at, String stage) {
            scene.deal(patch(
                    id + "-0",
                    at,
                    DealChange.CREATED,
                    stage,
                    dice.at("type").weighted(0.8, 0.15, 0.05),
                    BigDecimal.valueOf(amount),
                    day(created + 30 * Rhythm.DAY),
                    null,
                    Map.of("segment", segment, "source", channel)));
        }

        private void change(int visit, long at, String stage, @Nullable String reason) {
            scene.deal(patch(
                    id + "-" + (visit + 1), at, DealChange.STAGE_CHANGED, stage, -1, null, null, reason, Map.of()));
        }

        /** Meetings and replies of the first days in a stage, and what they change about the deal. */
        private void talk(int visit, int stage, long entered, long left, Dice chance) {
            long until = Math.min(left, entered + 5 * Rhythm.DAY);
            int talks = chance.at("talks").poisson(stage == 2 ? 0.6 : 1.1);
            for (int t = 0; t < talks; t++) {
                Dice talk = chance.at("talk").at(t);
                long at = entered + (long) (talk.at("when").uniform() * (until - entered));
                scene.engagement(
                        id + "-" + visit + "-" + t,
                        at,
                        person,
                        null,
                        Roster.account(account),
                        id,
                        List.of("meeting", "reply", "call").get(talk.at("kind").weighted(0.4, 0.4, 0.2)),
                        "sales",
                        null,
                        null,
                        Map.of());
            }
            if (known && stage == 1 && until > entered && chance.at("amends").chance(0.25)) {
                long newAmount = Math.round(amount * chance.at("by").between(0.8, 1.15) / 50) * 50;
                scene.deal(patch(
                        id + "-a" + visit,
                        entered + (until - entered) / 2,
                        DealChange.AMENDED,
                        null,
                        -1,
                        BigDecimal.valueOf(newAmount),
                        null,
                        null,
                        Map.of()));
            }
            if (known && stage == 2 && until > entered && chance.at("slips").chance(0.35)) {
                scene.deal(patch(
                        id + "-s" + visit,
                        entered + (until - entered) / 3,
                        DealChange.AMENDED,
                        null,
                        -1,
                        null,
                        day(entered + 40 * Rhythm.DAY),
                        null,
                        Map.of()));
            }
        }

        /** Two weeks after the signature most are asked how it went; half of those answer. */
        private void ask(long won) {
            Dice survey = dice.at("survey");
            if (!survey.at("asked").chance(0.7)) {
                return;
            }
            long asked = won + 14 * Rhythm.DAY;
            String a = Roster.account(account);
            scene.feedback("s" + id, asked, person, a, id, "onboarding", "invited", null);
            if (survey.at("answers").chance(0.5)) {
                double score =
                        survey.at("score").weighted(0.02, 0, 0.01, 0.02, 0.02, 0.06, 0.08, 0.16, 0.24, 0.21, 0.18);
                long at = asked + (long) (survey.at("when").between(0.02, 5) * Rhythm.DAY);
                scene.feedback("n" + id, at, person, a, id, "onboarding", "nps", score);
            }
        }

        private DealChange patch(
                String eventId,
                long at,
                String kind,
                @Nullable String stage,
                int type,
                @Nullable BigDecimal newAmount,
                @Nullable String expectedClose,
                @Nullable String lossReason,
                Map<String, String> properties) {
            boolean first = type >= 0;
            return new DealChange(
                    eventId,
                    Instant.ofEpochMilli(at),
                    id,
                    kind,
                    first ? Company.PIPELINE : null,
                    stage,
                    first ? List.of("new", "expansion", "renewal").get(type) : null,
                    newAmount,
                    null,
                    newAmount == null ? null : Roster.currency(account),
                    first ? owner : null,
                    first ? Roster.account(account) : null,
                    first ? List.of(person) : null,
                    expectedClose,
                    null,
                    lossReason,
                    null,
                    null,
                    null,
                    List.of(),
                    properties);
        }

        private String day(long millis) {
            return LocalDate.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC)
                    .toString();
        }
    }
}
