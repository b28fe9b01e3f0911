package dev.weir.playbook;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * How alerts reach people.
 *
 * @param budget false alarms a team accepts, as {@code 1/week}
 * @param routes first match wins
 */
public record Alerts(Map<String, String> budget, List<Route> routes) implements Serializable {

    /** Alerts of one kind go to a team or to the owner, as a page or a digest. */
    public record Route(String kind, String to, String as) implements Serializable {}
}
