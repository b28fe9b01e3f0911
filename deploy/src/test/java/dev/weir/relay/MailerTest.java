package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.BodyPart;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Letters to a real SMTP server, in the clear and by STARTTLS. */
@Tag("slow")
class MailerTest {
    private static final Instant NOW = Instant.parse("2026-04-06T06:00:00Z");
    private static final String PASSWORD = "changeit";
    private static final GreenMail SERVER = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @TempDir
    private static Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init") // the first method sets it
    private static SSLContext tls;

    @BeforeAll
    static void start() throws Exception {
        SERVER.start();
        SERVER.setUser("weir@acme.example", "weir", "hunter2");
        Files.writeString(folder.resolve("secret"), "hunter2\n");
        tls = certified("127.0.0.1");
    }

    @AfterAll
    static void stop() {
        SERVER.stop();
    }

    @BeforeEach
    void empty() throws Exception {
        SERVER.purgeEmailFromAllMailboxes();
    }

    @Test
    void withStartTlsNothingButTheGreetingIsSaidInTheClear() throws Exception {
        try (StartTlsServer server = new StartTlsServer(tls, SERVER.getSmtp().getPort(), true)) {
            mailer(server.port(), Receiver.Security.STARTTLS, tls.getSocketFactory())
                    .send(letter(null));
            assertThat(SERVER.waitForIncomingEmail(5_000, 1)).isTrue();
            assertThat(server.inTheClear()).hasSize(2).element(0).asString().startsWith("EHLO");
            assertThat(server.inTheClear()).element(1).isEqualTo("STARTTLS");
        }
        assertThat(SERVER.getReceivedMessages()[0].getSubject()).isEqualTo("Weekly review");
    }

    @Test
    void aServerThatCannotProveWhoItIsOrDoesNotEncryptIsGivenNothing() throws Exception {
        try (StartTlsServer server = new StartTlsServer(tls, SERVER.getSmtp().getPort(), true)) {
            assertThatThrownBy(() -> mailer(server.port(), Receiver.Security.STARTTLS, null)
                            .send(letter(null)))
                    .as("nobody vouches for its certificate")
                    .isInstanceOf(NotDelivered.class)
                    .hasMessageContaining("TLS");
        }
        SSLContext another = certified("127.0.0.2");
        try (StartTlsServer server =
                new StartTlsServer(another, SERVER.getSmtp().getPort(), true)) {
            assertThatThrownBy(() -> mailer(server.port(), Receiver.Security.STARTTLS, another.getSocketFactory())
                            .send(letter(null)))
                    .as("its certificate is of another")
                    .isInstanceOf(NotDelivered.class)
                    .hasMessageContaining("TLS");
        }
        try (StartTlsServer server = new StartTlsServer(tls, SERVER.getSmtp().getPort(), false)) {
            assertThatThrownBy(() -> mailer(server.port(), Receiver.Security.STARTTLS, tls.getSocketFactory())
                            .send(letter(null)))
                    .isInstanceOf(NotDelivered.class)
                    .hasMessageContaining("STARTTLS is required but host does not support STARTTLS");
            assertThat(server.inTheClear()).noneMatch(line -> line.startsWith("AUTH") || line.startsWith("MAIL"));
        }
        assertThat(SERVER.getReceivedMessages()).isEmpty();
    }

    @Test
    void aReportIsTextWithItsPageAttachedAndNothingInItMakesAnotherHeader() throws Exception {
        String html = "<!doctype html><p>é " + "x".repeat(5_000) + "</p>\n.\n";
        ReportMail.Report report = new ReportMail.Report(
                "sales",
                "weekly-2026-W14-säles\r\nBcc: eve@evil.example",
                "Weekly review, sales\r\nBcc: eve@evil.example",
                List.of("One alert\nstands", ".", "\u202eevil \u001b[31m"),
                html,
                "digest");
        mailer(SERVER.getSmtp().getPort(), Receiver.Security.NONE, null)
                .send(ReportMail.letter(report, List.of("ana@acme.example"), NOW));
        MimeMessage message = SERVER.getReceivedMessages()[0];
        assertThat(message.getAllRecipients()).extracting(Object::toString).containsExactly("ana@acme.example");
        assertThat(message.getHeader("Bcc")).isNull();
        assertThat(message.getSubject()).isEqualTo("Weekly review, sales  Bcc: eve@evil.example");
        Multipart parts = (Multipart) message.getContent();
        assertThat(parts.getCount()).isEqualTo(2);
        BodyPart body = parts.getBodyPart(0);
        assertThat(body.getContentType()).startsWith("text/plain");
        assertThat(body.getContent().toString().lines()).containsExactly("One alert stands", ".", "evil  [31m");
        BodyPart page = parts.getBodyPart(1);
        assertThat(page.getContentType()).startsWith("text/html");
        assertThat(page.getDisposition()).isEqualTo(Part.ATTACHMENT);
        assertThat(page.getFileName()).isEqualTo("weekly-2026-W14-säles  Bcc: eve@evil.example.html");
        assertThat(page.getContent().toString().replace("\r\n", "\n")).isEqualTo(html);

        // The same report is the same letter; one that replaces it is another of the same conversation.
        Mailer.Letter again = ReportMail.letter(report, List.of("ana@acme.example"), NOW.plusSeconds(60));
        assertThat(message.getMessageID()).isEqualTo("<" + again.id() + "@acme.example>");
        ReportMail.Report corrected = new ReportMail.Report(
                report.team(), report.name(), report.title(), report.lines(), report.html(), "another");
        Mailer.Letter later = ReportMail.letter(corrected, List.of("ana@acme.example"), NOW);
        assertThat(later.id()).isNotEqualTo(again.id());
        assertThat(later.conversation()).isEqualTo(again.conversation());
    }

