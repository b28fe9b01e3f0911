package dev.weir.sim;

import dev.weir.alert.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Something that goes wrong in the company from an instant on, told in the words in which an alert must name it.
 *
 * @param kind as in {@link Signal#kind()}: {@link Signal#CONVERSION_DROP} or {@link Signal#BOTTLENECK}
 * @param subject as in {@link Signal#subject()}: the step or stage that suffers
 * @param breakdown field by whose value the suffering part is told from the rest
 * @param value of that field in the suffering part
 * @param start when it begins
 * @param factor what remains of the conversion rate, or of the speed of the stage, in (0, 1)
 * @param story one sentence for people
 */
public record Incident(
        String kind, String subject, String breakdown, String value, Instant start, double factor, String story) {

    public Incident {
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException("factor must lie between 0 and 1: " + factor);
        }
    }

    /** A release breaks the trial form on mobile: only 35 % of those who would have sent it still do. */
    public static Incident brokenMobileForm(Instant start) {
        return new Incident(
                Signal.CONVERSION_DROP,
                Company.FUNNEL + "/trial",
                "properties.device",
                "mobile",
                start,
                0.35,
                "a release breaks the trial form on mobile");
    }

    /** The legal review of enterprise deals loses most of its people and goes on at 38 % of its speed. */
    public static Incident slowLegalReview(Instant start) {
        return new Incident(
                Signal.BOTTLENECK,
                Company.PIPELINE + "/legal",
                "properties.segment",
                "enterprise",
                start,
                0.38,
                "legal review slows down for enterprise deals");
    }

    /** Both incidents where the demo has them, on days 45 and 56, after weeks in which a detector can learn what is usual. */
    public static Set<Incident> planted(Instant companyStart) {
        Set<Incident> incidents = new LinkedHashSet<>();
        incidents.add(brokenMobileForm(companyStart.plus(Duration.ofDays(45))));
        incidents.add(slowLegalReview(companyStart.plus(Duration.ofDays(56))));
        return incidents;
    }

    boolean hits(String whichKind, String whichSubject, String whichBreakdown, String whichValue) {
        return kind.equals(whichKind)
                && subject.equals(whichSubject)
                && breakdown.equals(whichBreakdown)
                && value.equals(whichValue);
    }
}
