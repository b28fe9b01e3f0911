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

    /** Says every chapter of a life. */
    void say(DealLife life, List<Standstill> standstills, Step<DealChange> step) {
        Chapter.Pot before = null;
        for (int i = 0; i < life.states.size(); i++) {
            DealLife.State state = life.states.get(i);
            Long to = i + 1 < life.states.size()
                    ? Long.valueOf(life.states.get(i + 1).from())
                    : null;
            Chapter chapter = chapter(life, state, to, before);
            if (standstills.isEmpty()) {
                step.state(chapter, () -> tell(chapter, step));
            } else {
                for (Chapter part : chapter.parted(standstills)) {
                    step.state(part, () -> tell(part, step));
                }
            }
            before = chapter.pot();
        }
    }

    private Chapter chapter(DealLife life, DealLife.State state, @Nullable Long to, Chapter.@Nullable Pot before) {
        String pipeline = Objects.requireNonNullElse(state.pipeline(), "(unknown)");
        return new Chapter(
                life.deal.id,
                state.from(),
                to,
                Stages.word(pipelines.get(pipeline), state.stage()),
                state.dealType(),
                state.amount(),
                state.currency(),
                state.ownerId(),
                state.accountId(),
                life.createdAt,
                state.closedAt(),
                state.pushCount(),
                null,
                new Chapter.Pot(
                        pipeline,
                        state.status(),
                        money.reporting(state.amount(), state.currency(), state.ratedAt()),
                        state.expectedClose()),
                before);
    }

    private void tell(Chapter chapter, Step<DealChange> step) {
        Stages stages = pipelines.get(chapter.pot().pipeline());
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
                        Values.money(chapter.amount()),
                        chapter.currency(),
                        Values.money(chapter.pot().amount()),
                        chapter.ownerId(),
                        chapter.accountId(),
                        Values.time(chapter.createdAt()),
                        Values.time(chapter.closedAt()),
                        chapter.pot().expectedClose(),
                        Integer.toString(chapter.pushCount()),
                        Values.time(chapter.stalledSince())));
        waterfall.add(chapter, step);
    }
}
