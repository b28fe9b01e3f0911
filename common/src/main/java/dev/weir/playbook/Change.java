package dev.weir.playbook;

import java.io.Serializable;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** Something the business changed, by whom, what it should bring, and when to look back. */
public record Change(
        LocalDate date,
        String what,
        @Nullable String who,
        @Nullable String expects,
        @Nullable LocalDate review) implements Serializable {}
