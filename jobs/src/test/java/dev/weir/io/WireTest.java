package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Records of the topics as bytes, and what is refused of them. */
class WireTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");

    /** Texts that come again and again, and those that a rule may refuse. */
    private static final List<String> TEXTS = List.of(
            "",
            "visit",
            "purchase",
            "campaign1",
            "campaign2",
            "a\u0000b",
            "1234567\u0000",
            "\u0000",
            "Zürich",
            "\u0080",
            "東京",
            "\uD83D\uDE00",
            "x".repeat(8),
            "x".repeat(31),
            "x".repeat(32),
            "x".repeat(33),
            "x".repeat(EventRules.NAME_LIMIT),
            "x".repeat(EventRules.NAME_LIMIT + 1),
            "x".repeat(EventRules.KEY_LIMIT + 1),
            "x".repeat(EventRules.TEXT_LIMIT + 1));

    @Test
    void whatIsLookedAtWhileItIsReadIsRefusedInTheSameWordsAsWhatIsLookedAtAfterwards() {
        Wire.Reader reader = new Wire.Reader();
        Seeds.hold(300, random -> {
            for (int i = 0; i < 10; i++) {
                Object event = random.nextBoolean() ? engagement(random) : deal(random);
                byte[] bytes = Wire.encode(event);
                assertThat(reader.decode(bytes)).isEqualTo(expected(event)).isEqualTo(Wire.decode(bytes));
            }
        });
    }

    @Test
    void aRecordThatEndsAnywhereIsTruncated() {
        byte[] bytes = Wire.encode(engagement("Zürich", Map.of("device", "mobile")));
        Wire.Reader reader = new Wire.Reader();
        for (int length = 2; length < bytes.length; length++) {
            assertThat(reader.decode(Arrays.copyOf(bytes, length)).reason())
                    .as("of the first %d bytes", length)
                    .isEqualTo(Wire.TRUNCATED);
        }
        assertThat(reader.decode(Arrays.copyOf(bytes, bytes.length + 1)).detail())
                .isEqualTo("1 bytes follow the record: write one event a record");
    }

    @Test
    void aNumberOfMoreThanTenBytesIsRefused() {
        byte[] bytes = Arrays.copyOf(Wire.encode(engagement("campaign1", Map.of())), 32);
        Arrays.fill(bytes, 10, 32, (byte) 0x80);
        assertThat(new Wire.Reader().decode(bytes))
                .isEqualTo(new Wire.Decoded(null, Wire.INVALID, "a number has more than ten bytes"));
        assertThat(new Wire.Reader().decode(Arrays.copyOf(bytes, 19)).reason()).isEqualTo(Wire.TRUNCATED);
    }

    @Test
    void aTextThatIsNotUtf8IsRefused() {
        byte[] bytes = Wire.encode(engagement("Zürich", Map.of()));
        for (int i = 10; i < bytes.length; i++) {
            if (bytes[i] == "ü".getBytes(StandardCharsets.UTF_8)[0]) {
                bytes[i] = (byte) 0xFF;
            }
        }
        assertThat(new Wire.Reader().decode(bytes))
                .isEqualTo(new Wire.Decoded(null, Wire.INVALID, "a text is not UTF-8"));
    }

    @Test
    void aTextThatComesAgainAndAgainIsOneObject() {
        Wire.Reader reader = new Wire.Reader();
        byte[] bytes = Wire.encode(engagement("campaign1", Map.of()));
        var unused = reader.decode(bytes);
        Engagement second =
                (Engagement) Objects.requireNonNull(reader.decode(bytes).event());
        Engagement third =
                (Engagement) Objects.requireNonNull(reader.decode(bytes).event());
        assertThat(third.campaign()).isSameAs(second.campaign()).isEqualTo("campaign1");
    }

    /** By the rules that look at every character of every text. */
    private static Wire.Decoded expected(Object event) {
        EventShape shape = Objects.requireNonNull(EventShape.of(event));
        @Nullable Object[] slots = shape.take().from(event);
        for (int i = 0; i < slots.length; i++) {
            // As in native JSON, the empty text says as little as null where it may be missing.
            String name = shape.slots().get(i).name();
            boolean needed = name.equals("event_id")
                    || name.equals("kind")
                    || (name.equals("deal_id") && event instanceof DealChange);
            slots[i] = "".equals(slots[i]) && !needed ? null : slots[i];
        }
        String fault = EventRules.fault(shape, slots);
        Object made = fault == null ? shape.make().of(slots) : event;
        fault = fault == null ? EventRules.fault(made) : fault;
        return fault == null ? new Wire.Decoded(made, "", "") : new Wire.Decoded(null, Wire.INVALID, fault);
    }

    private static Engagement engagement(Random random) {
        return new Engagement(
                text(random),
                random.nextInt(20) == 0 ? Instant.EPOCH : AT,
                maybe(random),
                maybe(random),
                maybe(random),
                maybe(random),
                text(random),
                maybe(random),
                maybe(random),
                maybe(random),
                maybe(random),
                properties(random));
    }

    private static DealChange deal(Random random) {
        return new DealChange(
                text(random),
                AT,
                text(random),
                random.nextBoolean() ? DealChange.AMENDED : text(random),
                maybe(random),
                maybe(random),
                maybe(random),
                null,
                null,
                random.nextBoolean() ? "EUR" : maybe(random),
                maybe(random),
                maybe(random),
                random.nextBoolean() ? null : List.of(text(random), text(random)),
                random.nextBoolean() ? "2026-02-01" : maybe(random),
                maybe(random),
                maybe(random),
                maybe(random),
                null,
                null,
                List.of(),
                properties(random));
    }

    private static Map<String, String> properties(Random random) {
        Map<String, String> properties = new TreeMap<>(); // as they are written
        for (int i = random.nextInt(3); i > 0; i--) {
            properties.put(text(random), text(random));
        }
        return properties;
    }

    private static @Nullable String maybe(Random random) {
        return random.nextBoolean() ? null : text(random);
    }

    /** Mostly one that nobody refuses, so that later fields are looked at too. */
    private static String text(Random random) {
        return random.nextInt(12) == 0
                ? TEXTS.get(random.nextInt(TEXTS.size()))
                : random.nextBoolean() ? "campaign" + random.nextInt(3) : "e" + random.nextInt();
    }

    private static Engagement engagement(String campaign, Map<String, String> properties) {
        return new Engagement("e1", AT, "p1", null, null, null, "page_view", null, campaign, null, null, properties);
    }
}
