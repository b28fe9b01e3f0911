package dev.weir.relay;

import dev.weir.machine.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;

/** Posts to an incoming webhook, which can neither edit nor thread: so news only. */
record SlackHookTeller(Receiver.SlackHook hook, Http http) implements Teller {
    @Override
    public String tell(Message message, Instant now) throws NotDelivered {
        URI url;
        try {
            url = new URI(hook.url().read());
        } catch (URISyntaxException e) {
            throw new NotDelivered(
                    "the secret " + hook.url().reference() + " is no address: it is https://hooks.slack.com/…");
        }
        if (url.getHost() == null) {
            throw new NotDelivered(
                    "the secret " + hook.url().reference() + " is no address: it is https://hooks.slack.com/…");
        }
        http.post(url, java.util.Map.of(), Json.object(SlackWords.message(message)));
        return "";
    }

    @Override
    public boolean hearsDetails() {
        return false;
    }
}
