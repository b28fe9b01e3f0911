package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deal changes out of words. {@code 5:lead} enters a stage at 5 ms; {@code 5:lead@b} of pipeline b; {@code 5:@b} moves only
 * the pipeline; {@code 5:.deleted} is of another kind; {@code 5:.} says nothing; {@code 5:.close=2026-02-01}, {@code owner=}
 * or {@code amount=} patch a field; {@code 5:!} is a meeting; {@code #z} at the end gives the id.
 */
final class Changes {
    private Changes() {}

    static List<DealChange> of(String text) {
        List<DealChange> all = new ArrayList<>();
        for (String word : text.split(" +", -1)) {
            all.add(of(word, "e%03d".formatted(all.size())));
        }
        return all;
    }

    private static DealChange of(String word, String number) {
        String[] idApart = word.split("#", -1);
        String[] timeApart = idApart[0].split(":", 2);
        String said = timeApart[1];
        String id = idApart.length > 1 ? idApart[1] : number;
        if (said.equals("!")) {
            return meeting(id, Long.parseLong(timeApart[0]));
        }
        String kind = DealChange.STAGE_CHANGED;
        String stage = null;
        String pipeline = null;
        String patch = "";
        if (said.startsWith(".")) {
            boolean patches = said.contains("=") || said.equals(".");
            kind = patches ? DealChange.AMENDED : said.substring(1);
            patch = patches ? said.substring(1) : "";
        } else {
            int at = said.indexOf('@');
            stage = at < 0 ? said : at == 0 ? null : said.substring(0, at);
            pipeline = at < 0 ? null : said.substring(at + 1);
        }
        return change(id, Long.parseLong(timeApart[0]), kind, pipeline, stage, patch);
    }

    private static DealChange meeting(String id, long at) {
        return DealChange.activity(new Engagement(
                id, Instant.ofEpochMilli(at), null, null, null, "d", "meeting", null, null, null, null, Map.of()));
    }

    private static DealChange change(
            String id, long at, String kind, @Nullable String pipeline, @Nullable String stage, String patch) {
        String value = patch.substring(patch.indexOf('=') + 1);
        return new DealChange(
                id,
                Instant.ofEpochMilli(at),
                "d",
                kind,
                pipeline,
                stage,
                null,
                patch.startsWith("amount=") ? new BigDecimal(value) : null,
                null,
                null,
                patch.startsWith("owner=") ? value : null,
                null,
                null,
                patch.startsWith("close=") ? value : null,
                null,
                null,
                null,
                null,
                null,
                patch.startsWith("cleared=") ? List.of(value) : List.of(),
                patch.startsWith("segment=") ? Map.of("segment", value) : Map.of());
    }

    /** The same change of another deal. */
    static DealChange at(String deal, DealChange c) {
        return new DealChange(
                c.eventId(),
                c.occurredAt(),
                deal,
                c.kind(),
                c.pipeline(),
                c.stage(),
                c.dealType(),
                c.amount(),
                c.recurringAmount(),
                c.currency(),
                c.ownerId(),
                c.accountId(),
                c.personIds(),
                c.expectedClose(),
                c.intoId(),
                c.lossReason(),
                c.forecastCategory(),
                c.contractStart(),
                c.contractEnd(),
                c.cleared(),
                c.properties());
    }
}
