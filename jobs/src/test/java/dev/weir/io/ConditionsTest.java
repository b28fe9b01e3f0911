package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Stage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    private static final Pipeline SALES = new Pipeline(
            "sales",
            "0",
            List.of(
                    stage("qualified", "1234567", List.of("sql")),
                    stage("proposal", null, List.of()),
                    stage("won", null, List.of())),
            List.of(),
            List.of());

    @Test
    void aConditionHoldsOnlyForEventsOfItsKind() {
        Conditions conditions =
                Conditions.of(List.of("engagement.kind == 'nps'", "deal.kind != ''", "feedback.kind == 'nps'"));
        assertThat(holding(conditions, engagement("nps", Map.of()))).containsExactly(true, false, false);
        assertThat(holding(conditions, deal("proposal", "1"))).containsExactly(false, true, false);
        assertThat(holding(conditions, feedback(9.0))).containsExactly(false, false, true);
    }

    @Test
    void theSameConditionIsOneBit() {
        Conditions conditions = Conditions.of(List.of("deal.kind != ''", "deal.stage == 'a'", "deal.kind != ''"));
        assertThat(conditions.size()).isEqualTo(2);
        assertThat(conditions.words()).isEqualTo(1);
        assertThat(conditions.index("deal.stage == 'a'")).isEqualTo(1);
    }

    @Test
    void aStageMayBeSaidByIdOrAliasOnBothSides() {
        for (String said : List.of("qualified", "1234567", "sql")) {
            for (String meant : List.of("qualified", "1234567", "sql")) {
                Conditions conditions = Conditions.of(
                        List.of("deal.stage == '" + meant + "'", "deal.stage in ['won', '" + meant + "']"),
                        List.of(SALES));
                assertThat(holding(conditions, deal(said, "1"))).containsExactly(true, true);
            }
        }
    }

    @Test
    void whatAnEventDoesNotSayIsEmptyTextOrNoNumber() {
        Map<String, Boolean> cases = Map.ofEntries(
                Map.entry("deal.owner_id == ''", true),
                Map.entry("deal.properties.segment == ''", true),
                Map.entry("deal.properties['segment'] == ''", true),
                Map.entry("has(deal.properties.segment)", false),
                Map.entry("'segment' in deal.properties", false),
                Map.entry("has(deal.owner_id)", false),
                Map.entry("has(deal.amount)", false),
                Map.entry("deal.amount > 5", false),
                Map.entry("deal.amount <= 5", false),
                Map.entry("deal.amount == 5", false),
                Map.entry("deal.amount != 5", true),
                Map.entry("deal.amount in [5, 6]", false),
                Map.entry("!(deal.amount > 5)", true),
                Map.entry("deal.person_ids.size() == 0", true),
                Map.entry("int(deal.properties.seats) > 5", false),
                Map.entry("deal.occurred_at > timestamp('2026-01-01T00:00:00Z')", true),
                Map.entry("deal.properties.segment.matches('^$')", true));
        cases.forEach((text, expected) -> {
            ConditionText condition = ConditionText.read(text, Conditions.StageNames.of(List.of()));
            assertThat(condition.byCel().holds(deal("proposal", null))).as(text).isEqualTo(expected);
            assertThat(condition.compile().holds(deal("proposal", null)))
                    .as(text)
                    .isEqualTo(expected);
        });
    }

    @Test
    void closuresAndCelAgree() {
        for (long seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            String text = "deal.kind != '' && " + condition(random, 3);
            ConditionText condition = ConditionText.read(text, Conditions.StageNames.of(List.of(SALES)));
            assertThat(condition.plain()).as("seed %d: %s is plain", seed, text).isNotNull();
            Conditions.Test plain = condition.compile();
            Conditions.Test cel = condition.byCel();
            for (int i = 0; i < 20; i++) {
                DealChange deal = randomDeal(random);
                assertThat(plain.holds(deal))
                        .as("seed %d: %s for %s", seed, text, deal)
                        .isEqualTo(cel.holds(deal));
            }
        }
    }

    @Test
    void whatIsNoPlainComparisonIsLeftToCel() {
        ConditionText condition = ConditionText.read(
                "engagement.properties.device.matches('^(ios|android)$')", Conditions.StageNames.of(List.of()));
        assertThat(condition.plain()).isNull();
        assertThat(condition.compile().holds(engagement("page_view", Map.of("device", "ios"))))
                .isTrue();
        assertThat(condition.compile().holds(engagement("page_view", Map.of("device", "tv"))))
                .isFalse();
    }

    @Test
    void conditionsTravelToTheTaskManager() throws Exception {
        Conditions conditions = Conditions.of(List.of("deal.stage == 'sql'"), List.of(SALES));
        conditions.open();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(conditions);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(holding((Conditions) in.readObject(), deal("qualified", "1")))
                    .containsExactly(true);
        }
    }

    @Test
    void aMistakeIsNamedWithItsMend() {
        refused("engagement.chanel == 'x'", "unknown field 'engagement.chanel'; did you mean 'channel'?");
        refused("deal.stage == 'proposel'", "unknown stage 'proposel'; did you mean 'proposal'?");
        refused("deal.kind == 'stage_change'", "did you mean 'stage_changed'?");
        refused("enggement.kind == 'x'", "unknown name 'enggement'");
        refused("engagement.kind == page_view", "unknown name 'page_view'");
        refused("engagement.kind = 'x'", "");
        refused("engagement.kind", "not a condition");
        refused("deal.amount > 'x'", "");
        refused("true", "it speaks of no event");
        refused("engagement.kind == 'x' && deal.stage == 'won'", "it speaks of engagement and deal");
    }

    @Test
    void breakdownValuesAreTextsOrNull() {
        Fields fields = Fields.of(List.of("channel", "properties.device", "owner_id"));
        assertThat(fields.values(engagement("page_view", Map.of("device", "tv"))))
                .containsExactly("organic", "tv", null);
        assertThat(fields.values(deal("won", "1"))).containsExactly(null, null, null);
        assertThat(Fields.value(engagement("page_view", Map.of("device", "")), "properties.device"))
                .isNull();
    }

    private static void refused(String text, String message) {
        assertThatThrownBy(() -> ConditionText.read(text, Conditions.StageNames.of(List.of(SALES))))
                .as(text)
                .isInstanceOf(ConditionText.Faulty.class)
                .hasMessageContaining(message);
    }

    private static String condition(Random random, int depth) {
        int choice = random.nextInt(depth == 0 ? 9 : 13);
        return switch (choice) {
            case 0 -> text(random) + pick(random, " == ", " != ", " < ", " <= ", " > ", " >= ") + text(random);
            case 1, 2 -> "deal.stage" + pick(random, " == ", " != ") + pick(random, "'sql'", "'won'", "'1234567'");
            case 3 -> "deal.amount" + pick(random, " == ", " != ", " < ", " <= ", " > ", " >= ") + number(random);
            case 4 -> text(random) + " in ['smb', 'o1', '']";
            case 5 -> "deal.amount in [" + pick(random, "5", "0", "-1.0") + ", 5.5]";
            case 6 -> text(random) + pick(random, ".startsWith(", ".endsWith(", ".contains(") + text(random) + ")";
            case 7 -> pick(random, "has(deal.properties.segment)", "has(deal.owner_id)", "has(deal.amount)");
            case 8 -> pick(random, "'segment' in deal.properties", "'p1' in deal.person_ids");
            case 9, 10 -> "(" + condition(random, depth - 1) + " && " + condition(random, depth - 1) + ")";
            case 11 -> "(" + condition(random, depth - 1) + " || " + condition(random, depth - 1) + ")";
            default -> "!(" + condition(random, depth - 1) + ")";
        };
    }

    private static String text(Random random) {
        return pick(
                random,
                "deal.owner_id",
                "deal.properties.segment",
                "deal.properties['segment']",
                "deal.currency",
                "'smb'",
                "''",
                "'o1'",
                "'\\U0001F600'",
                "'\\uFFFD'");
    }

    private static String number(Random random) {
        return pick(random, "5", "5.5", "-1", "0", "deal.recurring_amount", "deal.amount");
    }

    private static DealChange randomDeal(Random random) {
        return deal(
                pick(random, "sql", "1234567", "won", "proposal", "qualified"),
                random.nextInt(4) == 0 ? null : pick(random, "5", "5.5", "-1", "0.00", "7"),
                random.nextInt(4) == 0 ? null : pick(random, "5", "0", "-7"),
                random.nextInt(4) == 0 ? null : pick(random, "o1", "", "smb", "😀", "\uFFFD"),
                random.nextInt(4) == 0 ? Map.of() : Map.of("segment", pick(random, "smb", "", "o1")),
                random.nextBoolean() ? null : List.of(pick(random, "p1", "p2")));
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }

    private static boolean[] holding(Conditions conditions, Object event) {
        long[] bits = new long[conditions.words()];
        if (event instanceof Engagement e) {
            conditions.holds(e, bits);
        } else if (event instanceof DealChange d) {
            conditions.holds(d, bits);
        } else {
            conditions.holds((Feedback) event, bits);
        }
        boolean[] holding = new boolean[conditions.size()];
        for (int i = 0; i < holding.length; i++) {
            holding[i] = Conditions.holds(bits, i);
        }
        return holding;
    }

    private static Engagement engagement(String kind, Map<String, String> properties) {
        return new Engagement("e1", NOON, "p1", null, null, null, kind, "organic", null, null, null, properties);
    }

    private static Feedback feedback(@Nullable Double score) {
        return new Feedback("f1", NOON, "p1", null, null, "q1", "nps", score, null, Map.of());
    }

    private static DealChange deal(String stage, @Nullable String amount) {
        return deal(stage, amount, null, null, Map.of(), null);
    }

    private static DealChange deal(
            String stage,
            @Nullable String amount,
            @Nullable String recurring,
            @Nullable String owner,
            Map<String, String> properties,
            @Nullable List<String> persons) {
        return new DealChange(
                "d1",
                NOON,
                "d1",
                DealChange.STAGE_CHANGED,
                "sales",
                stage,
                null,
                amount == null ? null : new BigDecimal(amount),
                recurring == null ? null : new BigDecimal(recurring),
                "USD",
                owner,
                null,
                persons,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                properties);
    }

    private static Stage stage(String name, @Nullable String id, List<String> aliases) {
        return new Stage(name, id, aliases, name, null, List.of(), null, Duration.ofDays(90), false, List.of(), false);
    }
}
