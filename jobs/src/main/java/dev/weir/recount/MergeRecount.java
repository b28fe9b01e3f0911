package dev.weir.recount;

import dev.weir.event.DealChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which deal each change belongs to once deals were merged: every question replays all merges before it. */
final class MergeRecount {
    private record Link(long at, String from, @Nullable String into) {}

    private final List<Link> links = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();

    /** @param sorted all changes, by time and id */
    MergeRecount(List<DealChange> sorted) {
        Map<String, String> parents = new HashMap<>();
        for (DealChange change : sorted) {
            if (change.kind().equals(DealChange.RESTORED)) {
                parents.remove(change.dealId());
                links.add(new Link(change.occurredAt().toEpochMilli(), change.dealId(), null));
            } else if (change.kind().equals(DealChange.MERGED)) {
                merge(change, parents);
            }
        }
    }

    private void merge(DealChange change, Map<String, String> parents) {
        String from = change.dealId();
        String into = Objects.requireNonNull(change.intoId());
        if (parents.containsKey(from)) {
            if (!root(parents, from).equals(root(parents, into))) {
                refused.add(change.eventId());
            }
        } else if (root(parents, into).equals(from)) {
            refused.add(change.eventId());
        } else {
            parents.put(from, into);
            links.add(new Link(change.occurredAt().toEpochMilli(), from, into));
        }
    }

    /** The changes as those of the deals that they belong to, in the same order. */
    List<DealChange> resolved(List<DealChange> sorted) {
        List<DealChange> resolved = new ArrayList<>();
        for (DealChange change : sorted) {
            DealChange said = refused.contains(change.eventId()) ? change.asAmendment() : change;
            boolean own = Set.of(DealChange.DELETED, DealChange.RESTORED, DealChange.MERGED)
                    .contains(said.kind());
            resolved.add(
                    own ? said : said.of(owner(said.dealId(), said.occurredAt().toEpochMilli())));
        }
        return resolved;
    }

    /** The deal to which an id belongs right before what happens at a time. */
    String owner(String deal, long at) {
        Map<String, String> parents = new HashMap<>();
        for (Link link : links) {
            if (link.at < at) {
                if (link.into == null) {
                    parents.remove(link.from);
                } else {
                    parents.put(link.from, link.into);
                }
            }
        }
        return root(parents, deal);
    }

    private static String root(Map<String, String> parents, String deal) {
        String at = deal;
        while (parents.containsKey(at)) {
            at = Objects.requireNonNull(parents.get(at));
        }
        return at;
    }
}
