package dev.weir.playbook;

import java.io.Serializable;
import java.util.List;

/**
 * The stages a deal passes, in order.
 *
 * @param definition hash of this pipeline and of what it depends on (zone, calendar, currency, rates), twelve hex digits
 * @param stages in playbook order, outcomes included
 * @param breakdowns fields by whose value rows are split, such as {@code owner_id} or {@code properties.segment}
 * @param windows grains beside {@link Grain#ALL}, which every pipeline has
 */
public record Pipeline(String name, String definition, List<Stage> stages, List<String> breakdowns, List<Grain> windows)
        implements Serializable {}
