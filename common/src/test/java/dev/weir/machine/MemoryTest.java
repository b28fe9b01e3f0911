package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
    /** Also a field that comes later. */
    @Test
    void aCopyHasAllThatIsKeptAndChangesByItself() throws IllegalAccessException {
        Memory<String> memory = new Memory<>();
        for (Field field : Memory.class.getFields()) {
            field.set(memory, other(field.getType()));
        }
        Memory<String> copy = memory.copy(ArrayList::new);
        for (Field field : Memory.class.getFields()) {
            assertThat(field.get(copy)).as(field.getName()).isEqualTo(other(field.getType()));
        }
        copy.facts.add("b");
        copy.keepBeside("b");
        copy.owe("b");
        assertThat(List.of(memory.facts, memory.beside, memory.owed)).allMatch(List.of("a")::equals);
    }

    /** What no field is in a new memory. */
    private static Object other(Class<?> type) {
        return switch (type.getName()) {
            case "long" -> 7L;
            case "int" -> 7;
            case "boolean" -> true;
            default -> new ArrayList<>(List.of("a"));
        };
    }
}
