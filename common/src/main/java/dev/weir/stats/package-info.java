/** Pure mathematics: sketches, intervals, tests and e-values, each with its meaning, units, ranges, errors and source. */
@NullMarked
package dev.weir.stats;

import org.jspecify.annotations.NullMarked;
