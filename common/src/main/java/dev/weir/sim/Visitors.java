package dev.weir.sim;

import dev.weir.alert.Signal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * People who come to the site: they look around, some ask for a trial, some of those become deals within a day. A visitor
 * comes back on the same weekday one to three weeks later, so that each visit is an attempt of its own.
 */
final class Visitors {
    /** New visitors on an average day; with those who come back about 700 visits. */
    private static final double A_DAY = 560;

    private static final double COMES_BACK = 0.25;
    private static final double QUALIFIES = 0.30;
    static final List<String> DEVICES = List.of("mobile", "desktop", "tablet");
    private static final double[] TRIAL_RATE = {0.085, 0.097, 0.09};
    private static final List<String> PAGES =
            List.of("/", "/pricing", "/product", "/blog/forecast", "/blog/pipeline", "/customers");

    private final Scene scene;
    private final Deals deals;

    Visitors(Scene scene, Deals deals) {
        this.scene = scene;
        this.deals = deals;
    }

    /** Everybody who comes first on the day that begins at {@code day}, the {@code number}-th since the scene's start. */
    void come(long day, long number) {
        Dice dice = scene.dice.at("visitors").at(number);
        double noise = StrictMath.exp(0.06 * dice.at("noise").normal());
        int visitors = dice.at("count").poisson(A_DAY * Rhythm.weekday(day) * noise);
        for (int n = 0; n < visitors; n++) {
            new Visitor(number + "." + n, dice.at(n)).live(day);
        }
    }

    /** One person with one browser. */
    private final class Visitor {
        private final String id;
        private final Dice dice;
        private final String channel;
        private final @Nullable String campaign;
        private final int device;
        private final Map<String, String> properties;
        private final String person;
        private final @Nullable String anonymous;

        Visitor(String id, Dice dice) {
            this.id = id;
            this.dice = dice;
            this.channel = Roster.channel(dice.at("channel"));
            String named = Roster.campaign(channel, dice.at("campaign"));
            this.campaign = named.isEmpty() ? null : named;
            this.device = dice.at("device").weighted(0.45, 0.47, 0.08);
            this.properties = Map.of("device", DEVICES.get(device));
            this.person = "p" + id;
            // who follows a link in a mail is known; the others are a browser until they say who they are
            this.anonymous = channel.equals("email") ? null : "b" + id;
        }

        void live(long firstDay) {
            long day = firstDay;
            for (int visit = 0; visit < 4; visit++) {
                Dice chance = dice.at("visit").at(visit);
                long last = look(Rhythm.visit(day, chance.at("time")), visit, chance);
                boolean wants = chance.at("trial").chance(TRIAL_RATE[device]);
                if (wants && ask(last, visit, chance)) {
                    return;
                }
                if (!chance.at("again").chance(COMES_BACK)) {
                    return;
                }
                day += 7 * Rhythm.DAY * (1 + chance.at("weeks").below(3));
            }
        }

        /** One to five pages; the instant of the last. */
        private long look(long arrival, int visit, Dice chance) {
            long at = arrival;
            for (int page = 0; ; page++) {
                Dice view = chance.at("page").at(page);
                String asset = PAGES.get(view.at("asset").weighted(0.34, 0.2, 0.18, 0.12, 0.1, 0.06));
                say("v" + id + "-" + visit + "-" + page, at, anonymous == null ? person : null, "page_view", asset);
                if (page == 4 || view.at("more").chance(0.72)) {
                    return at;
                }
                at += (long) (1000 * view.at("pause").between(8, 150));
            }
        }

        /** Sends the trial form, in the same session or within two days; false if the form does not work. */
        private boolean ask(long lastPage, int visit, Dice chance) {
            long at = lastPage
                    + (chance.at("soon").chance(0.85)
                            ? (long) (1000 * chance.at("form").between(40, 400))
                            : (long) (Rhythm.DAY * chance.at("form").between(0.1, 2)));
            double works = scene.left(
                    Signal.CONVERSION_DROP, Company.FUNNEL + "/trial", "properties.device", DEVICES.get(device), at);
            if (!chance.at("works").chance(works)) {
                say("f" + id + "-" + visit, at, anonymous == null ? person : null, "form_error", "/trial");
                return false;
            }
            say("t" + id, at, person, "form_submit", "/trial");
            if (anonymous != null) {
                say("i" + id, at + 1, person, "identify", null);
            }
            int account = dice.at("account").below(Roster.ACCOUNTS);
            scene.entity(
                    "p" + id,
                    at + 2,
                    "person",
                    person,
                    Roster.account(account),
                    Map.of("source", channel, "segment", Roster.segment(account)));
            welcome(at, account);
            if (dice.at("qualifies").chance(QUALIFIES)) {
                long lag =
                        (long) (Rhythm.HOUR * Math.min(20, 0.2 + dice.at("lag").exponential(5)));
                deals.open("d" + id, at + lag, account, person, channel, dice.at("deal"));
            }
            return true;
        }

        /** Mails of the first days, some of which are opened. */
        private void welcome(long at, int account) {
            for (int mail = 0; mail < 5; mail++) {
                Dice opens = dice.at("mail").at(mail);
                if (opens.at("opens").chance(0.45)) {
                    scene.engagement(
                            "m" + id + "-" + mail,
                            at + (long) (Rhythm.DAY * (mail + opens.at("when").between(0.1, 1))),
                            person,
                            null,
                            Roster.account(account),
                            null,
                            "email_open",
                            "email",
                            "onboarding",
                            "mail-" + (mail + 1),
                            Map.of());
                }
            }
        }

        private void say(String eventId, long at, @Nullable String who, String kind, @Nullable String asset) {
            scene.engagement(eventId, at, who, anonymous, null, null, kind, channel, campaign, asset, properties);
        }
    }
}