    @Test
    void reportsGoToWhoAsksForThem() throws IOException {
        Path file = folder.resolve("receivers.yaml");
        Files.writeString(folder.resolve("playbook.yaml"), """
                playbook: acme
                timezone: UTC
                teams: {sales: {lead: ana@acme.example}, growth: {channel: "#growth"}}
                pipelines: [{name: p, stages: [{name: a}, {name: won, outcome: won}]}]
                """);
        String server = "host: 127.0.0.1, port: %d, security: none, from: weir@acme.example"
                .formatted(SERVER.getSmtp().getPort());
        Files.writeString(file, """
                playbook: playbook.yaml
                private_hosts: [127.0.0.1]
                receivers:
                  - {name: leads, kinds: [report], mail: {%1$s, to: team lead, otherwise: all@acme.example}}
                  - {name: sales, teams: [sales], mail: {%1$s, to: [bo@acme.example, cy@acme.example]}}
                  - {name: gone, kinds: [report], teams: [sales], mail: {host: 127.0.0.1, port: 1, security: none, from: w@acme.example, to: x@acme.example}}
                  - {name: digests, kinds: [digest], mail: {%1$s, to: dee@acme.example}}
                  - {name: urgent, severities: [critical], mail: {%1$s, to: eli@acme.example}}
                  - {name: owners, mail: {%1$s, to: owner, otherwise: all@acme.example}}
                  - {name: hook, webhook: {url: 'http://127.0.0.1:1/', secret: 'env:NONE'}}
                """.formatted(server));
        ReportMail mail = new ReportMail(Receivers.read(file));
        List<ReportMail.Sent> sent = mail.send(report("sales"), NOW);
        assertThat(sent).extracting(ReportMail.Sent::receiver).containsExactly("leads", "sales", "gone");
        assertThat(sent.get(0).to()).containsExactly("ana@acme.example");
        assertThat(sent.get(0).fault()).isNull();
        assertThat(sent.get(1).fault()).isNull();
        assertThat(sent.get(2).fault()).as("who is away holds up no other").startsWith("127.0.0.1: ");
        assertThat(SERVER.getReceivedMessages()).as("one for each address").hasSize(3);
        assertThat(mail.send(report("growth"), NOW))
                .as("a team without a lead")
                .extracting(ReportMail.Sent::to)
                .containsExactly(List.of("all@acme.example"));
        assertThat(new ReportMail(Receivers.NONE).isWanted("sales")).isFalse();
    }

    private static ReportMail.Report report(String team) {
        return new ReportMail.Report(team, "weekly-" + team, "Weekly review", List.of("quiet"), "<p>quiet</p>", "d");
    }

    private static Mailer.Letter letter(Mailer.@Nullable Attachment attachment) {
        return new Mailer.Letter(
                List.of("ana@acme.example"), "Weekly review", "quiet\n", attachment, "id", "conversation", NOW);
    }

    private static Mailer mailer(int port, Receiver.Security security, @Nullable SSLSocketFactory trusting) {
        boolean known = security == Receiver.Security.STARTTLS;
        return new Mailer(
                new Receiver.Mail(
                        "127.0.0.1",
                        port,
                        security,
                        known ? "weir" : null,
                        known ? new Secret("file:" + folder.resolve("secret")) : null,
                        "weir@acme.example",
                        List.of("ana@acme.example"),
                        null),
                new Hosts(Set.of("127.0.0.1")),
                trusting);
    }

    /** A server of this address, and one who trusts it. */
    private static SSLContext certified(String address) throws Exception {
        Path file = folder.resolve(address + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=server",
                        "-ext",
                        "san=ip:" + address,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", Objects.requireNonNull(keys.getCertificate("server")));
        KeyManagerFactory mine = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        mine.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory theirs = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        theirs.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(mine.getKeyManagers(), theirs.getTrustManagers(), null);
        return context;
    }
}
