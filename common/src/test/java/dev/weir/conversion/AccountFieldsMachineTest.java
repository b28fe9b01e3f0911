package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.EntityChange;
import dev.weir.machine.InMemory;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a person's observations say of its account. */
class AccountFieldsMachineTest {
    private static final Funnel FUNNEL =
            Playbooks.funnel("f", "a b", 10, List.of("channel", "account.segment", "account.parent_id"));
    private static final Playbook PLAYBOOK = Playbooks.of(List.of(), List.of(FUNNEL));
    private static final List<String> FIELDS = FunnelInputs.fields(List.of(FUNNEL));

    /** In the place of the funnels one that gives on what it gets, so that it can be seen. */
    private final InMemory<Observation, Observation> funnels = new InMemory<>(new IdentityMachine());

    private final Persons persons = new Persons(PLAYBOOK, funnels);

    private static Observation event(String id, long at, @Nullable String account) {
        @Nullable String[] values = new @Nullable String[FIELDS.size()];
        values[FIELDS.indexOf("account_id")] = account;
        return new Observation(id, at, new long[] {1}, values, null);
    }

    private static EntityChange person(String id, long at, String person, Map<String, String> said) {
        return change(id, at, EntityChange.PERSON, person, null, said);
    }

    private static EntityChange account(String id, long at, String account, Map<String, String> said) {
        return change(id, at, EntityChange.ACCOUNT, account, null, said);
    }

    private static EntityChange change(
            String id, long at, String entity, String of, @Nullable String parent, Map<String, String> said) {
        return new EntityChange(id, Instant.ofEpochMilli(at), entity, EntityChange.UPSERTED, of, null, parent, said);
    }

    private void comes(Object what) {
        if (what instanceof EntityChange change) {
            persons.comes(change);
        } else {
            persons.comes(Entities.person("ana"), (Observation) what);
        }
    }

    /** Of each observation of ana its time and the segment. */
    private SortedSet<String> said() {
        SortedSet<String> said = new TreeSet<>();
        funnels.sent().getOrDefault(Entities.person("ana"), Map.of()).forEach((o, times) -> {
            assertThat(times).isEqualTo(1);
            said.add(o.at + " " + o.values[FIELDS.indexOf("account.segment")]);
        });
        return said;
    }

    @Test
    void theEventsAccountCountsBeforeThePersonsOwn() {
        comes(person("x1", 1, "ana", Map.of("account_id", "acme")));
        comes(account("x2", 1, "acme", Map.of("segment", "smb")));
        comes(account("x3", 1, "beta", Map.of("segment", "ent")));
        comes(event("e5", 5, null));
        comes(event("e6", 6, "beta"));
        comes(event("e7", 7, "nobody knows"));
        assertThat(said()).containsExactly("5 smb", "6 ent", "7 null");
    }

    @Test
    void thePersonsOwnAccountIsTheOneOfTheEventsTime() {
        comes(account("x1", 0, "acme", Map.of("segment", "smb")));
        comes(account("x2", 0, "beta", Map.of("segment", "ent")));
        for (int at : List.of(1, 3, 5, 7, 9)) {
            comes(event("e" + at, at, null));
        }
        comes(person("x3", 3, "ana", Map.of("account_id", "acme")));
        comes(person("x5", 5, "ana", Map.of("account_id", "beta")));
        comes(person("x7", 7, "ana", Map.of("account_id", "")));
        assertThat(said()).containsExactly("1 null", "3 smb", "5 ent", "7 null", "9 null");
        comes(change("x8", 8, EntityChange.PERSON, "ana", "acme", Map.of()));
        assertThat(said())
                .as("a parent is the account where no account is named")
                .contains("9 smb");
    }

    @Test
    void whatAnAccountSaysLateCorrectsWhatItsPersonsDidAfterIt() {
        comes(event("e1", 1, "acme"));
        comes(event("e5", 5, "acme"));
        comes(account("x3", 3, "acme", Map.of("segment", "ent")));
        assertThat(said()).containsExactly("1 null", "5 ent");
        comes(account("x4", 4, "acme", Map.of("segment", "smb")));
        assertThat(said()).containsExactly("1 null", "5 smb");
        comes(account("x0", 0, "acme", Map.of("name", "Acme")));
        assertThat(said()).as("a name is not asked for").containsExactly("1 null", "5 smb");
        comes(account("x0", 0, "acme", Map.of("segment", "old")));
        assertThat(said()).containsExactly("1 old", "5 smb");
    }

    @Test
    void anAccountIsAskedOnceAPersonAndNoMoreWhenNothingLeadsToIt() {
        comes(account("x0", 0, "acme", Map.of("segment", "smb")));
        comes(event("e1", 1, "acme"));
        comes(event("e2", 2, "acme"));
        persons.comes(Entities.anonymous("cookie"), event("e3", 3, "acme"));
        assertThat(persons.asking("acme")).isEqualTo(2);
        comes(Observation.retraction("r1", 9, "e1"));
        assertThat(persons.asking("acme")).isEqualTo(2);
        comes(Observation.retraction("r2", 9, "e2"));
        assertThat(persons.asking("acme")).isEqualTo(1);
        assertThat(said()).isEmpty();
    }

    @Test
    void aPlaybookThatDoesNotAskHasNobodyAsk() {
        Funnel funnel = Playbooks.funnel("f", "a b", 10, List.of("channel", "person.country"));
        Profiles profiles = new Profiles(Playbooks.of(List.of(), List.of(funnel)));
        assertThat(profiles.areOfPersonsAccounts()).isFalse();
        assertThat(profiles.ofAccount(account("x", 0, "acme", Map.of("country", "DE"))))
                .isNull();
        assertThat(FunnelInputs.fields(List.of(funnel))).doesNotContain("person.account_id");
    }

    @Test
    void inWhateverOrderTheyComeTheySayTheSame() {
        Seeds.hold(200, random -> {
            List<Object> all = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                String account = "a" + random.nextInt(3);
                int at = random.nextInt(10);
                switch (random.nextInt(4)) {
                    case 0 -> all.add(person("p" + i, at, "ana", Map.of("account_id", account)));
                    case 1 -> all.add(account("a" + i, at, account, Map.of("segment", "s" + random.nextInt(3))));
                    case 2 -> all.add(Observation.retraction("r" + i, at, "e" + random.nextInt(12)));
                    default -> all.add(event("e" + i, at, random.nextBoolean() ? account : null));
                }
            }
            AccountFieldsMachineTest straight = new AccountFieldsMachineTest();
            all.forEach(straight::comes);
            all.addAll(all.subList(0, all.size() / 2));
            Collections.shuffle(all, random);
            AccountFieldsMachineTest shuffled = new AccountFieldsMachineTest();
            all.forEach(shuffled::comes);
            assertThat(shuffled.said()).isEqualTo(straight.said());
            assertThat(shuffled.funnels.sent()).isEqualTo(straight.funnels.sent());
        });
    }
}
