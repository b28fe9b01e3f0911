package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Working mornings are 09:00 of Monday to Friday; 2026-01-05 is a Monday. */
class DigestTest {
    private final InMemory<Signal, Signal> digest = new InMemory<>(new Digest(playbook()), AlertTables.ALERT);

    private static Playbook playbook() {
        return Playbooks.of(List.of(), List.of());
    }

    /** A desk gives and takes back facts as a running one does. */
    private void take(Signal... signals) {
        for (Signal signal : signals) {
            Step<Signal> step = new Step<>();
            Memory<Signal> memory = memories.computeIfAbsent(AlertDesk.incidentKey(signal), k -> new Memory<>());
            step.advance(AlertDesk.of(playbook()), AlertDesk.incidentKey(signal), memory, true, signal, 0);
            for (Difference<Signal> difference : step.facts()) {
                digest.apply(difference);
            }
        }
    }

    private final Map<String, Memory<Signal>> memories = new HashMap<>();

    private void at(String time) {
        digest.watermark(Instant.parse(time).toEpochMilli());
    }

    private List<String> said() {
        return digest.rows().values().stream()
                .map(row -> of(row, "subject") + " " + of(row, "status") + " "
                        + of(row, "evidence").replaceAll(",\"longest.*", "")
                        + (of(row, "ended_at").equals("null") ? "" : " until " + of(row, "ended_at")))
                .sorted()
                .toList();
    }

    private static String of(Row row, String column) {
        return String.valueOf(row.values()[AlertTables.ALERT.index(column)]);
    }

    private static Signal stalled(String deal, @Nullable String owner, String since, @Nullable String until) {
        return new Signal(
                "s-" + deal + since,
                Signal.STALLED,
                "sales/" + deal,
                null,
                null,
                null,
                owner,
                Instant.parse(since),
                until == null ? null : Instant.parse(until),
                null,
                "{\"stage\":\"demo\"}",
                "d",
                false);
    }

    private static Signal deleted(Signal s) {
        return new Signal(
                s.signalId(),
                s.kind(),
                s.subject(),
                null,
                null,
                null,
                s.ownerId(),
                s.startedAt(),
                s.endedAt(),
                null,
                s.evidence(),
                s.definition(),
                true);
    }

    @Test
    void manyDealsOfAnOwnerAreOneAlertOnTheNextWorkingMorning() {
        take(stalled("d1", "ana", "2026-01-02T10:00:00Z", null), stalled("d2", "ana", "2026-01-03T10:00:00Z", null));
        take(stalled("d3", "bob", "2026-01-04T10:00:00Z", null), stalled("d4", null, "2026-01-04T10:00:00Z", null));
        at("2026-01-05T08:59:59.999Z");
        assertThat(said()).isEmpty();
        at("2026-01-05T09:00:00Z");
        assertThat(said())
                .containsExactly(
                        "(unknown)/2026-01-05 firing {\"deals\":1,\"news\":1",
                        "ana/2026-01-05 firing {\"deals\":2,\"news\":2",
                        "bob/2026-01-05 firing {\"deals\":1,\"news\":1");
        assertThat(digest.rows().values().stream()
                        .map(row -> of(row, "summary"))
                        .toList())
                .contains("2 deals stand still; the longest is d1 in pipeline sales, stalled since 2026-01-02.");
    }

    @Test
    void theNextDigestTellsWhatIsNewAndAllThatStands() {
        take(stalled("d1", "ana", "2026-01-02T10:00:00Z", null), stalled("d2", "ana", "2026-01-02T11:00:00Z", null));
        at("2026-01-06T10:00:00Z");
        take(stalled("d1", "ana", "2026-01-02T10:00:00Z", "2026-01-06T11:00:00Z"));
        take(stalled("d3", "ana", "2026-01-06T09:00:00Z", null));
        at("2026-01-09T00:00:00Z");
        assertThat(said())
                .containsExactly(
                        "ana/2026-01-05 resolved {\"deals\":2,\"news\":2 until 2026-01-07T09:00:00Z",
                        "ana/2026-01-07 firing {\"deals\":2,\"news\":1");
        take(stalled("d2", "ana", "2026-01-02T11:00:00Z", "2026-01-08T11:00:00Z"));
        take(stalled("d3", "ana", "2026-01-06T09:00:00Z", "2026-01-08T12:00:00Z"));
        assertThat(said()).contains("ana/2026-01-07 resolved {\"deals\":2,\"news\":1 until 2026-01-08T12:00:00Z");
    }

    @Test
    void whatWasOverByTheMorningIsNoNews() {
        take(stalled("d1", "ana", "2026-01-02T10:00:00Z", "2026-01-05T09:00:00Z"));
        at("2026-01-09T00:00:00Z");
        assertThat(said()).isEmpty();
    }

