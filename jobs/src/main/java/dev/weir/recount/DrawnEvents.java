package dev.weir.recount;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A small drawn history of everything that may happen to the deals and people of {@code playbook.yaml} beside this class,
 * much of it at the same instants. The same random numbers give the same events.
 */
public final class DrawnEvents {
    private static final long DAY = 86_400_000L;

    /** What entity events say: columns of their tables, what funnels are split by, and a property that is neither. */
    private static final List<String> PROPERTIES = List.of(
            "name",
            "team",
            "manager_id",
            "territory",
            "active",
            "segment",
            "industry",
            "country",
            "account_id",
            "title",
            "channel",
            "size");

    /** Two that set no limit, one that sets one, and one that is none. */
    private static final List<String> STAGES = List.of(
            "sales/legal", "sales/legal", "renewals/offer", "renewals/offer", "sales/offer", "renewals/no such stage");

    private final Random random;
    private final Instant start;
    private final String prefix;
    private int ids;

    /**
     * Draws from now on.
     *
     * @param start nothing happens before it, most of it within two months after
     * @param prefix of all ids, so that histories can lie beside each other
     */
    public DrawnEvents(Random random, Instant start, String prefix) {
        this.random = random;
        this.start = start;
        this.prefix = prefix;
    }

    /** The playbook's text. */
    public static String playbook() {
        try (InputStream in = Objects.requireNonNull(DrawnEvents.class.getResourceAsStream("playbook.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What happens to a few deals. */
    public List<DealChange> deals() {
        List<DealChange> changes = new ArrayList<>();
        int deals = 2 + random.nextInt(8);
        for (int d = 0; d < deals; d++) {
            String other = "d" + random.nextInt(deals);
            deal(prefix + "d" + d, prefix + (other.equals("d" + d) ? "elsewhere" : other), changes);
        }
        return changes;
    }

    private void deal(String id, String other, List<DealChange> changes) {
        String pipeline = pick("sales", "sales", "renewals");
        long at = (long) (random.nextDouble() * 60 * DAY);
        int many = 1 + random.nextInt(9);
        for (int i = 0; i < many; i++) {
            String kind = i == 0 && random.nextInt(10) > 0
                    ? DealChange.CREATED
                    : pick(
                            DealChange.STAGE_CHANGED,
                            DealChange.STAGE_CHANGED,
                            DealChange.STAGE_CHANGED,
                            DealChange.AMENDED,
                            DealChange.AMENDED,
                            DealChange.DELETED,
                            DealChange.RESTORED,
                            random.nextInt(3) == 0 ? DealChange.MERGED : DealChange.STAGE_CHANGED);
            boolean moves = kind.equals(DealChange.STAGE_CHANGED) && random.nextInt(8) == 0;
            pipeline = moves ? pick("sales", "renewals") : pipeline;
            boolean created = kind.equals(DealChange.CREATED);
            String stage = kind.equals(DealChange.STAGE_CHANGED) || (created && random.nextInt(4) > 0)
                    ? stage(pipeline)
                    : null;
            changes.add(change(
                    at,
                    id,
                    kind,
                    created || moves ? pipeline : null,
                    stage,
                    kind.equals(DealChange.MERGED) ? other : null));
            at += random.nextInt(6) == 0 ? 0 : (long) (random.nextDouble() * random.nextDouble() * 40 * DAY);
        }
    }

    private String stage(String pipeline) {
        return pipeline.equals("sales")
                ? pick("lead", "1001", "mql", "offer", "offer", "legal", "won", "lost", "no such stage")
                : pick("due", "offer", "renewed", "churned", "what");
    }

    private DealChange change(
            long at,
            String deal,
            String kind,
            @Nullable String pipeline,
            @Nullable String stage,
            @Nullable String into) {
        return new DealChange(
                id(),
                start.plusMillis(at),
                deal,
                kind,
                pipeline,
                stage,
                maybe("new", "renewal"),
                random.nextInt(3) == 0 ? new BigDecimal(random.nextInt(100_000)).movePointLeft(2) : null,
                null,
                maybe("EUR", "USD", "GBP"),
                maybe("ana", "bob", "cem"),
                account(),
                random.nextInt(3) == 0 ? List.of(prefix + "p" + random.nextInt(4), prefix + "p4") : null,
                random.nextInt(3) == 0 ? "2026-0" + (1 + random.nextInt(6)) + "-15" : null,
                into,
                null,
                null,
                null,
                null,
                random.nextInt(12) == 0
                        ? List.of(pick("currency", "owner_id", "amount", "properties.segment"))
                        : List.of(),
                random.nextInt(3) == 0 ? Map.of("segment", pick("smb", "enterprise")) : Map.of());
    }

    /** The same event as another source tells it. */
    public DealChange retold(DealChange change) {
        return new DealChange(
                change.eventId(),
                random.nextBoolean()
                        ? change.occurredAt()
                        : change.occurredAt().plusMillis(random.nextInt(1_000_000_000)),
                change.dealId(),
                change.kind(),
                change.pipeline(),
                change.stage(),
                change.dealType(),
                new BigDecimal(random.nextInt(1_000)),
                null,
                change.currency(),
                maybe("ana", "dan"),
                change.accountId(),
                change.personIds(),
                change.expectedClose(),
                change.intoId(),
                null,
                null,
                null,
                null,
                change.cleared(),
                change.properties());
    }

    /** What a few people do, some of them before anybody knows who they are. */
    public List<Engagement> engagements() {
        List<Engagement> engagements = new ArrayList<>();
        // Now and then so many that there is something to learn from.
        int crowd = random.nextInt(10) == 0 ? 40 : 0;
        int eager = 1 + random.nextInt(3);
        for (int i = 0; i < crowd; i++) {
            Instant came = start.plusMillis((long) (random.nextDouble() * 80 * DAY));
            engagements.add(visit("c" + i, came, "page_view", null));
            if (random.nextInt(4) < eager) {
                Instant tried = came.plusMillis((long) (random.nextDouble() * 12 * DAY));
                engagements.add(visit("c" + i, tried, "form_submit", "/trial"));
            }
        }
        int many = 10 + random.nextInt(40);
        for (int i = 0; i < many; i++) {
            String kind = random.nextInt(4) == 0
                    ? pick(
                            Engagement.COST,
                            Engagement.AD_IMPRESSION,
                            Engagement.EMAIL_SENT,
                            Engagement.EMAIL_OPEN,
                            Engagement.EMAIL_CLICK,
                            Engagement.EMAIL_BOUNCE,
                            Engagement.EMAIL_UNSUBSCRIBE)
                    : pick(
                            "page_view",
                            "page_view",
                            "page_view",
                            "call",
                            "form_submit",
                            "form_submit",
                            "identify",
                            "noise",
                            random.nextInt(3) == 0 ? "unsubscribed" : "page_view");
            Instant at = start.plusMillis((long) random.nextInt(4 * 80) * DAY / 4);
            if (kind.equals(Engagement.COST)) {
                engagements.add(cost(at));
                continue;
            }
            String visitor =
                    random.nextInt(3) == 0 || kind.equals("identify") ? prefix + "v" + random.nextInt(3) : null;
            String person = visitor == null || kind.equals("identify") ? prefix + "p" + random.nextInt(5) : null;
            engagements.add(new Engagement(
                    id(),
                    at,
                    person,
                    visitor,
                    account(),
                    null,
                    kind,
                    maybe("mail", "search"),
                    maybe("spring", "autumn"),
                    kind.equals("form_submit") ? pick("/trial", "/contact") : null,
                    maybe("1", "2"),
                    random.nextBoolean() ? Map.of("device", pick("mobile", "desktop")) : Map.of()));
        }
        return engagements;
    }

    private Engagement visit(String visitor, Instant at, String kind, @Nullable String asset) {
        return new Engagement(
                id(), at, null, prefix + visitor, null, null, kind, "search", null, asset, null, Map.of());
    }

    /** Takes back a few of these, one of them twice and one that nobody ever said. */
    public List<Engagement> retractions(List<Engagement> of) {
        List<Engagement> retractions = new ArrayList<>();
        for (Engagement e : of) {
            if (random.nextInt(12) == 0) {
                retractions.add(retraction(e, e.eventId()));
                retractions.add(retraction(e, random.nextBoolean() ? e.eventId() : prefix + "never said"));
            }
        }
        return retractions;
    }

    private Engagement retraction(Engagement of, String retracted) {
        return new Engagement(
                id(),
                start.plusMillis((long) (random.nextDouble() * 80 * DAY)),
                of.personId(),
                of.anonymousId(),
                of.accountId(),
                of.dealId(),
                Engagement.RETRACTED,
                null,
                of.kind().equals(Engagement.COST) ? of.campaign() : null,
                null,
                null,
                Map.of(Engagement.RETRACTS, retracted));
    }

    private Engagement cost(Instant at) {
        Map<String, String> price = new HashMap<>();
        price.put(
                "amount",
                new BigDecimal(random.nextInt(100_000)).movePointLeft(2).toString());
        String currency = maybe("EUR", "USD", "GBP");
        if (currency != null) {
            price.put("currency", currency);
        }
        return new Engagement(
                id(),
                at,
                null,
                null,
                null,
                null,
                Engagement.COST,
                maybe("mail", "search"),
                pick("spring", "autumn"),
                maybe("/trial"),
                maybe("1"),
                price);
    }

    /**
     * What is said of owners, accounts, persons and campaigns: those of whom something happens and others. Persons and accounts
     * are merged in chains, twice, and in circles.
     */
    public List<EntityChange> entities() {
        List<EntityChange> changes = new ArrayList<>();
        int many = random.nextInt(16);
        for (int i = 0; i < many; i++) {
            String entity = pick(EntityChange.OWNER, EntityChange.ACCOUNT, EntityChange.PERSON, EntityChange.CAMPAIGN);
            String kind = random.nextInt(3) > 0
                    ? EntityChange.UPSERTED
                    : pick(EntityChange.DELETED, EntityChange.MERGED, EntityChange.LINKED);
            boolean joins = kind.equals(EntityChange.MERGED) || kind.equals(EntityChange.LINKED);
            String id = named(entity);
            String into = named(entity);
            Map<String, String> said = new HashMap<>();
            for (String name : PROPERTIES) {
                if (random.nextInt(4) == 0) {
                    said.put(name, name.equals("active") ? pick("true", "false") : pick("one", "two", ""));
                }
            }
            changes.add(new EntityChange(
                    id(),
                    start.plusMillis((long) random.nextInt(40) * DAY),
                    entity,
                    kind,
                    prefix + id,
                    joins ? prefix + (into.equals(id) ? "into-" + id : into) : null,
                    maybe("top"),
                    said));
        }
        Random apart = new Random(changes.hashCode());
        changes.addAll(limits(apart));
        changes.addAll(affiliations(apart));
        return changes;
    }

    /** Of whom persons are from time to time, and what those accounts are like: of some companies much, of others nothing. */
    private List<EntityChange> affiliations(Random own) {
        List<EntityChange> changes = new ArrayList<>();
        for (int many = own.nextInt(4) > 0 ? own.nextInt(20) : 0; many > 0; many--) {
            boolean ofPerson = own.nextBoolean();
            String account = prefix + "a" + own.nextInt(4);
            changes.add(new EntityChange(
                    prefix + "f" + own.nextInt(100) + "-" + many,
                    start.plusMillis((long) own.nextInt(80) * DAY),
                    ofPerson ? EntityChange.PERSON : EntityChange.ACCOUNT,
                    EntityChange.UPSERTED,
                    ofPerson ? prefix + "p" + own.nextInt(5) : account,
                    null,
                    ofPerson && own.nextInt(4) == 0 ? account : null,
                    ofPerson
                            ? own.nextInt(4) == 0 ? Map.of() : Map.of("account_id", own.nextInt(6) == 0 ? "" : account)
                            : Map.of("country", List.of("DE", "FR", "").get(own.nextInt(3)))));
        }
        return changes;
    }

    /**
     * Of some companies, how long deals may stand still in stages that have limits of their own and that have none, twice at
     * an instant, and taken back. Drawn by themselves, so that they do not move what else is drawn.
     */
    private List<EntityChange> limits(Random own) {
        List<EntityChange> changes = new ArrayList<>();
        for (int many = own.nextInt(4) > 0 ? own.nextInt(12) : 0; many > 0; many--) {
            boolean taken = own.nextInt(4) == 0;
            changes.add(new EntityChange(
                    prefix + "l" + own.nextInt(100) + "-" + many,
                    start.plusMillis((long) own.nextInt(8) * 7 * DAY),
                    EntityChange.STAGE,
                    taken ? EntityChange.DELETED : EntityChange.UPSERTED,
                    STAGES.get(own.nextInt(STAGES.size())),
                    null,
                    null,
                    taken ? Map.of() : Map.of(EntityChange.STALLED_AFTER, 1 + own.nextInt(15) + "d")));
        }
        return changes;
    }

    private String named(String entity) {
        return switch (entity) {
            case EntityChange.PERSON -> pick("p0", "p1", "p2", "p3", "p4", "x0");
            case EntityChange.ACCOUNT -> pick("a0", "a1", "a2", "x0");
            default -> pick("x0", "x1", "x2");
        };
    }

    /** What happened between people about deals. */
    public List<Engagement> activities() {
        List<Engagement> activities = new ArrayList<>();
        int many = random.nextInt(12);
        for (int i = 0; i < many; i++) {
            activities.add(new Engagement(
                    id(),
                    start.plusMillis((long) (random.nextDouble() * 80 * DAY)),
                    null,
                    null,
                    null,
                    prefix + "d" + random.nextInt(6),
                    pick("meeting", "reply", "call", "email_open"),
                    null,
                    null,
                    null,
                    null,
                    Map.of()));
        }
        return activities;
    }

    /** Who was asked. */
    public List<Feedback> feedback() {
        List<Feedback> feedback = new ArrayList<>();
        int many = random.nextInt(8);
        for (int i = 0; i < many; i++) {
            feedback.add(new Feedback(
                    id(),
                    start.plusMillis((long) random.nextInt(80) * DAY),
                    prefix + "p" + random.nextInt(5),
                    prefix + pick("a0", "a1", "a2"),
                    null,
                    "q1",
                    pick("invited", "dismissed"),
                    null,
                    null,
                    Map.of()));
        }
        return feedback;
    }

    /** Ids say nothing about the order in which things happen. */
    private String id() {
        return prefix + random.nextInt(1_000) + "-" + ids++;
    }

    private @Nullable String account() {
        String account = maybe("a0", "a1");
        return account == null ? null : prefix + account;
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private @Nullable String maybe(String... of) {
        return random.nextInt(3) == 0 ? pick(of) : null;
    }
}
