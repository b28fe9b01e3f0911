/**
 * The whole system on this machine: Kafka, PostgreSQL and Flink as child processes, started and stopped as one.
 * Whatever it writes is under one {@link dev.weir.local.Home}; whoever dies, the next start finds a clean table.
 */
@NullMarked
package dev.weir.local;

import org.jspecify.annotations.NullMarked;
