package dev.weir.conversion;

import dev.weir.machine.Cell;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Attribution.Model;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Apportionment;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The credit for one won deal: its {@code conversion}, a {@code touch_credit} for each touch and model, and what both add to
 * the windows of the win. Its facts are the win and the touches that persons and account gave; a touch that came both ways
 * counts once. A completed funnel has the same rows, but no windows: those are of won deals, and what is worth one is not to be
 * mixed with revenue.
 *
 * <p>Whatever becomes of the conversion or its touches, the credits of a model sum to the revenue exactly: all is computed anew, and
 * {@link Apportionment} leaves nothing over. One without touches credits {@link #NOBODY}.
 */
public final class CreditMachine implements Machine<JourneyPoint, JourneyPoint> {
    /** Who is credited when there was no touch. */
    static final String NOBODY = "(unattributed)";

    private static final Touch NO_TOUCH =
            new Touch(NOBODY, 0, "", NOBODY, NOBODY, NOBODY, NOBODY, true, false, null, null);

    private final Attribution attribution;
    private final List<Grain> grains;
    private final Windows windows;
    private final Money money;

    public CreditMachine(Playbook playbook, Attribution attribution) {
        this.attribution = attribution;
        this.grains = JourneyMachine.grains(attribution);
        this.windows = Windows.of(playbook);
        this.money = Money.of(playbook);
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
        Conversion win = null;
        Map<String, Touch> byId = new TreeMap<>();
        for (JourneyPoint fact : facts) {
            if (fact.conversion() != null) {
                win = fact.conversion();
            } else {
                Touch touch = fact.aTouch();
                byId.merge(touch.eventId(), touch, (a, b) -> a.toString().compareTo(b.toString()) <= 0 ? a : b);
            }
        }
        if (win == null) {
            return;
        }
        List<Touch> touches = new ArrayList<>(byId.values());
        touches.sort(Comparator.comparingLong(Touch::at).thenComparing(Touch::eventId));
        Sale sale = new Sale(win, money);
        step.row(AttributionTables.CONVERSION, conversion(sale, touches.size(), step.asOf()));
        for (Model model : attribution.models()) {
            if (model != Model.MARKOV) {
                credit(model, sale, touches, step);
            }
        }
        if (win.isOfDeal() && attribution.models().contains(Model.MARKOV)) {
            path(sale, touches, step);
        }
    }

    /** A win with its revenue in minor units; nothing where nobody said, and none in the reporting currency without a rate. */
    private record Sale(
            Conversion win, String id, long minor, @Nullable Long reporting, String currency) {
        Sale(Conversion win, Money money) {
            this(
                    win,
                    win.id(),
                    win.amount() == null ? 0 : money.minor(win.amount(), win.currency()),
                    reporting(win, money),
                    win.currency() == null ? money.reportingCurrency() : win.currency());
        }

        private static @Nullable Long reporting(Conversion win, Money money) {
            if (win.amount() == null) {
                return 0L;
            }
            BigDecimal reporting = money.reporting(win.amount(), win.currency(), win.at());
            return reporting == null ? null : Long.valueOf(money.minor(reporting, null));
        }

        long reportingOrNothing() {
            return reporting == null ? 0 : reporting;
        }
    }

    private Row conversion(Sale sale, int touches, long asOf) {
        Conversion win = sale.win;
        return Row.of(
                AttributionTables.CONVERSION,
                attribution.definition(),
                asOf,
                sale.id,
                win.funnel(),
                win.entityId(),
                win.isOfDeal() ? win.dealId() : null,
                win.accountId(),
                Values.time(win.at()),
                sale.reporting == null ? null : Values.money(money.major(sale.reporting, null)),
                Values.money(win.amount()),
                sale.currency,
                win.dealType(),
                Integer.toString(touches));
    }

    private void credit(Model model, Sale sale, List<Touch> touches, Step<JourneyPoint> step) {
        List<Touch> credited = touches.isEmpty() ? List.of(NO_TOUCH) : touches;
        double[] weights =
                Credits.weights(model, credited, attribution.halfLife().toMillis());
        long[] minor = Apportionment.split(sale.minor, weights);
        long[] reporting = Apportionment.split(sale.reportingOrNothing(), weights);
        long[] shares = Apportionment.split(CreditTally.WHOLE, weights);
        for (int i = 0; i < credited.size(); i++) {
            Touch touch = credited.get(i);
            step.row(
                    AttributionTables.TOUCH_CREDIT,
                    Row.of(
                            AttributionTables.TOUCH_CREDIT,
                            attribution.definition(),
                            step.asOf(),
                            sale.id,
                            touch.eventId(),
                            model.word(),
                            touch.channel(),
                            touch.campaign(),
                            touch.asset(),
                            touch.assetVersion(),
                            touches.isEmpty() ? null : Values.time(touch.at()),
                            Long.toString(minor[i]),
                            sale.currency,
                            sale.reporting == null ? null : Long.toString(reporting[i])));
            if (sale.win.isOfDeal()) {
                List<Subject> subjects = touches.isEmpty() ? Subject.all(NOBODY) : Subject.of(touch);
                addUp(model, sale, subjects, reporting[i], shares[i], step);
            }
        }
    }

    /** What one touch adds to the windows of the win. */
    private void addUp(
            Model model, Sale sale, List<Subject> subjects, long reporting, long share, Step<JourneyPoint> step) {
        for (Grain grain : grains) {
            String window = Long.toString(windows.start(grain, sale.win.at()));
            for (Subject subject : subjects) {
                String group = CreditTally.group(model, grain, window, subject);
                step.sum(group, Cell.of(0, 0, CreditTally.REVENUE), reporting);
                step.sum(group, Cell.of(0, 0, CreditTally.SHARE), share);
                if (sale.reporting == null) {
                    step.sum(group, Cell.of(0, 0, CreditTally.WITHOUT_RATE), share);
                }
            }
        }
    }

    /** The deal's path, among all of its window. */
    private void path(Sale sale, List<Touch> touches, Step<JourneyPoint> step) {
        List<Integer> channels = PathTally.channels(attribution, touches);
        for (Grain grain : grains) {
            String group = PathTally.group(grain, windows.start(grain, sale.win.at()));
            PathTally.addUp(group, channels, PathTally.CONVERTS, step);
            int whose = touches.isEmpty() ? PathTally.UNATTRIBUTED : PathTally.ATTRIBUTED;
            step.sum(group, Cell.of(0, whose, CreditTally.REVENUE), sale.reportingOrNothing());
            step.sum(group, Cell.of(0, whose, CreditTally.SHARE), CreditTally.WHOLE);
            if (sale.reporting == null) {
                step.sum(group, Cell.of(0, whose, CreditTally.WITHOUT_RATE), CreditTally.WHOLE);
            }
        }
    }
}
