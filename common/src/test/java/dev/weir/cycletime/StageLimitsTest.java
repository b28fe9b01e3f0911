package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.DealChange;
import dev.weir.event.EntityChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageLimitsTest {
    private static final Playbook PLAYBOOK =
            Playbooks.of(List.of(Playbooks.pipeline("a", "lead>30 offer=bid won+", 50)), List.of());

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "one holds for ever                 | 5=20            | 5-=20",
                "up to the next                     | 5=20 9=30       | '5-9=20, 9-=30'",
                "whatever came first                | 9=30 5=20       | '5-9=20, 9-=30'",
                "one taken back never was           | 5=20 9=30 9=    | 5-=20",
                "before it came                     | 9= 5=20 9=30    | 5-=20",
                "nor was any of its instant         | 5=20 9=30 9= 9=40 | 5-=20",
                "the last id of an instant counts   | 5=20 5=30       | 5-=30",
                "none is left                       | 5=20 5=         | none",
            })
    void limits(String rule, String events, String limits) {
        InMemory<EntityChange, DealChange> machine = run("a/offer", events(events));
        assertThat(rows(machine)).as(rule).isEqualTo(limits);
        assertThat(machine.sent().getOrDefault("", Map.of()))
                .as("what deals hear")
                .hasSize(machine.rows().size());
    }

    @ParameterizedTest
    @CsvSource({"a/offer, 1", "a/bid, 1", "a/lead, 0", "a/won, 0", "a/gone, 0", "b/offer, 0"})
    void dealsHearOfLimitsThatConcernThem(String stage, int heard) {
        InMemory<EntityChange, DealChange> machine = run(stage, List.of(event(stage, "e", 5, "20")));
        assertThat(machine.rows()).hasSize(1);
        assertThat(machine.sent().getOrDefault("", Map.of())).hasSize(heard);
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheSameAnswer() {
        Seeds.hold(random -> {
            List<EntityChange> events = new ArrayList<>();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                String millis = random.nextInt(3) == 0 ? "" : String.valueOf(1 + random.nextInt(50));
                events.add(event("a/offer", "e" + random.nextInt(9), random.nextInt(4), millis));
            }
            List<EntityChange> told = new ArrayList<>(events);
            told.addAll(events.subList(0, random.nextInt(events.size())));
            Collections.shuffle(told, random);
            assertThat(run("a/offer", told).standing())
                    .isEqualTo(run("a/offer", events).standing());
        });
    }

    private static InMemory<EntityChange, DealChange> run(String stage, List<EntityChange> events) {
        InMemory<EntityChange, DealChange> machine = new InMemory<>(new StageLimits(PLAYBOOK), DealTables.STAGE_LIMIT);
        events.forEach(event -> machine.comes(stage, event));
        return machine;
    }

    /** {@code 5=20}: from 5 ms on 20 ms; {@code 5=} takes it back. */
    private static List<EntityChange> events(String text) {
        List<EntityChange> events = new ArrayList<>();
        for (String word : text.split(" +", -1)) {
            String[] parts = word.split("=", -1);
            events.add(event("a/offer", "e" + events.size(), Long.parseLong(parts[0]), parts[1]));
        }
        return events;
    }

    private static EntityChange event(String stage, String id, long at, String millis) {
        boolean taken = millis.isEmpty();
        return new EntityChange(
                id,
                Instant.ofEpochMilli(at),
                EntityChange.STAGE,
                taken ? EntityChange.DELETED : EntityChange.UPSERTED,
                stage,
                null,
                null,
                taken
                        ? Map.of()
                        : Map.of(
                                EntityChange.STALLED_AFTER,
                                Duration.ofMillis(Long.parseLong(millis)).toString()));
    }

    private static String rows(InMemory<EntityChange, DealChange> machine) {
        return machine.rows().isEmpty()
                ? "none"
                : machine.rows().values().stream().map(StageLimitsTest::text).collect(Collectors.joining(", "));
    }

    private static String text(Row row) {
        @Nullable String[] values = row.values();
        return millis(values[2]) + "-" + millis(values[3]) + "="
                + Math.round(Double.parseDouble(String.valueOf(values[4])) * 1000);
    }

    private static String millis(@Nullable String time) {
        return time == null ? "" : Long.toString(Instant.parse(time).toEpochMilli());
    }
}
