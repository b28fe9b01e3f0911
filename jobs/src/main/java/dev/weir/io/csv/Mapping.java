package dev.weir.io.csv;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a CSV log mean.
 *
 * @param encoding of the file
 * @param delimiter between cells
 * @param keep conditions that all hold for a row that counts
 * @param events what each row that counts may say
 */
public record Mapping(Charset encoding, char delimiter, List<Condition> keep, List<Template> events) {

    /** A column holds, or does not hold, one of some values. An empty cell is the value "". */
    record Condition(String column, Set<String> values, boolean holds) {
        boolean test(String cell) {
            return values.contains(cell) == holds;
        }
    }

    /**
     * An event that a row gives when all conditions hold.
     *
     * @param type engagement, deal, feedback or entity
     * @param fields by name in native JSON
     */
    record Template(String type, List<Condition> when, Map<String, Source> fields) {}

    /**
     * Where a field's value comes from.
     *
     * @param column whose cell it is, or null for a constant
     * @param constant the value when there is no column
     * @param values what cells are to be read as; empty: as they are
     * @param otherwise what every other cell is to be read as; null: as it is, but listed as unmapped
     * @param time how the cell is read where the field is a time or a date
     */
    record Source(
            @Nullable String column,
            @Nullable String constant,
            Map<String, String> values,
            @Nullable String otherwise,
            TimeFormat time) {}

    /** Native-JSON fields by type of event, in the order in which they are written. */
    static final Map<String, List<String>> FIELDS = Map.of(
            "engagement",
                    List.of(
                            "person_id",
                            "anonymous_id",
                            "account_id",
                            "deal_id",
                            "kind",
                            "channel",
                            "campaign",
                            "asset",
                            "asset_version"),
            "deal",
                    List.of(
                            "deal_id",
                            "kind",
                            "pipeline",
                            "stage",
                            "deal_type",
                            "amount",
                            "recurring_amount",
                            "currency",
                            "owner_id",
                            "account_id",
                            "person_ids",
                            "expected_close",
                            "into_id",
                            "loss_reason",
                            "forecast_category",
                            "contract_start",
                            "contract_end"),
            "feedback", List.of("person_id", "account_id", "deal_id", "survey", "kind", "score", "comment"),
            "entity", List.of("entity", "kind", "id", "into_id", "parent_id"));

    /** Fields without which there is no event, by type. */
    static final Map<String, List<String>> REQUIRED = Map.of(
            "engagement", List.of("kind"),
            "deal", List.of("deal_id", "kind"),
            "feedback", List.of("kind"),
            "entity", List.of("entity", "kind", "id"));

    static final String PROPERTIES = "properties.";
    static final String EVENT_ID = "event_id";
    static final String OCCURRED_AT = "occurred_at";
    static final Set<String> DATES = Set.of("expected_close", "contract_start", "contract_end");
    static final Set<String> MONEY = Set.of("amount", "recurring_amount");
}
