package dev.weir.playbook;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How alerts reach people.
 *
 * @param budget false alarms a team accepts, as {@code 1/week}
 * @param routes first match wins
 * @param quiet when nobody is told; null for never
 * @param maintenance times in which what is alerted of is known
 */
public record Alerts(
        Map<String, String> budget,
        List<Route> routes,
        @Nullable QuietTime quiet,
        List<Maintenance> maintenance) implements Serializable {

    public Alerts(Map<String, String> budget, List<Route> routes) {
        this(budget, routes, null, List.of());
    }

    /** Alerts of one kind go to a team or to the owner, as a page or a digest, with a link to what to do. */
    public record Route(
            String kind, String to, String as, @Nullable String runbook) implements Serializable {

        public Route(String kind, String to, String as) {
            this(kind, to, as, null);
        }
    }

    /**
     * Work on what is measured, so that alerts which begin and end within are no news.
     *
     * @param until the first instant after it
     * @param what is done
     * @param about names of the funnels and pipelines it is about; empty for all
     */
    public record Maintenance(Instant from, Instant until, String what, List<String> about) implements Serializable {

        public boolean isAbout(String funnelOrPipeline) {
            return about.isEmpty() || about.contains(funnelOrPipeline);
        }
    }

    /** Where alerts of a kind go; null where the playbook does not say. */
    public @Nullable Route route(String kind) {
        for (Route route : routes) {
            if (route.kind().equals(kind)) {
                return route;
            }
        }
        return null;
    }
}
