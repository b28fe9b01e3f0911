package dev.weir.flink;

import dev.weir.machine.Cell;
import dev.weir.machine.Change;
import dev.weir.machine.Column;
import dev.weir.machine.Difference;
import dev.weir.machine.Facts;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A bell that rings; the echo of a ring is gone ten milliseconds later. */
final class Bells {
    static final long ECHO = 10;
    static final Table GONE = Table.named("gone")
            .key(Column.Type.TEXT, "bell", "ring")
            .with(Column.Type.BIGINT, "at")
            .build();
    static final Table RUNG = Table.named("rung")
            .key(Column.Type.TEXT, "bell")
            .key(Column.Type.BIGINT, "window")
            .with(Column.Type.BIGINT, "rings")
            .with(Column.Type.BOOLEAN, "is_complete")
            .build();

    private Bells() {}

    /** A ring. */
    public record Ring(String id, long at) {}

    static Difference<Ring> comes(String bell, String id, long at) {
        return new Difference<>(bell, true, new Ring(id, at), new Position("bells", 0, at));
    }

    static Difference<Ring> leaves(String bell, String id, long at) {
        return new Difference<>(bell, false, new Ring(id, at), null);
    }

    /** Counts rings by tens, says the echoes that are gone, tells the tower. */
    static final class Bell implements Machine<Ring, Ring> {
        private final List<Ring> mutes;

        Bell() {
            this(List.of());
        }

        private Bell(List<Ring> mutes) {
            this.mutes = mutes;
        }

        /** A mute concerns every bell: what rings from then on has no echo. */
        @Override
        public boolean common(Ring fact) {
            return fact.id.startsWith("mute");
        }

        @Override
        public Machine<Ring, Ring> knowing(List<Ring> common) {
            return new Bell(common);
        }

        @Override
        public String id(Ring fact) {
            return fact.id;
        }

        @Override
        public long time(Ring fact) {
            return fact.at;
        }

        @Override
        public Ring prefer(Ring kept, Ring newcomer) {
            return newcomer.at < kept.at ? newcomer : kept;
        }

        @Override
        public void say(String key, List<Ring> facts, Step<Ring> step) {
            for (Ring ring : facts) {
                rung(key, ring, step);
                if (echoes(ring) && step.due(ring.at + ECHO)) {
                    gone(key, ring, step);
                }
            }
        }

        @Override
        public boolean tells(Facts<Ring> facts, @Nullable Ring comes) {
            return true;
        }

        @Override
        public void tell(String key, Facts<Ring> facts, int from, boolean due, Change<Ring> change, Step<Ring> step) {
            for (int i = due ? 0 : from; i < facts.size(); i++) {
                Ring ring = facts.get(i);
                if (i >= from) {
                    rung(key, ring, step);
                }
                long deadline = ring.at + ECHO;
                if (echoes(ring) && step.due(deadline) && (i >= from || change.brings(deadline))) {
                    gone(key, ring, step);
                }
            }
        }

        private boolean echoes(Ring ring) {
            return mutes.stream().noneMatch(mute -> mute.at <= ring.at);
        }

        private static void rung(String key, Ring ring, Step<Ring> step) {
            step.sum(Keys.join("rung", key), Cell.of(ring.at / 10, 0, 0), 1);
            step.fact("tower", ring.id, ring);
        }

        private static void gone(String key, Ring ring, Step<Ring> step) {
            step.row(GONE, Row.of(GONE, "", ring.at + ECHO, key, ring.id, Long.toString(ring.at + ECHO)));
        }
    }

    /** How often each bell rang in each ten milliseconds. */
    static final class Rung implements Tally {
        @Override
        public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
            long next = NEVER;
            for (int i = 0; i < sums.size; i++) {
                long window = Cell.major(sums.cells[i]);
                long end = window * 10 + 10;
                out.accept(Row.of(
                        RUNG,
                        "",
                        asOf,
                        Keys.split(group).get(1),
                        Long.toString(window),
                        Long.toString(sums.amounts[i]),
                        Boolean.toString(end <= asOf)));
                if (end > asOf) {
                    next = Math.min(next, end);
                }
            }
            return next;
        }
    }
}
