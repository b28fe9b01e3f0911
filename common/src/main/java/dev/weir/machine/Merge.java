package dev.weir.machine;

import org.jspecify.annotations.Nullable;

/**
 * What a source says of two ids that are one thing: from now on {@code from} belongs to {@code into}.
 *
 * @param id of the event that says so
 * @param at when, epoch milliseconds
 * @param into the id that lives on; null when {@code from} is restored and stands for itself again
 */
public record Merge(
        String id, long at, String from, @Nullable String into) {}
