/** Flink remembers for the machines: operators that run any machine and any tally, without a business word. */
@NullMarked
package dev.weir.flink;

import org.jspecify.annotations.NullMarked;
