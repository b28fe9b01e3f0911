package dev.weir.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.console.Figures;
import dev.weir.console.Series;
import dev.weir.playbook.Change;
import dev.weir.playbook.Playbook;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a report says, in some lines of plain text: the body of its letter. */
final class ReportText {
    /** Lines under one heading, at most; the others are counted. */
    private static final int SHOWN = 8;

    private static final int TEXT = 300;

    private final Template template;
    private final Playbook playbook;
    private final Receipt receipt;
    private final LocalDate monday;
    private final List<String> lines = new ArrayList<>();

    private ReportText(Template template, Playbook playbook, Receipt receipt, LocalDate monday) {
        this.template = template;
        this.playbook = playbook;
        this.receipt = receipt;
        this.monday = monday;
    }

    /** The lines, each of which may hold what anybody wrote. */
    static List<String> of(Template template, Playbook playbook, Receipt receipt, LocalDate monday, String title) {
        ReportText text = new ReportText(template, playbook, receipt, monday);
        text.write(title);
        return List.copyOf(text.lines);
    }

    private void write(String title) {
        lines.add(title);
        lines.add(monday + " to " + monday.plusDays(6) + ", days in "
                + playbook.zone().getId() + ".");
        Receipt.Replaced replaced = receipt.replaces();
        if (replaced != null) {
            lines.add("In place of an earlier one: " + Figures.count(replaced.count()) + " values moved since.");
        }
        List<ObjectNode> standing = receipt.inputs().getOrDefault("alerts", List.of()).stream()
                .filter(alert -> alert.path("stood_at_the_end").asBoolean())
                .toList();
        list("Alerts that stood at the end of the week", standing, alert -> Rows.text(alert, "summary"));
        list("Outside of what is usual in the week", ReportPage.unusual(receipt, monday), ReportText::seen);
        list("Changes due for review (not randomised)", Questions.due(playbook, monday), this::judged);
        lines.add("");
        lines.add("Open deals that stood still for longer than their stage allows: " + deals("stuck"));
        lines.add("Open deals past the day on which they were to close: " + deals("overdue"));
        lines.add("");
        lines.add("The whole report is attached. Digest " + ReportPage.shortened(receipt.digest()) + ".");
    }

    private <T> void list(String heading, List<T> items, Function<T, String> words) {
        lines.add("");
        lines.add(heading + ": " + (items.isEmpty() ? "none" : Figures.count(items.size())));
        items.stream().limit(SHOWN).forEach(item -> lines.add("- " + Figures.cut(words.apply(item), TEXT)));
        if (items.size() > SHOWN) {
            lines.add("- and " + Figures.count(items.size() - SHOWN) + " more, in the report");
        }
    }

    private static String seen(ObjectNode point) {
        Series series = ReportPage.series(point);
        String segment = Series.segment(series.breakdown(), series.value());
        String caution = Figures.caution(Rows.text(point, "evidence"));
        return series.words() + (segment.isEmpty() ? "" : ", " + segment) + ": "
                + series.unit().write(series.read(Rows.number(point, "observed"))) + ", usual "
                + ReportPage.usual(series, point) + (caution.isEmpty() ? "" : " (" + caution + ")");
    }

    private String judged(Change change) {
        List<String> verdicts = new ArrayList<>();
        for (Template.Review review : template.reviews()) {
            if (review.change().equals(change.what())) {
                verdicts.add(ReportPage.verdict(review, change, monday, receipt));
            }
        }
        return change.what() + " (since " + change.date() + "): "
                + (verdicts.isEmpty() ? "the template names no series to judge it by" : String.join("; ", verdicts));
    }

    private String deals(String input) {
        List<ObjectNode> deals = receipt.inputs().getOrDefault(input, List.of());
        return deals.isEmpty()
                ? "none"
                : Figures.count(deals.size()) + ", worth " + ReportPage.worth(deals) + " "
                        + playbook.reportingCurrency();
    }
}
