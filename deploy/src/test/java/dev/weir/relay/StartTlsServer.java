package dev.weir.relay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Speaks SMTP up to STARTTLS, which GreenMail does not know, and hands what then comes over TLS to a server behind it. */
final class StartTlsServer implements AutoCloseable {
    private final ServerSocket server;
    private final SSLContext tls;
    private final int behind;
    private final boolean isOffered;
    private final List<String> inTheClear = new CopyOnWriteArrayList<>();

    StartTlsServer(SSLContext tls, int behind, boolean isOffered) throws IOException {
        this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        this.tls = tls;
        this.behind = behind;
        this.isOffered = isOffered;
        start(this::serve);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What was said to it before anything was encrypted. */
    List<String> inTheClear() {
        return List.copyOf(inTheClear);
    }

    private void serve() throws IOException {
        while (!server.isClosed()) {
            Socket client = server.accept();
            start(() -> speak(client));
        }
    }

    private void speak(Socket client) throws IOException {
        try (client) {
            OutputStream out = client.getOutputStream();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            say(out, "220 here");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                inTheClear.add(line);
                if (line.startsWith("EHLO")) {
                    say(out, isOffered ? "250-here\r\n250 STARTTLS" : "250 here");
                } else if (line.equals("STARTTLS") && isOffered) {
                    say(out, "220 go on");
                    SSLSocket secure =
                            (SSLSocket) tls.getSocketFactory().createSocket(client, null, client.getPort(), true);
                    secure.setUseClientMode(false);
                    join(secure);
                    return;
                } else {
                    say(out, line.equals("QUIT") ? "221 bye" : "502 not before TLS");
                }
            }
        }
    }

    private void join(SSLSocket secure) throws IOException {
        try (Socket there = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            InputStream answers = there.getInputStream();
            while (answers.read() != '\n') {} // its greeting: the client had ours
            start(() -> answers.transferTo(secure.getOutputStream()));
            secure.getInputStream().transferTo(there.getOutputStream());
        }
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** What is to run until its socket is closed. */
    private interface Talk {
        void run() throws IOException;
    }

    private static void start(Talk talk) {
        Thread thread = new Thread(
                () -> {
                    try {
                        talk.run();
                    } catch (IOException closed) {
                        // the other side has ended
                    }
                },
                "starttls");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
