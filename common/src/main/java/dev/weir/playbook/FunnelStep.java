package dev.weir.playbook;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One step of a funnel.
 *
 * @param when a CEL condition over {@code engagement}, {@code deal} or {@code feedback}
 * @param within since the step before, at most; null: only the funnel's own limit
 * @param optional may be passed over
 */
public record FunnelStep(String name, String when, @Nullable Duration within, boolean optional)
        implements Serializable {}
