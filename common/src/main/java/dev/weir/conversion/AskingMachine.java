package dev.weir.conversion;

import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.List;

/**
 * Knows whom a win asks for touches: the person or account that a deal names or, when that was merged, the one that lives on,
 * where the touches of both are. A merge that comes after the win takes the question along.
 */
public final class AskingMachine implements Machine<JourneyPoint, JourneyPoint> {

    @Override
    public String id(JourneyPoint fact) {
        return fact.id();
    }

    @Override
    public long time(JourneyPoint fact) {
        return fact.at();
    }

    @Override
    public JourneyPoint prefer(JourneyPoint kept, JourneyPoint newcomer) {
        return JourneyPoint.prefer(kept, newcomer);
    }

    @Override
    public void say(String key, List<JourneyPoint> facts, Step<JourneyPoint> step) {
        String owner = key;
        for (JourneyPoint fact : facts) {
            owner = fact.belongsTo() == null ? owner : fact.belongsTo();
        }
        for (JourneyPoint fact : facts) {
            if (fact.belongsTo() == null) {
                step.fact(owner, fact.id(), fact);
            }
        }
    }
}
