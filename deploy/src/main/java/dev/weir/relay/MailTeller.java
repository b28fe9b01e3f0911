package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.playbook.Team;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Mails news of an alert; all mails of one alert are one conversation. */
record MailTeller(Receiver.Mail mail, Receivers.Directory directory, Owners owners, Mailer mailer) implements Teller {
    @Override
    public String tell(Message message, Instant now) throws NotDelivered {
        Alert alert = message.alert();
        StringBuilder body = new StringBuilder(Words.summary(alert)).append("\n\n");
        Words.facts(message).forEach(fact -> body.append(fact).append('\n'));
        String runbook = Words.runbook(alert);
        if (runbook != null) {
            body.append("What to do: ").append(runbook).append('\n');
        }
        String owner = mail.to().get(0).equals(Receiver.OWNER) ? owners.present(alert.ownerId()) : null;
        if (owner != null && !owner.equals(alert.ownerId())) {
            body.append("Yours since ")
                    .append(Harmless.line(String.valueOf(alert.ownerId()), 120))
                    .append(" has left.\n");
        }
        body.append("\nweir alerts show ")
                .append(Harmless.line(alert.alertId(), 64))
                .append('\n');
        mailer.send(new Mailer.Letter(
                to(alert, owner),
                Words.title(alert) + ": " + Harmless.line(alert.subject(), 120),
                body.toString(),
                null,
                // The same for the same words: a mail that comes twice is one to whoever reads it.
                message.key(),
                alert.alertId(),
                now));
        return "";
    }

    private List<String> to(Alert alert, @Nullable String owner) {
        String only = mail.to().get(0);
        if (only.equals(Receiver.TEAM_LEAD)) {
            Team team = alert.team() == null ? null : directory.teams().get(alert.team());
            return List.of(or(team == null ? null : team.lead()));
        } else if (only.equals(Receiver.OWNER)) {
            return List.of(or(owner == null ? null : directory.owners().get(owner)));
        }
        return mail.to();
    }

    private String or(@Nullable String address) {
        return address != null ? address : Objects.requireNonNull(mail.otherwise());
    }

    @Override
    public boolean hearsDetails() {
        return false;
    }
}
