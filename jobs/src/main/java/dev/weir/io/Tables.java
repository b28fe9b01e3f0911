package dev.weir.io;

import dev.weir.alert.AlertTables;
import dev.weir.anomaly.WatchTables;
import dev.weir.conversion.AttributionTables;
import dev.weir.conversion.FunnelTables;
import dev.weir.cycletime.DealTables;
import dev.weir.event.EntityTables;
import dev.weir.machine.Issues;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every table of the warehouse that a job writes. A test holds this list against the migrations, both ways. */
public final class Tables {
    private static final List<Table> WAREHOUSE = List.of(
            DealTables.DEAL,
            DealTables.DEAL_HISTORY,
            DealTables.STAGE_VISIT,
            DealTables.STAGE_FLOW,
            DealTables.STAGE_COHORT,
            DealTables.STAGE_HAZARD,
            DealTables.STAGE_QUEUE,
            DealTables.BOTTLENECK,
            DealTables.PIPELINE_WATERFALL,
            DealTables.PIPELINE_FIGURES,
            DealTables.FORECAST,
            DealTables.STAGE_LIMIT,
            FunnelTables.FUNNEL_ATTEMPT,
            FunnelTables.FUNNEL_WINDOW,
            AttributionTables.CONVERSION,
            AttributionTables.TOUCH_CREDIT,
            AttributionTables.ATTRIBUTION_WINDOW,
            AttributionTables.CAMPAIGN_WINDOW,
            WatchTables.METRIC_POINT,
            AlertTables.ALERT,
            DeadLetterTable.DEAD_LETTER,
            LedgerTally.TABLE,
            Issues.TABLE,
            EntityTables.OWNER,
            EntityTables.ACCOUNT,
            EntityTables.PERSON,
            EntityTables.CAMPAIGN);

    private Tables() {}

    /** The tables by name, in the order in which they are listed here. */
    public static Map<String, Table> warehouse() {
        Map<String, Table> byName = new LinkedHashMap<>();
        for (Table table : WAREHOUSE) {
            byName.put(table.name(), table);
        }
        return byName;
    }
}
