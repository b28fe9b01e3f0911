package dev.weir.conversion;

import dev.weir.event.Engagement;
import dev.weir.machine.Cell;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The touches of one person, visitor or account, and the conversions they are asked for: won deals that name it, and funnels
 * that it completed.
 *
 * <p>It gives each of them the touches of the lookback. At the key where a touch is at home it
 * adds it to its campaign, channel and asset, counts the person once a window for each of them, and adds to the paths of the
 * window the one that led to no won deal: the touches no win of this key may credit. At a campaign's key it adds what the
 * campaign cost.
 */
public final class JourneyMachine implements Machine<JourneyPoint, JourneyPoint> {
    private final Attribution attribution;
    private final List<Grain> grains;
    private final Windows windows;
    private final Money money;

    public JourneyMachine(Playbook playbook, Attribution attribution) {
        this.attribution = attribution;
        this.grains = grains(attribution);
        this.windows = Windows.of(playbook);
        this.money = Money.of(playbook);
    }

    static List<Grain> grains(Attribution attribution) {
        List<Grain> grains = new ArrayList<>(attribution.windows());
        grains.add(Grain.ALL);
        return List.copyOf(grains);
    }

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
        List<Touch> touches = new ArrayList<>();
        List<Conversion> wins = new ArrayList<>();
        for (JourneyPoint fact : facts) {
            if (fact.conversion() != null) {
                wins.add(fact.conversion());
            } else {
                touches.add(fact.aTouch());
            }
        }
        List<Touch> home = new ArrayList<>();
        List<Touch> lost = new ArrayList<>();
        for (Touch touch : touches) {
            boolean asked = touch.credited() && ask(key, touch, wins, step);
            if (touch.home()) {
                home.add(touch);
                step.state(touch, () -> tell(touch, step));
            }
            if (touch.home() && touch.credited() && !asked) {
                lost.add(touch);
            }
        }
        for (Grain grain : grains) {
            reached(key, grain, home, step);
            lost(grain, lost, step);
        }
    }

    /** Gives a touch to all conversions it may be credited for; whether a won deal is one. */
    private boolean ask(String key, Touch touch, List<Conversion> wins, Step<JourneyPoint> step) {
        boolean asked = false;
        for (Conversion win : wins) {
            if (touch.at() <= win.at()
                    && win.at() - touch.at() <= attribution.lookback().toMillis()) {
                JourneyPoint given = JourneyPoint.by(key, touch);
                step.fact(win.key(), given.id(), given);
                asked |= win.isOfDeal();
            }
        }
        return asked;
    }

    private void tell(Touch touch, Step<JourneyPoint> step) {
        boolean cost = touch.kind().equals(Engagement.COST);
        for (Grain grain : grains) {
            String window = Long.toString(windows.start(grain, touch.at()));
            for (Subject subject : Subject.of(touch)) {
                String group = CampaignTally.group(grain, window, subject);
                if (cost) {
                    if (!subject.isOfAsset() || touch.asset() != null) {
                        cost(touch, group, step);
                    }
                } else {
                    step.sum(group, Cell.of(0, 0, CampaignTally.TOUCHES), touch.credited() ? 1 : 0);
                    int mail = CampaignTally.MAILS.indexOf(touch.kind());
                    if (mail >= 0) {
                        step.sum(group, Cell.of(0, 0, CampaignTally.MAIL + mail), 1);
                    }
                }
            }
        }
    }

    private void cost(Touch touch, String group, Step<JourneyPoint> step) {
        BigDecimal amount = amount(touch);
        BigDecimal reporting = money.reporting(amount, touch.currency(), touch.at());
        if (reporting == null) {
            step.sum(group, Cell.of(0, 0, CampaignTally.COSTS_WITHOUT_RATE), 1);
        } else {
            step.sum(group, Cell.of(0, 0, CampaignTally.COST), money.minor(reporting, null));
        }
    }

    /** The door has seen to it that it is a number; what an older door let in counts as one without a rate. */
    private static @Nullable BigDecimal amount(Touch touch) {
        try {
            return touch.amount() == null ? null : new BigDecimal(touch.amount());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** That a key was reached by a subject in a window, in which ways; each counts once however often it happened. */
    private record Reached(Grain grain, long start, Set<Way> ways) {}

    private record Way(Subject subject, int measure) {}

    private void reached(String key, Grain grain, List<Touch> touches, Step<JourneyPoint> step) {
        if (Entities.isCampaign(key)) {
            return;
        }
        for (List<Touch> window : byWindow(grain, touches)) {
            Set<Way> ways = new LinkedHashSet<>();
            for (Touch touch : window) {
                for (Subject subject : Subject.of(touch)) {
                    for (int measure : CampaignTally.ways(touch.kind())) {
                        ways.add(new Way(subject, measure));
                    }
                }
            }
            Reached reached =
                    new Reached(grain, windows.start(grain, window.get(0).at()), ways);
            step.state(reached, () -> {
                for (Way way : reached.ways) {
                    String group = CampaignTally.group(grain, Long.toString(reached.start), way.subject);
                    step.sum(group, Cell.of(0, 0, way.measure), 1);
                }
            });
        }
    }

    /** A path of a window that led to no win. */
    private record Lost(Grain grain, long start, List<Integer> channels) {}

    private void lost(Grain grain, List<Touch> touches, Step<JourneyPoint> step) {
        if (!attribution.models().contains(Attribution.Model.MARKOV)) {
            return;
        }
        for (List<Touch> window : byWindow(grain, touches)) {
            Lost path =
                    new Lost(grain, windows.start(grain, window.get(0).at()), PathTally.channels(attribution, window));
            step.state(
                    path,
                    () -> PathTally.addUp(PathTally.group(grain, path.start), path.channels, PathTally.ENDS, step));
        }
    }

    /** Runs of touches that lie in one window. */
    private List<List<Touch>> byWindow(Grain grain, List<Touch> touches) {
        List<List<Touch>> runs = new ArrayList<>();
        long end = Long.MIN_VALUE;
        for (Touch touch : touches) {
            if (runs.isEmpty() || touch.at() >= end) {
                runs.add(new ArrayList<>());
                end = windows.end(grain, windows.start(grain, touch.at()));
            }
            runs.get(runs.size() - 1).add(touch);
        }
        return runs;
    }
}
