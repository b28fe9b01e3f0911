package dev.weir.sim;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who is there from the first day: owners in teams, accounts in segments, campaigns in channels. */
final class Roster {
    static final List<String> SEGMENTS = List.of("smb", "mid", "enterprise");
    static final int OWNERS = 24;
    static final int ACCOUNTS = 900;

    private static final List<String> CHANNELS = List.of("organic", "paid", "email", "direct", "social", "referral");
    private static final List<String> FIRST_NAMES = List.of(
            "Ana", "Ben", "Carla", "Dmitri", "Elif", "Farid", "Grete", "Hugo", "Ines", "Jonas", "Kaja", "Luis", "Mei",
            "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sami", "Tove", "Uwe", "Vera", "Wim", "Yara");
    private static final List<String> TEAMS = List.of("north", "south", "east", "west");
    private static final Map<String, List<String>> CAMPAIGNS = Map.of(
            "paid", List.of("search-brand", "search-generic", "retargeting"),
            "email", List.of("newsletter", "nurture"),
            "social", List.of("launch", "stories"));

    private Roster() {}

    /** Of an account: 45 % smb, 25 % mid, 30 % enterprise. */
    static String segment(int account) {
        return SEGMENTS.get(account % 20 < 9 ? 0 : account % 20 < 14 ? 1 : 2);
    }

    /** A quarter of the accounts pays in euro. */
    static String currency(int account) {
        return account % 4 == 3 ? "EUR" : "USD";
    }

    static String account(int account) {
        return "a" + (1000 + account);
    }

    static String owner(int owner) {
        return "o" + (10 + owner);
    }

    static String channel(Dice dice) {
        return CHANNELS.get(dice.weighted(0.34, 0.24, 0.14, 0.12, 0.09, 0.07));
    }

    /** Null-free: channels without campaigns give an empty text. */
    static String campaign(String channel, Dice dice) {
        List<String> campaigns = CAMPAIGNS.getOrDefault(channel, List.of());
        return campaigns.isEmpty() ? "" : campaigns.get(dice.below(campaigns.size()));
    }

    /** The systems connect within the first minutes and say who is there. */
    static void introduce(Scene scene) {
        long at = scene.start;
        for (int o = 0; o < OWNERS; o++) {
            String team = TEAMS.get(o % TEAMS.size());
            scene.entity(
                    "owner-" + o,
                    at++,
                    "owner",
                    owner(o),
                    null,
                    Map.of("name", FIRST_NAMES.get(o), "team", team, "territory", team, "active", "true"));
        }
        for (int a = 0; a < ACCOUNTS; a++) {
            scene.entity(
                    "account-" + a,
                    at++,
                    "account",
                    account(a),
                    null,
                    Map.of("name", "Account " + (1000 + a), "segment", segment(a), "currency", currency(a)));
        }
        for (Map.Entry<String, List<String>> channel : new TreeMap<>(CAMPAIGNS).entrySet()) {
            for (String campaign : channel.getValue()) {
                scene.entity(
                        "campaign-" + campaign,
                        at++,
                        "campaign",
                        campaign,
                        null,
                        Map.of("name", campaign, "channel", channel.getKey()));
            }
        }
    }
}
