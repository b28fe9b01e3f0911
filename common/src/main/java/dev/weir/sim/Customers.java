package dev.weir.sim;

import java.util.Map;

/** Those who bought: they read the newsletter and say how support was. */
final class Customers {
    private static final double MAILS_A_DAY = 130;
    private static final double ANSWERS_A_DAY = 22;

    private final Scene scene;

    Customers(Scene scene) {
        this.scene = scene;
    }

    /** The day that begins at {@code day}. */
    void live(long day, long number) {
        Dice mails = scene.dice.at("newsletter").at(number);
        int opened = mails.at("count").poisson(MAILS_A_DAY * Rhythm.weekday(day));
        for (int n = 0; n < opened; n++) {
            Dice mail = mails.at(n);
            int account = mail.at("account").below(Roster.ACCOUNTS);
            scene.engagement(
                    "l" + number + "." + n,
                    Rhythm.visit(day, mail.at("time")),
                    "c" + account + "-" + mail.at("contact").below(3),
                    null,
                    Roster.account(account),
                    null,
                    "email_open",
                    "email",
                    "newsletter",
                    "issue-" + Math.floorDiv(number, 7L),
                    Map.of());
        }
        Dice answers = scene.dice.at("support").at(number);
        int given = answers.at("count").poisson(ANSWERS_A_DAY * Rhythm.weekday(day));
        for (int n = 0; n < given; n++) {
            Dice answer = answers.at(n);
            scene.feedback(
                    "u" + number + "." + n,
                    Rhythm.working(day, answer.at("time")),
                    null,
                    Roster.account(answer.at("account").below(Roster.ACCOUNTS)),
                    null,
                    "support",
                    "csat",
                    1.0 + answer.at("score").weighted(0.03, 0.05, 0.1, 0.27, 0.55));
        }
    }
}
