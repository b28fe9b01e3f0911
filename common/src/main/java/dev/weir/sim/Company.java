package dev.weir.sim;

import dev.weir.alert.Signal;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A simulated company that sells software: visits to its site, trials, deals through qualified, proposal and legal to won or
 * lost, meetings, mails, surveys, owners, accounts and campaigns, with a weekly rhythm and noise.
 *
 * <p>Event number n of a seed is a pure function: the same seed, start and incidents give the same events on any machine, and
 * a longer company begins with the events of a shorter one. Until an incident starts, rates are level: the company was there
 * long before the first day shown, and deals open at that moment are told as what they are then. An incident changes what it
 * names and what follows from it, and nothing else.
 *
 * <p>An average day has about 700 visits of which 9 % lead to a trial, 45 % of them on mobile, and 33 new deals. Ninety days
 * are about 130,000 events and 3,000 deals; all of them are kept in memory.
 */
public final class Company {
    /** The one pipeline, with the stages qualified, proposal, legal, won and lost. */
    public static final String PIPELINE = "sales";

    /** The one funnel, with the steps visit, trial and qualified. */
    public static final String FUNNEL = "signup";

    /** A Monday, so that the first week is whole. */
    public static final Instant USUAL_START = Instant.parse("2026-01-05T00:00:00Z");

    /** Days before the first one shown, long enough for any deal of before to have ended. */
    private static final int DAYS_BEFORE = 100;

    /** Days after the last one shown, longer than anything said today looks ahead. */
    private static final int DAYS_AFTER = 7;

    /** Longest tale, so that everything fits in memory. */
    private static final int DAYS_LIMIT = 730;

    private final Instant start;
    private final int days;
    private final List<Happening> happenings;

    private Company(Instant start, int days, List<Happening> happenings) {
        this.start = start;
        this.days = days;
        this.happenings = happenings;
    }

    /**
     * The company of a seed.
     *
     * @param start a midnight in UTC
     * @param days 1 to 730
     */
    public static Company of(long seed, Instant start, int days, Set<Incident> incidents) {
        long first = start.toEpochMilli();
        if (Math.floorMod(first, Rhythm.DAY) != 0) {
            throw new IllegalArgumentException("start must be a midnight in UTC: " + start);
        }
        if (days < 1 || days > DAYS_LIMIT) {
            throw new IllegalArgumentException("days must be 1 to " + DAYS_LIMIT + ": " + days);
        }
        incidents.forEach(Company::check);
        Scene scene = new Scene(first, first + days * Rhythm.DAY, new Dice(seed).at("company"), Set.copyOf(incidents));
        long before = first - DAYS_BEFORE * Rhythm.DAY;
        Deals deals = new Deals(scene, before, (DAYS_BEFORE + days + DAYS_AFTER) * 24);
        Visitors visitors = new Visitors(scene, deals);
        Customers customers = new Customers(scene);
        Roster.introduce(scene);
        for (int number = -DAYS_BEFORE; number < days; number++) {
            long day = first + number * Rhythm.DAY;
            visitors.come(day, number);
            deals.find(day, number);
            customers.live(day, number);
        }
        scene.told.sort(Happening.ORDER);
        return new Company(start, days, List.copyOf(scene.told));
    }

    public Instant start() {
        return start;
    }

    /** The first instant after the last day. */
    public Instant end() {
        return start.plusMillis(days * Rhythm.DAY);
    }

    /** All events, by time and then by id. */
    public List<Happening> happenings() {
        return happenings;
    }

    public Stream<Happening> stream() {
        return happenings.stream();
    }

    /** An incident that nothing in the company could suffer would be looked for in vain. */
    private static void check(Incident incident) {
        Set<String> possible = new HashSet<>();
        for (String device : Visitors.DEVICES) {
            possible.add(Signal.CONVERSION_DROP + " " + FUNNEL + "/trial properties.device " + device);
        }
        for (String stage : Deals.STAGES) {
            for (String segment : Roster.SEGMENTS) {
                possible.add(Signal.BOTTLENECK + " " + PIPELINE + "/" + stage + " properties.segment " + segment);
            }
        }
        String wanted = String.join(" ", incident.kind(), incident.subject(), incident.breakdown(), incident.value());
        if (!possible.contains(wanted)) {
            throw new IllegalArgumentException("no such incident: " + wanted + "; possible are " + possible);
        }
    }
}
