/** The contracts everything stands on: a machine says what its facts mean, a step is the difference, a tally sums them. */
@NullMarked
package dev.weir.machine;

import org.jspecify.annotations.NullMarked;
