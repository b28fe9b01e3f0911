package dev.weir.playbook;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Who receives alerts: a channel, and a lead as a last resort. */
public record Team(
        String name, @Nullable String channel, @Nullable String lead) implements Serializable {}
