package dev.weir.recount;

import dev.weir.event.DealChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which deal each change belongs to once deals were merged: every question replays all merges before it. */
final class MergeRecount {
    private record Link(long at, String from, @Nullable String into) {}

    private final List<Link> links = new ArrayList<>();
    private final Map<String, String> refused = new LinkedHashMap<>();

    /** @param sorted all changes, by time and id */
    MergeRecount(List<DealChange> sorted) {
        Joined joined = new Joined();
        for (DealChange change : sorted) {
            long at = change.occurredAt().toEpochMilli();
            if (change.kind().equals(DealChange.RESTORED)) {
                joined.part(change.dealId());
                links.add(new Link(at, change.dealId(), null));
            } else if (change.kind().equals(DealChange.MERGED)) {
                String into = Objects.requireNonNull(change.intoId());
                String refusal = joined.join(change.dealId(), into);
                if (refusal == null) {
                    links.add(new Link(at, change.dealId(), into));
                } else if (!refusal.isEmpty()) {
                    refused.put(change.eventId(), refusal);
                }
            }
        }
    }

    /** Merges that do not count, by their event, with the reason. */
    Map<String, String> refused() {
        return refused;
    }

    /** The changes as those of the deals that they belong to, in the same order. */
    List<DealChange> resolved(List<DealChange> sorted) {
        List<DealChange> resolved = new ArrayList<>();
        for (DealChange change : sorted) {
            DealChange said = refused.containsKey(change.eventId()) ? change.asAmendment() : change;
            boolean own = Set.of(DealChange.DELETED, DealChange.RESTORED, DealChange.MERGED)
                    .contains(said.kind());
            resolved.add(
                    own ? said : said.of(owner(said.dealId(), said.occurredAt().toEpochMilli())));
        }
        return resolved;
    }

    /** The deal to which an id belongs right before what happens at a time. */
    String owner(String deal, long at) {
        Joined joined = new Joined();
        for (Link link : links) {
            if (link.at < at && link.into == null) {
                joined.part(link.from);
            } else if (link.at < at) {
                joined.join(link.from, Objects.requireNonNull(link.into));
            }
        }
        return joined.root(deal);
    }
}
