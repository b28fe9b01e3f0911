package dev.weir.cli;

import dev.weir.io.Settings;
import dev.weir.local.Failure;
import dev.weir.local.Home;
import dev.weir.local.Refused;
import dev.weir.relay.Receivers;
import dev.weir.relay.Relay;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir relay}: from the alert topic to Slack, mail, webhooks and Alertmanager. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Tells people of alerts: reads the alert topic and delivers to the receivers of a file, until Ctrl-C.",
            "Each receiver has its own position, so one that is down holds up no other and misses nothing: it is tried",
            "again, at the latest every five minutes, until it answers, and is then told what is true by then."
        },
        footer = {
            "",
            "Told are alerts whose delivery is page, at once or after their quiet hours, and digests. A receiver that is new",
            "hears of what stands, not of what is past. What was told is on the topic delivery.v1, so the relay may be",
            "killed and started anywhere; of two with the same receivers the one that came later delivers, the other ends.",
            "deploy/cluster/receivers-example.yaml shows every kind of receiver.",
            "",
            "Examples:",
            "  weir relay --receivers receivers.yaml            alerts of the system of `weir up`",
            "  weir relay --receivers receivers.yaml --check    only tell what is wrong with the file",
            "",
            "Exit code: 0 stopped, or the file is right; 2 refused before it started."
        })
public final class RelayCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SettingsOption settings;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReceiversOption receivers;

    @Option(names = "--check", description = "Read the file, and end.")
    private boolean check;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Receivers all = receivers.read(Home.locate(null));
        PrintWriter out = spec.commandLine().getOut();
        if (check) {
            say(out, "receivers: " + String.join(", ", all.names()));
            return 0;
        }
        Settings where = settings.read();
        try (Relay relay = ReceiversOption.start(where, all, line -> say(out, "weir: " + line))) {
            Runtime.getRuntime().addShutdownHook(new Thread(relay::close, "stop-relay"));
            say(out, "weir: delivering to " + String.join(", ", all.names()));
            relay.join();
            return 0;
        } catch (Failure unreachable) {
            throw new Refused(unreachable.getMessage(), unreachable);
        }
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
