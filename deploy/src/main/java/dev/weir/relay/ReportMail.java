package dev.weir.relay;

import dev.weir.machine.Hash;
import dev.weir.playbook.Team;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Mails reports: to the mail receivers of a file that take what is of kind {@value #KIND}, which are those that name it among
 * their {@code kinds}, and those that name no kinds. One that goes by severity, or to owners, takes none.
 */
public final class ReportMail {
    static final String KIND = "report";

    private static final int MOST_LINE = 600;

    private final Receivers receivers;

    public ReportMail(Receivers receivers) {
        this.receivers = receivers;
    }

    /**
     * A report.
     *
     * @param team whose it is
     * @param name of its file
     * @param lines its summary, plain text
     * @param html the whole of it
     * @param digest the same for the same report, which is then one letter however often it is sent
     */
    public record Report(String team, String name, String title, List<String> lines, String html, String digest) {}

    /**
     * What became of it at one receiver.
     *
     * @param fault why it was not taken, without any secret; null when it was
     */
    public record Sent(
            String receiver, List<String> to, @Nullable String fault) {}

    /** Whether anybody is mailed the reports of a team. */
    public boolean isWanted(String team) {
        return receivers.all().stream().anyMatch(receiver -> takes(receiver, team));
    }

    private static boolean takes(Receiver receiver, String team) {
        Receiver.Filter filter = receiver.filter();
        return receiver.means() instanceof Receiver.Mail mail
                && !mail.to().get(0).equals(Receiver.OWNER)
                && filter.severities().isEmpty()
                && (filter.kinds().isEmpty() || filter.kinds().contains(KIND))
                && (filter.teams().isEmpty() || filter.teams().contains(team));
    }

    /** Sends it to each, one after the other; who does not take it holds up no other. */
    public List<Sent> send(Report report, Instant now) {
        List<Sent> sent = new ArrayList<>();
        for (Receiver receiver : receivers.all()) {
            if (takes(receiver, report.team())) {
                Receiver.Mail mail = (Receiver.Mail) receiver.means();
                List<String> to = to(mail, report.team());
                sent.add(new Sent(
                        receiver.name(), to, fault(new Mailer(mail, receivers.hosts()), letter(report, to, now))));
            }
        }
        return sent;
    }

    private static @Nullable String fault(Mailer mailer, Mailer.Letter letter) {
        try {
            mailer.send(letter);
            return null;
        } catch (NotDelivered failure) {
            return failure.getMessage();
        }
    }

    private List<String> to(Receiver.Mail mail, String team) {
        if (!mail.to().get(0).equals(Receiver.TEAM_LEAD)) {
            return mail.to();
        }
        Team known = receivers.directory().teams().get(team);
        String lead = known == null ? null : known.lead();
        return List.of(lead != null ? lead : Objects.requireNonNull(mail.otherwise()));
    }

    static Mailer.Letter letter(Report report, List<String> to, Instant now) {
        return new Mailer.Letter(
                to,
                report.title(),
                report.lines().stream()
                        .map(line -> Harmless.line(line, MOST_LINE))
                        .collect(Collectors.joining("\n", "", "\n")),
                new Mailer.Attachment(report.name() + ".html", report.html()),
                Hash.of(report.name(), report.digest()),
                // A report that is made anew after a late fact belongs to the one that it replaces.
                Hash.of(report.name()),
                now);
    }
}
