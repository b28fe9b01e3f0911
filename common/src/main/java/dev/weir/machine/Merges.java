package dev.weir.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to whom after all merges of one kind of thing. Key: the kind, since only all merges together tell whether one
 * closes a cycle; they are rare.
 *
 * <p>Merges count in the order of (time, id). One is refused, and said as an {@link Issues issue}, when it would close a
 * cycle, when its id was merged into another before and not restored since, or when it would move an id more often than
 * {@link #MOVES}. A merge that says nothing new (into the root it has already) is neither.
 *
 * <p>Where merges hold for the whole history, a root is told that it belongs to itself: what it would do alone it must not do
 * as long as the facts of others come to it.
 */
public final class Merges implements Machine<Merge, Belonging> {
    /** Times an id may move, by its own merges or by those of whom it belongs to. */
    public static final int MOVES = 32;

    private final String job;
    private final boolean always;

    /**
     * Merges as one job reads them.
     *
     * @param always whether a merge holds for the whole history, also before it; else from its time on
     */
    public Merges(String job, boolean always) {
        this.job = job;
        this.always = always;
    }

    @Override
    public String id(Merge fact) {
        return fact.id();
    }

    @Override
    public long time(Merge fact) {
        return fact.at();
    }

    @Override
    public Merge prefer(Merge kept, Merge newcomer) {
        return newcomer.toString().compareTo(kept.toString()) < 0 ? newcomer : kept;
    }

    /** An id among those it belongs to and those that belong to it. */
    private static final class Node {
        final String id;
        final List<Node> children = new ArrayList<>();
        final List<Belonging> moves = new ArrayList<>();

        @Nullable Node parent;

        Node(String id) {
            this.id = id;
        }

        /** For people. */
        String name() {
            return String.join(" ", Keys.split(id));
        }

        Node root() {
            Node at = this;
            while (at.parent != null) {
                at = at.parent;
            }
            return at;
        }

        int depth() {
            int depth = 0;
            for (Node at = parent; at != null; at = at.parent) {
                depth++;
            }
            return depth;
        }

        /** Itself and all that belong to it. */
        List<Node> all() {
            List<Node> all = new ArrayList<>();
            Deque<Node> open = new ArrayDeque<>(List.of(this));
            while (!open.isEmpty()) {
                Node next = open.pop();
                all.add(next);
                open.addAll(next.children);
            }
            return all;
        }
    }

    /** Since the second, whoever others belong to is told so: that it belongs to itself. */
    @Override
    public int version() {
        return always ? 1 : 0;
    }

    @Override
    public boolean saysAnew() {
        return always;
    }

    @Override
    public boolean seals() {
        return false;
    }

    @Override
    public void say(String key, List<Merge> facts, Step<Belonging> step) {
        Map<String, Node> nodes = new HashMap<>();
        for (Merge merge : facts) {
            Node from = nodes.computeIfAbsent(merge.from(), Node::new);
            if (merge.into() == null) {
                part(from, merge.at());
                continue;
            }
            Node into = nodes.computeIfAbsent(merge.into(), Node::new);
            String refusal = refusal(from, into);
            if (refusal == null) {
                join(from, into, merge.at());
            } else if (!refusal.isEmpty()) {
                step.fact(
                        merge.from(),
                        "refused " + merge.id(),
                        new Belonging(merge.from(), merge.at(), merge.from(), merge.id()));
                step.row(Issues.TABLE, Issues.row(job, Issues.MERGE_REFUSED, merge.id(), refusal, step.asOf()));
            }
        }
        nodes.values().forEach(node -> tell(node, step));
    }

    /** Why a merge does not count; the empty text when it says what holds already, null when it counts. */
    private static @Nullable String refusal(Node from, Node into) {
        Node root = into.root();
        if (from.parent != null) {
            return from.root() == root
                    ? ""
                    : from.name() + " was merged into " + from.parent.name()
                            + " before: restore it first, or merge that one";
        }
        if (root == from) {
            return from.name() + " and " + into.name() + " would each be merged into the other: merge only one of them";
        }
        boolean tooOften = into.depth() >= MOVES || from.all().stream().anyMatch(node -> node.moves.size() >= MOVES);
        return tooOften
                ? from.name() + " ends a chain of more than " + MOVES + " merges: merge into the last one"
                : null;
    }

    private static void join(Node from, Node into, long at) {
        from.parent = into;
        into.children.add(from);
        moved(from, at);
    }

    private static void part(Node from, long at) {
        if (from.parent != null) {
            from.parent.children.remove(from);
            from.parent = null;
            moved(from, at);
        }
    }

    private static void moved(Node top, long at) {
        String root = top.root().id;
        for (Node node : top.all()) {
            int last = node.moves.size() - 1;
            if (last >= 0 && node.moves.get(last).since() == at) {
                node.moves.remove(last);
            }
            node.moves.add(new Belonging(node.id, at, root, ""));
        }
    }

    private void tell(Node node, Step<Belonging> step) {
        if (always) {
            String root = node.root().id;
            if (!root.equals(node.id) || (!node.children.isEmpty() && step.version() > 0)) {
                step.fact(node.id, "", new Belonging(node.id, Long.MIN_VALUE, root, ""));
            }
            return;
        }
        for (Belonging move : node.moves) {
            step.fact(node.id, Long.toString(move.since()), move);
        }
    }
}
