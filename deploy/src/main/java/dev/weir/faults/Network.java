package dev.weir.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network that can break: a port that stands for the broker's and passes bytes on both ways. What a partition of the network
 * holds back is not lost but late, as TCP sends it again.
 */
final class Network implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    /** What becomes of bytes. */
    enum State {
        WHOLE,
        /** Nothing passes, and nobody is told. */
        SILENT,
        /** Requests pass, answers do not. */
        DEAF,
        /** Connections are reset, and new ones too. */
        CUT
    }

    private final ServerSocket server;
    private final int brokerPort;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private State state = State.WHOLE;

    Network() throws IOException {
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            brokerPort = free.getLocalPort();
        }
        daemon(this::accept);
    }

    /** Where the broker is for everybody. */
    int port() {
        return server.getLocalPort();
    }

    /** Where it really is. */
    int brokerPort() {
        return brokerPort;
    }

    synchronized void become(State next) {
        state = next;
        notifyAll();
        if (next == State.CUT) {
            List.copyOf(open).forEach(this::reset);
        }
    }

    private synchronized State awaitPassage(boolean answer) throws InterruptedException {
        while (state == State.SILENT || (state == State.DEAF && answer)) {
            wait();
        }
        return state;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                daemon(() -> connect(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try {
            if (awaitPassage(false) == State.CUT) {
                reset(client);
                return;
            }
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
            open.add(broker);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            daemon(() -> pass(broker, client, true));
            pass(client, broker, false);
        } catch (IOException noBroker) {
            reset(client);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(Socket from, Socket to, boolean answer) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] bytes = new byte[BUFFER];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                awaitPassage(answer);
                out.write(bytes, 0, read);
                out.flush();
            }
        } catch (IOException over) {
            // the other side hears of it below
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            reset(from);
            reset(to);
        }
    }

    private void reset(Socket socket) {
        open.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyClosed) {
            // then it is
        }
    }

    private static void daemon(Runnable body) {
        Thread thread = new Thread(body, "network");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException alreadyClosed) {
            // then it is
        }
        List.copyOf(open).forEach(this::reset);
    }
}
