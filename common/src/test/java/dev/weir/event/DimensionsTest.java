package dev.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.InMemory;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DimensionsTest {

    @Test
    void eachChangeIsARowFromItsTimeToTheNext() {
        assertThat(rows(
                        change(1, "upserted", "name=Ana", "team=sales"),
                        change(9, "upserted", "team=", "territory=dach"),
                        change(5, "upserted", "team=service", "shoe=38")))
                .containsExactly(
                        "o|1|5|Ana|sales|null|null|true|live|null|{}",
                        "o|5|9|Ana|service|null|null|true|live|null|{\"shoe\":\"38\"}",
                        "o|9|null|Ana|null|null|dach|true|live|null|{\"shoe\":\"38\"}");
    }

    @Test
    void whatSaysNothingNewMakesNoRow() {
        assertThat(rows(change(1, "upserted", "name=Ana"), change(2, "upserted", "name=Ana")))
                .containsExactly("o|1|null|Ana|null|null|null|true|live|null|{}");
    }

    @Test
    void whatWasDeletedLivesAgainWhenItIsUpsertedWhatWasMergedDoesNot() {
        assertThat(rows(change(1, "upserted"), change(2, "deleted"), change(3, "upserted", "active=false")))
                .containsExactly(
                        "o|1|2|null|null|null|null|true|live|null|{}",
                        "o|2|3|null|null|null|null|false|deleted|null|{}",
                        "o|3|null|null|null|null|null|false|live|null|{}");
        assertThat(rows(change(1, "merged"), change(2, "deleted"), change(3, "upserted")))
                .containsExactly("o|1|null|null|null|null|null|false|merged|into|{}");
    }

    @Test
    void inOneInstantPatchesComeBeforeDeletions() {
        assertThat(rows(change(1, "deleted", "#=1"), change(1, "upserted", "#=2", "name=Ana")))
                .containsExactly("o|1|null|Ana|null|null|null|false|deleted|null|{}");
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheSameRows() {
        Seeds.hold(random -> {
            List<EntityChange> changes = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                String kind =
                        List.of("upserted", "upserted", "deleted", "merged").get(random.nextInt(4));
                changes.add(change(random.nextInt(5), kind, "#=" + i, "name=" + random.nextInt(3)));
            }
            List<EntityChange> told = new ArrayList<>(changes);
            changes.stream().filter(change -> random.nextBoolean()).forEach(told::add);
            Collections.shuffle(told, random);
            assertThat(rows(told)).isEqualTo(rows(changes));
        });
    }

    private static List<String> rows(EntityChange... changes) {
        return rows(Arrays.asList(changes));
    }

    private static List<String> rows(List<EntityChange> changes) {
        InMemory<EntityChange, EntityChange> machine = new InMemory<>(new Dimensions(), EntityTables.OWNER);
        changes.forEach(change -> machine.comes("o", change));
        return machine.rows().values().stream()
                .map(row -> String.join(
                        "|",
                        Arrays.stream(row.values()).map(value -> millis(value)).toList()))
                .toList();
    }

    private static String millis(@Nullable String value) {
        return value != null && value.startsWith("1970")
                ? Long.toString(Instant.parse(value).toEpochMilli())
                : String.valueOf(value);
    }

    /** {@code #=} gives an id. */
    private static EntityChange change(long at, String kind, String... properties) {
        Map<String, String> map = new TreeMap<>();
        for (String property : properties) {
            map.put(property.substring(0, property.indexOf('=')), property.substring(property.indexOf('=') + 1));
        }
        String id = map.remove("#");
        return new EntityChange(
                id == null ? "e" + at : "e" + id,
                Instant.ofEpochMilli(at),
                "owner",
                kind,
                "o",
                kind.equals("merged") ? "into" : null,
                null,
                map);
    }
}