    @Test
    void aDigestWhoseNewsWasNeverSoIsTakenBackUnderItsIdAndNothingIsDeleted() {
        Signal d1 = stalled("d1", "ana", "2026-01-02T10:00:00Z", null);
        Signal d2 = stalled("d2", "ana", "2026-01-02T10:00:00Z", null);
        take(d1, d2);
        at("2026-01-09T00:00:00Z");
        take(deleted(d1));
        assertThat(said()).containsExactly("ana/2026-01-05 firing {\"deals\":1,\"news\":1");
        take(deleted(d2));
        assertThat(said()).containsExactly("ana/2026-01-05 retracted {\"deals\":0,\"news\":0}");
        take(d2);
        assertThat(said()).containsExactly("ana/2026-01-05 firing {\"deals\":1,\"news\":1");
        assertThat(digest.said()).noneMatch(Row::deleted);
    }

    @Test
    void aDealThatChangesItsOwnerGoesToTheDigestOfTheNewOne() {
        take(stalled("d1", "ana", "2026-01-02T10:00:00Z", null), stalled("d2", "ana", "2026-01-02T10:00:00Z", null));
        at("2026-01-09T00:00:00Z");
        take(stalled("d1", "bob", "2026-01-02T10:00:00Z", null));
        assertThat(said())
                .containsExactly(
                        "ana/2026-01-05 firing {\"deals\":1,\"news\":1",
                        "bob/2026-01-05 firing {\"deals\":1,\"news\":1");
    }

    @Test
    void aRouteSaysToWhomAndHow() {
        Signal signal = stalled("d1", "ana", "2026-01-02T10:00:00Z", null);
        assertThat(receivers(signal, "sales", "digest")).containsExactly("team\u001fsales");
        assertThat(receivers(signal, "owner", "digest")).containsExactly("owner\u001fana");
        assertThat(receivers(signal, "owner", "page")).isEmpty();
    }

    private static List<String> receivers(Signal signal, String to, String as) {
        AlertDesk desk = new AlertDesk(
                new Alerts(Map.of(), List.of(new Alerts.Route(Signal.STALLED, to, as))), ZoneOffset.UTC, List.of());
        Step<Signal> step = new Step<>();
        step.advance(desk, "k", new Memory<>(), true, signal, 0);
        List<String> evidence = new ArrayList<>();
        step.rows(row -> evidence.add(of(row, "evidence")));
        assertThat(evidence.get(0).contains("\"delivery\":\"digest\"")).isEqualTo(as.equals("digest"));
        return step.facts().stream().map(difference -> difference.key).toList();
    }

    @Test
    void anyOrderEndsInTheSameStandingDigestsWhichHoldEveryDealThatStandsStill() {
        Seeds.hold(200, random -> {
            List<Signal> signals = draw(random);
            DigestTest straight = new DigestTest();
            signals.forEach(straight::take);
            straight.at("2026-03-01T00:00:00Z");
            DigestTest late = new DigestTest();
            List<Signal> told = new ArrayList<>(signals);
            told.addAll(signals.subList(0, signals.size() / 2));
            Collections.shuffle(told, random);
            for (Signal signal : told) {
                if (random.nextInt(3) == 0) {
                    late.at("2026-01-%02dT12:00:00Z".formatted(1 + random.nextInt(28)));
                }
                if (random.nextInt(4) == 0) {
                    late.take(deleted(signal));
                }
                late.take(signal);
            }
            late.at("2026-03-01T00:00:00Z");
            assertThat(late.said().stream().filter(row -> !row.contains("retracted")))
                    .containsExactlyElementsOf(straight.said());
            Map<String, Long> standing = signals.stream()
                    .filter(signal -> signal.endedAt() == null)
                    .collect(Collectors.groupingBy(
                            signal -> Objects.requireNonNull(signal.ownerId()), Collectors.counting()));
            standing.forEach((owner, deals) -> assertThat(straight.digest.rows().values().stream()
                            .filter(row -> of(row, "status").equals("firing"))
                            .filter(row -> of(row, "owner_id").equals(owner)))
                    .as("%s of %s", deals, owner)
                    .hasSize(1));
        });
    }

    private static List<Signal> draw(Random random) {
        List<Signal> signals = new ArrayList<>();
        for (int d = random.nextInt(8); d >= 0; d--) {
            Instant since = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(40 * 24) * 3600L);
            signals.add(stalled(
                    "d" + d,
                    List.of("ana", "bob").get(random.nextInt(2)),
                    since.toString(),
                    random.nextBoolean()
                            ? null
                            : since.plusSeconds(3600L + random.nextInt(10 * 24) * 3600L)
                                    .toString()));
        }
        return signals;
    }
}
