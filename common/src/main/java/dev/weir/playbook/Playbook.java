package dev.weir.playbook;

import java.io.Serializable;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a submission measures, fixed when it starts.
 *
 * @param name of the playbook
 * @param hash of the whole playbook, twelve hex digits
 * @param zone in which windows are aligned
 * @param calendar work days, hours, holidays
 * @param reportingCurrency ISO 4217
 * @param rates dated exchange rates into the reporting currency
 * @param teams by name
 * @param seasons rhythms that metrics are known to have
 * @param changes what the business changed, and when, for review
 * @param attribution how won revenue is shared out among touches; null: it is not
 */
public record Playbook(
        String name,
        String hash,
        ZoneId zone,
        WorkCalendar calendar,
        String reportingCurrency,
        List<Rate> rates,
        Map<String, Team> teams,
        List<Pipeline> pipelines,
        List<Funnel> funnels,
        List<Target> targets,
        List<Season> seasons,
        List<Change> changes,
        Alerts alerts,
        @Nullable Attribution attribution)
        implements Serializable {}
