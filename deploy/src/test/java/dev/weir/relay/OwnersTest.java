package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.weir.alert.Alert;
import dev.weir.alert.Digest;
import dev.weir.io.AlertFeed;
import dev.weir.machine.Keys;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnersTest {
    private static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");

    private static final Map<String, Owners.Owner> KNOWN = Map.of(
            "ana", new Owners.Owner(true, "head"),
            "ben", new Owners.Owner(false, "ana"),
            "cem", new Owners.Owner(false, "ben"),
            "dan", new Owners.Owner(false, null),
            "eve", new Owners.Owner(false, "fay"),
            "fay", new Owners.Owner(false, "eve"),
            "gil", new Owners.Owner(false, "unknown"));

    @ParameterizedTest
    @CsvSource({"ana, ana", "ben, ana", "cem, ana", "dan, null", "eve, null", "gil, unknown", "stranger, stranger"})
    void whatIsForAnOwnerWhoHasLeftIsForWhoeverIsThereAbove(String owner, String receives) throws Exception {
        Owners owners = KNOWN::get;
        assertThat(String.valueOf(owners.present(owner))).isEqualTo(receives);
    }

    @Test
    void theDigestOfAnOwnerWhoHasLeftIsMailedToTheManager() throws Exception {
        GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        try {
            Receiver.Mail mail = new Receiver.Mail(
                    "127.0.0.1",
                    smtp.getSmtp().getPort(),
                    Receiver.Security.NONE,
                    null,
                    null,
                    "weir@acme.example",
                    List.of(Receiver.OWNER),
                    "all@acme.example");
            Receivers.Directory directory = new Receivers.Directory(
                    Map.of(), Map.of("ana", "ana@acme.example", "ben", "ben@acme.example", "dan", "dan@acme.example"));
            MailTeller teller =
                    new MailTeller(mail, directory, KNOWN::get, new Mailer(mail, new Hosts(Set.of("127.0.0.1"))));
            for (String owner : List.of("ana", "ben", "dan")) {
                teller.tell(new Teller.Message(digest(owner), new AlertFeed.Place("alert", 0, 1), null), NOW);
            }
            assertThat(smtp.getReceivedMessages())
                    .extracting(message -> message.getAllRecipients()[0].toString())
                    .containsExactly("ana@acme.example", "ana@acme.example", "all@acme.example");
            assertThat(smtp.getReceivedMessages())
                    .extracting(message -> message.getContent().toString().contains("Yours since ben has left."))
                    .containsExactly(false, true, false);
        } finally {
            smtp.stop();
        }
    }

    @Test
    @Tag("slow")
    void theWarehouseTellsItsReadersAndTheUserOfTheJobs() throws Exception {
        try (TestWarehouse warehouse = new TestWarehouse(
                "INSERT INTO weir.owner (owner_id, valid_from, valid_to, active, status, manager_id, into_id,"
                        + " revision) VALUES ('ben', '2026-01-01Z', '2026-02-01Z', true, 'live', 'zoe', NULL, 1),"
                        + " ('ben', '2026-02-01Z', NULL, false, 'live', 'cem', NULL, 1),"
                        + " ('cem', '2026-01-01Z', NULL, false, 'merged', 'zoe', 'ana', 1),"
                        + " ('ana', '2026-01-01Z', NULL, true, 'live', NULL, NULL, 1)")) {
            for (String user : TestWarehouse.USERS) {
                Owners owners = new Owners.OfWarehouse(warehouse.as(user));
                assertThat(owners.find("ben")).as(user).isEqualTo(new Owners.Owner(false, "cem"));
                assertThat(owners.present("ben")).as(user).isEqualTo("ana");
                assertThat(owners.find("nobody")).as(user).isNull();
            }
        }
    }

    private static Alert digest(String owner) {
        return new Alert(
                Keys.join("digest", owner),
                Digest.KIND,
                "info",
                Alert.FIRING,
                null,
                null,
                null,
                owner + "/2026-03-02",
                null,
                owner,
                "A deal stands still.",
                NOW,
                null,
                "{\"deals\":1,\"news\":1}",
                null,
                Alert.DIGEST,
                null,
                null,
                null,
                null,
                null,
                "",
                false);
    }
}
