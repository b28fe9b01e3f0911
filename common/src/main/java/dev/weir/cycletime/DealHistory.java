package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Money;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stages;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says how a deal stood over time: its rows of deal_history, and what it adds to its pipeline's waterfall. */
final class DealHistory implements Serializable {
    private final Map<String, Stages> pipelines;
    private final Money money;
    private final Waterfall waterfall;

    DealHistory(Playbook playbook, Map<String, Stages> pipelines) {
        this.pipelines = pipelines;
        this.money = Money.of(playbook);
        this.waterfall = new Waterfall(playbook);
    }

    /** What a chapter is named by: all that is in the key of its row. */
    private record Name(String pipeline, long from) {}

    /**
     * Says the chapters of a life.
     *
     * @param settled those that ended up to then are left out
     */
    void say(DealLife life, List<Standstill> standstills, long settled, Step<DealChange> step) {
        int from = life.states.size() - 1;
        while (from > 0 && life.states.get(from).from() > settled) {
            from--;
        }
        Step.Telling<Chapter> telling = (earlier, now) -> tell(earlier, now, step);
        Chapter.Pot before = from > 0 ? pot(life.states.get(from - 1)) : null;
        for (int i = from; i < life.states.size(); i++) {
            DealLife.State state = life.states.get(i);
            Long to = i + 1 < life.states.size()
                    ? Long.valueOf(life.states.get(i + 1).from())
                    : null;
            Chapter.Pot pot = pot(state);
            Chapter chapter = chapter(life, state, to, pot, before);
            for (Chapter part : chapter.parted(standstills)) {
                step.state(new Name(pot.pipeline(), part.from()), part, telling);
            }
            before = pot;
        }
    }

    private Chapter.Pot pot(DealLife.State state) {
        return new Chapter.Pot(
                Objects.requireNonNullElse(state.pipeline(), "(unknown)"),
                state.status(),
                money.reporting(state.amount(), state.currency(), state.ratedAt()),
                state.expectedClose());
    }

    private Chapter chapter(
            DealLife life, DealLife.State state, @Nullable Long to, Chapter.Pot pot, Chapter.@Nullable Pot before) {
        return new Chapter(
                life.deal.id,
                state.from(),
                to,
                state.stage(),
                state.dealType(),
                state.amount(),
                state.currency(),
                state.ownerId(),
                state.accountId(),
                life.createdAt,
                state.closedAt(),
                state.pushCount(),
                null,
                pot,
                before);
    }

    private void tell(@Nullable Chapter before, @Nullable Chapter after, Step<DealChange> step) {
        if (before == null || after == null) {
            Chapter chapter = Objects.requireNonNull(after != null ? after : before);
            row(chapter, step);
            waterfall.add(chapter, 1, step); // which takes it back where it is the one before
            return;
        }
        row(after, step);
        if (!before.countsLike(after)) {
            waterfall.add(before, -1, step);
            waterfall.add(after, 1, step);
        }
    }

    private void row(Chapter chapter, Step<DealChange> step) {
        Stages stages = pipelines.get(chapter.pot().pipeline());
        String amount = Values.money(chapter.amount());
        step.row(
                DealTables.DEAL_HISTORY,
                Row.of(
                        DealTables.DEAL_HISTORY,
                        stages == null ? "" : stages.pipeline.definition(),
                        step.asOf(),
                        chapter.dealId(),
                        Values.time(chapter.from()),
                        Values.time(chapter.to()),
                        chapter.pot().pipeline(),
                        chapter.stage(),
                        chapter.pot().status(),
                        chapter.dealType(),
                        amount,
                        chapter.currency(),
                        Units.text(chapter.pot().amount(), chapter.amount(), amount),
                        chapter.ownerId(),
                        chapter.accountId(),
                        Values.time(chapter.createdAt()),
                        Values.time(chapter.closedAt()),
                        chapter.pot().expectedClose(),
                        Integer.toString(chapter.pushCount()),
                        Values.time(chapter.stalledSince())));
    }
}
