package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void anObjectIsWrittenInItsOwnOrderWithFiniteNumbers() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("z", 1L);
        members.put("a", 0.05);
        members.put("none", null);
        members.put("nan", Double.NaN);
        members.put("endless", Double.POSITIVE_INFINITY);
        members.put("list", List.of(true, "x"));
        members.put("empty", Map.of());
        assertThat(Json.object(members))
                .isEqualTo("{\"z\":1,\"a\":0.05,\"none\":null,\"nan\":null,\"endless\":null,\"list\":[true,\"x\"],"
                        + "\"empty\":{}}");
        assertThat(Json.object(Map.of())).isEqualTo("{}");
    }

    @Test
    void anyTextComesBackAsItWasButForNulAndHalfCharacters() {
        String text = "say \"hé\\llo\"\n\t\r\u0001\u001f 漢字 \uD83D\uDE00 </b>";
        assertThat(Json.read(Json.object(Map.of("k", text)))).containsEntry("k", text);
        assertThat(Json.object(Map.of("k", "a\u0000b\uD83D"))).isEqualTo("{\"k\":\"ab\\ufffd\"}");
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        Map<String, @Nullable Object> read = Json.read(
                " {\"a\" : 1.50, \"b\":[1,{\"c\":null}], \"d\":false, \"e\":\"\\u0041\\/\", \"f\":{}, \"g\":[]} ");
        assertThat(read).containsEntry("a", new BigDecimal("1.50")).containsEntry("d", false);
        assertThat(read).containsEntry("e", "A/").containsEntry("g", List.of());
        assertThat(Json.object(read))
                .isEqualTo("{\"a\":1.50,\"b\":[1,{\"c\":null}],\"d\":false,\"e\":\"A/\",\"f\":{},\"g\":[]}");
    }

    @Test
    void whatIsNoObjectIsEmptyAndNeverAnException() {
        for (String text : List.of(
                "",
                "null",
                "[1]",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":x}",
                "{\"a\":1",
                "{\"a\":1}}",
                "{\"a\":\"\\u00",
                "[".repeat(9_999))) {
            assertThat(Json.read(text)).as(text).isEmpty();
        }
    }
}
