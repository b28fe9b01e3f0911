package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Cell;
import dev.weir.machine.InMemory;
import dev.weir.machine.Sums;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AttemptSumsTest {
    private static final String TWENTY_STEPS = "a b c d a b c d a b c d a b c d a b c d";

    /** More steps than sums have parts, broken down by the same fields, and some that are broken down by others. */
    private static final List<Funnel> FUNNELS = funnels();

    private static List<Funnel> funnels() {
        List<Funnel> funnels = new ArrayList<>();
        for (int f = 0; f * 20 <= Cell.PARTS; f++) {
            String order = f % 3 == 0 ? "any " : "";
            funnels.add(Playbooks.funnel("long" + f, order + TWENTY_STEPS, 10 + f, List.of("channel"), Grain.DAY));
        }
        funnels.add(Playbooks.funnel("pair", "a b? c !d", 20, List.of("channel & campaign"), Grain.WEEK));
        funnels.add(Playbooks.funnel("both", "a c", 15, List.of("campaign", "channel"), Grain.DAY));
        funnels.add(Playbooks.funnel("none", "last a b", 30, List.of(), Grain.DAY));
        return funnels;
    }

    @Test
    void funnelsThatAreSummedTogetherCountAsEachAlone() {
        Seeds.hold(30, random -> {
            long seed = random.nextLong();
            Map<String, Sums> alone = new TreeMap<>();
            for (Funnel funnel : FUNNELS) {
                alone.putAll(sums(List.of(funnel), new Random(seed)));
            }
            assertThat(sums(FUNNELS, new Random(seed))).isEqualTo(alone);
        });
    }

    private static Map<String, Sums> sums(List<Funnel> funnels, Random random) {
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(Playbooks.of(List.of(), funnels)), FunnelTables.FUNNEL_ATTEMPT);
        List<String> conditions = FunnelInputs.conditions(funnels);
        for (int i = 0; i < 40; i++) {
            long at = random.nextInt(60);
            String letter = String.valueOf("abcd".charAt(random.nextInt(4)));
            String channel = random.nextBoolean() ? "ads" : null;
            machine.comes(
                    Entities.person("p" + random.nextInt(3)),
                    Observations.of("e" + i, at, letter, channel, conditions));
        }
        machine.watermark(60);
        return machine.sums();
    }
}
