package dev.weir.playbook;

import java.io.Serializable;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What a pipeline, or one team's part of it, should win in a quarter, in the reporting currency. */
public record Target(
        String pipeline, String quarter, @Nullable String team, BigDecimal amount) implements Serializable {}
