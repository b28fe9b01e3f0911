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

    /**
     * Alerts of one kind go to a team or to the owner, as a page or a digest, with a link to what to do.
     *
     * @param about names of the funnels and pipelines it is for; empty for all
     */
    public record Route(
            String kind, String to, String as, @Nullable String runbook, List<String> about) implements Serializable {

        public Route(String kind, String to, String as) {
            this(kind, to, as, null);
        }

        public Route(String kind, String to, String as, @Nullable String runbook) {
            this(kind, to, as, runbook, List.of());
        }

        boolean takes(String ofKind, String funnelOrPipeline) {
            return kind.equals(ofKind) && (about.isEmpty() || about.contains(funnelOrPipeline));
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

    /** Where alerts of a kind about a funnel or pipeline go; null where the playbook does not say. */
    public @Nullable Route route(String kind, String funnelOrPipeline) {
        for (Route route : routes) {
            if (route.takes(kind, funnelOrPipeline)) {
                return route;
            }
        }
        return null;
    }
}
