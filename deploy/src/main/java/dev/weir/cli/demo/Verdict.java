package dev.weir.cli.demo;

import dev.weir.alert.Signal;
import dev.weir.sim.Incident;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the alerts tell what went wrong in the company, all of it and nothing else.
 *
 * @param findings one for each thing that was looked for, or found without being looked for
 */
record Verdict(List<Finding> findings) {
    /** The kinds of alert that blame a step or a stage. */
    private static final Set<String> KINDS = Set.of(Signal.CONVERSION_DROP, Signal.BOTTLENECK);

    /**
     * One line of the verdict.
     *
     * @param expected what was planted; empty for an alert without anything behind it
     * @param found the alert, or what is there in its place
     */
    record Finding(boolean good, String expected, String found) {}

    boolean good() {
        return findings.stream().allMatch(Finding::good);
    }

    /**
     * Every incident must be told by its step or stage and its segment, after it began, and no other step or stage may be
     * blamed for converting or moving worse. How many arrive is no blame while something is wrong: a form that breaks lets
     * fewer deals begin, and an alert of that is right. When nothing is wrong no alert at all may stand.
     */
    static Verdict of(Set<Incident> planted, Collection<Said> alerts) {
        List<Said> told = alerts.stream().filter(alert -> !alert.isStall()).toList();
        List<Finding> findings = new ArrayList<>();
        for (Incident incident : planted) {
            findings.add(finding(incident, told));
        }
        Set<String> subjects = planted.stream().map(Verdict::subject).collect(Collectors.toSet());
        for (Said alert : told) {
            boolean blames = planted.isEmpty() || KINDS.contains(alert.kind());
            if (blames && !subjects.contains(alert.kind() + " " + alert.subject())) {
                findings.add(new Finding(false, "nothing", found(alert) + " (" + alert.status() + ")"));
            }
        }
        if (planted.isEmpty() && findings.isEmpty()) {
            findings.add(new Finding(true, "nothing", "no alert but of deals that stand still"));
        }
        return new Verdict(findings);
    }

    private static String subject(Incident incident) {
        return incident.kind() + " " + incident.subject();
    }

    private static Finding finding(Incident incident, List<Said> told) {
        String expected = incident.kind() + " " + incident.subject() + ", " + incident.breakdown() + "="
                + incident.value() + ", from " + incident.start();
        String instead = "no alert";
        for (Said alert : told) {
            if (!alert.kind().equals(incident.kind()) || !alert.subject().equals(incident.subject())) {
                continue;
            }
            String wrong = wrong(incident, alert);
            if (wrong == null) {
                return new Finding(true, expected, found(alert));
            }
            instead = found(alert) + ": " + wrong;
        }
        return new Finding(false, expected, instead);
    }

    private static @Nullable String wrong(Incident incident, Said alert) {
        Instant noticed = alert.firstNoticed();
        if (!alert.stands()) {
            return "it was taken back";
        } else if (!incident.breakdown().equals(alert.breakdown())
                || !incident.value().equals(alert.value())) {
            return "it names another segment";
        } else if (noticed == null || !noticed.isAfter(incident.start())) {
            return "it was noticed before the incident began";
        }
        return null;
    }

    private static String found(Said alert) {
        return alert.kind() + " " + alert.subject() + ", " + alert.breakdown() + "=" + alert.value() + ", noticed "
                + alert.firstNoticed();
    }
}
