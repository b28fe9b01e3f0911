package dev.weir.machine;

/** Where a record was read. */
public record Position(String topic, int partition, long offset) {}
