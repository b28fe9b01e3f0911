package dev.weir.machine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Vectors of many groups, added up until they go on together. */
public final class Gatherings {
    private Map<String, Gathering> groups = new HashMap<>();
    private int room;

    /** To which groups belongs what was summed in one, see {@link Machine#spread}. */
    @FunctionalInterface
    public interface Spreading extends Serializable {
        void spread(String group, Sums sums, BiConsumer<String, Sums> out);
    }

    /** Adds a vector to a group; it does not change from now on. */
    public void plus(String group, Sums sums) {
        Gathering gathering = groups.get(group);
        if (gathering == null) {
            gathering = new Gathering();
            groups.put(group, gathering);
        } else {
            room -= gathering.room();
        }
        gathering.plus(sums);
        room += gathering.room();
    }

    /** How much memory all of it takes, in slots of {@value Gathering#SLOT_BYTES} bytes. */
    public int room() {
        return room;
    }

    /** The sums of each group, where they did not cancel out; they are forgotten here. */
    public List<Delta> drain() {
        List<Delta> deltas = new ArrayList<>();
        drain((group, sums, out) -> out.accept(group, sums), (group, sums) -> deltas.add(new Delta(group, sums)));
        return deltas;
    }

    /**
     * Gives the sums of the groups in which they count in the end, and forgets them.
     *
     * @param spreading a group that it spreads to itself is such
     */
    public void drain(Spreading spreading, BiConsumer<String, Sums> out) {
        while (!groups.isEmpty()) {
            Map<String, Gathering> said = groups;
            groups = new HashMap<>();
            room = 0;
            // In order of their names, so that those of one day, which mostly go the same way, follow each other.
            new TreeMap<>(said).forEach((from, gathering) -> {
                Sums sums = gathering.sums();
                if (!sums.isZero()) {
                    spreading.spread(from, sums, (to, part) -> {
                        if (to.equals(from)) {
                            out.accept(to, part);
                        } else {
                            plus(to, part);
                        }
                    });
                }
            });
        }
    }
}
