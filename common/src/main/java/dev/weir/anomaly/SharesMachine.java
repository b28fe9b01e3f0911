package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * What all values of a rate had in one window, told to whoever asks. A point lies in one window only, so its key is small
 * however long the series, and nothing is told while no signal asks.
 */
public final class SharesMachine implements Machine<Clue, Clue> {

    @Override
    public String id(Clue fact) {
        return fact.id();
    }

    @Override
    public long time(Clue fact) {
        return fact.at();
    }

    @Override
    public Clue prefer(Clue kept, Clue newcomer) {
        return newcomer;
    }

    @Override
    public void say(String key, List<Clue> facts, Step<Clue> step) {
        List<Clue.Question> questions = new ArrayList<>();
        List<Clue.Share> shares = new ArrayList<>();
        for (Clue fact : facts) {
            MetricPoint point = fact.point();
            if (fact.question() != null) {
                questions.add(fact.question());
            } else if (point != null && !point.deleted() && point.denominator() > 0) {
                shares.add(new Clue.Share(point.breakdown(), point.value(), point.numerator(), point.denominator()));
            }
        }
        for (Clue.Question question : questions) {
            Clue answer = Clue.answer(facts.get(0).at(), new Clue.Answer(question.now(), shares));
            step.fact(question.signalId(), answer.id(), answer);
        }
    }
}
