package dev.weir.relay;

import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Hands letters to an SMTP server. Their body is text only: nothing in it can be active. */
final class Mailer {
    private static final String CONNECT_MILLIS = "5000";
    private static final String SILENCE_MILLIS = "10000";

    private final Receiver.Mail mail;
    private final Session session;

    /**
     * A mail.
     *
     * @param id unique; the same id is the same letter
     * @param attachment null for none
     * @param conversation that it belongs to
     */
    record Letter(
            List<String> to,
            String subject,
            String body,
            @Nullable Attachment attachment,
            String id,
            String conversation,
            Instant at) {}

    /** An HTML document beside the body. */
    record Attachment(String name, String html) {}

    Mailer(Receiver.Mail mail, Hosts hosts) {
        this(mail, hosts, null);
    }

    /**
     * @param trusting what makes TLS of a socket; null: as this Java's trust store has it
     */
    Mailer(Receiver.Mail mail, Hosts hosts, @Nullable SSLSocketFactory trusting) {
        this.mail = mail;
        Properties properties = new Properties();
        properties.setProperty("mail.transport.protocol", "smtp");
        properties.setProperty("mail.smtp.host", mail.host());
        properties.setProperty("mail.smtp.port", Integer.toString(mail.port()));
        properties.setProperty("mail.smtp.connectiontimeout", CONNECT_MILLIS);
        properties.setProperty("mail.smtp.timeout", SILENCE_MILLIS);
        properties.setProperty("mail.smtp.writetimeout", SILENCE_MILLIS);
        properties.setProperty("mail.smtp.auth", Boolean.toString(mail.user() != null));
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(mail.security() == Receiver.Security.TLS));
        boolean startTls = mail.security() == Receiver.Security.STARTTLS;
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(startTls));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(startTls));
        properties.setProperty("mail.smtp.socketFactory.fallback", "false");
        properties.put("mail.smtp.socketFactory", new Allowed(mail.host(), hosts));
        if (trusting != null) {
            properties.put("mail.smtp.ssl.socketFactory", trusting);
        }
        this.session = Session.getInstance(properties);
    }

    /** Sockets that connect to what is allowed only: what a name resolved to is checked where it is connected to. */
    private static final class Allowed extends SocketFactory {
        private final String host;
        private final Hosts hosts;

        Allowed(String host, Hosts hosts) {
            this.host = host;
            this.hosts = hosts;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress to, int timeout) throws IOException {
                    if (to instanceof InetSocketAddress address && address.getAddress() != null) {
                        hosts.check(host, address.getAddress());
                    }
                    super.connect(to, timeout);
                }
            };
        }

        @Override
        public Socket createSocket(String to, int port) throws IOException {
            return connected(new InetSocketAddress(to, port));
        }

        @Override
        public Socket createSocket(String to, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(to, port));
        }

        @Override
        public Socket createSocket(InetAddress to, int port) throws IOException {
            return connected(new InetSocketAddress(to, port));
        }

        @Override
        public Socket createSocket(InetAddress to, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(to, port));
        }

        private Socket connected(InetSocketAddress to) throws IOException {
            Socket socket = createSocket();
            socket.connect(to, Integer.parseInt(CONNECT_MILLIS));
            return socket;
        }
    }

    /** Whether a text is one address, {@code ana@acme.example}, and nothing else. */
    static boolean isAddress(String text) {
        try {
            InternetAddress address = new InternetAddress(text, true);
            return address.getAddress().equals(text) && text.indexOf('@') > 0;
        } catch (AddressException e) {
            return false;
        }
    }

    void send(Letter letter) throws NotDelivered {
        try {
            MimeMessage message = message(letter);
            try (Transport transport = session.getTransport()) {
                if (mail.user() == null) {
                    transport.connect();
                } else {
                    transport.connect(
                            mail.user(),
                            mail.password() == null ? "" : mail.password().read());
                }
                transport.sendMessage(message, message.getAllRecipients());
            }
        } catch (MessagingException failure) {
            throw new NotDelivered(
                    mail.host() + ": " + Harmless.line(String.valueOf(failure.getMessage()), 200), failure);
        }
    }

    private MimeMessage message(Letter letter) throws MessagingException {
        String domain = mail.from().substring(mail.from().indexOf('@') + 1);
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + letter.id() + "@" + domain + ">");
            }
        };
        message.setFrom(new InternetAddress(mail.from(), true));
        Address[] to = new Address[letter.to().size()];
        for (int i = 0; i < to.length; i++) {
            to[i] = new InternetAddress(letter.to().get(i), true);
        }
        message.setRecipients(RecipientType.TO, to);
        message.setSubject(Harmless.line(letter.subject(), 200), "UTF-8");
        message.setSentDate(Date.from(letter.at()));
        message.setHeader("Auto-Submitted", "auto-generated");
        // All mails of an alert refer to one that need not exist: so they are one conversation to every mail program.
        message.setHeader("References", "<" + Harmless.line(letter.conversation(), 64) + "@" + domain + ">");
        Attachment attachment = letter.attachment();
        if (attachment == null) {
            message.setText(letter.body(), "UTF-8");
        } else {
            MimeBodyPart body = new MimeBodyPart();
            body.setText(letter.body(), "UTF-8");
            MimeBodyPart beside = new MimeBodyPart();
            beside.setText(attachment.html(), "UTF-8", "html");
            beside.setDisposition(Part.ATTACHMENT);
            beside.setFileName(Harmless.line(attachment.name(), 200));
            message.setContent(new MimeMultipart(body, beside));
        }
        message.saveChanges();
        return message;
    }
}
