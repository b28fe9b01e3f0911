package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.alert.Digest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An alert in the words that people read, each a harmless line. */
final class Words {
    private static final int MOST_SUMMARY = 2_000;
    private static final int MOST_NAME = 120;
    private static final int MOST_LINK = 1_000;

    private Words() {}

    /** What becomes of it, how urgent, for whom: {@code Firing: conversion drop, critical (growth)}. */
    static String title(Alert alert) {
        String kind = Harmless.line(alert.kind().replace('_', ' '), MOST_NAME);
        String team = alert.team() == null ? "" : " (" + Harmless.line(alert.team(), MOST_NAME) + ")";
        return alert.kind().equals(Digest.KIND)
                ? (Change.isTakenBack(alert) ? "Taken back: digest" : "Digest") + team
                : status(alert) + ": " + kind + ", " + Harmless.line(alert.severity(), MOST_NAME) + team;
    }

    static String status(Alert alert) {
        if (Change.isTakenBack(alert)) {
            return "Taken back";
        }
        return switch (alert.status()) {
            case Alert.FIRING -> "Firing";
            case Alert.ACKNOWLEDGED -> "Acknowledged";
            case Alert.RESOLVED -> "Resolved";
            default -> Harmless.line(alert.status(), MOST_NAME);
        };
    }

    static String summary(Alert alert) {
        return Harmless.line(alert.summary(), MOST_SUMMARY);
    }

    /** What else is known, a line each. */
    static List<String> facts(Teller.Message message) {
        Alert alert = message.alert();
        List<String> facts = new ArrayList<>();
        facts.add("Since " + alert.startedAt() + (alert.endedAt() == null ? "" : ", until " + alert.endedAt()));
        if (alert.cause() != null) {
            facts.add("Likely cause: " + Harmless.line(alert.cause(), MOST_NAME));
        }
        if (alert.confidence() != null) {
            facts.add(String.format(Locale.ROOT, "Confidence: %.1f %%", 100 * alert.confidence()));
        }
        if (alert.ownerId() != null) {
            facts.add("Owner: " + Harmless.line(alert.ownerId(), MOST_NAME));
        }
        if (alert.acknowledgedBy() != null) {
            facts.add("Taken on by " + Harmless.line(alert.acknowledgedBy(), MOST_NAME));
        }
        if (!message.longest().isEmpty()) {
            facts.add("Waiting longest: "
                    + message.longest().stream().map(Words::waiting).collect(Collectors.joining("; ")));
        }
        return facts;
    }

    private static String waiting(Longest.Deal deal) {
        return Harmless.line(deal.id(), MOST_NAME)
                + (deal.ownerId() == null ? "" : " of " + Harmless.line(deal.ownerId(), MOST_NAME)) + ", "
                + deal.days() + " days";
    }

    /** The link to the runbook; null when there is none, or it is no address of the web. */
    static @Nullable String runbook(Alert alert) {
        String runbook = alert.runbook();
        if (runbook == null || runbook.length() > MOST_LINK) {
            return null;
        }
        try {
            URI link = new URI(runbook);
            boolean web = "https".equals(link.getScheme()) || "http".equals(link.getScheme());
            return web && link.getHost() != null ? link.toASCIIString() : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
