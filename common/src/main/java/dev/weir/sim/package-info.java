/** A seeded simulated company: what happens in it is a pure function of a seed, so demos and laws can be replayed. */
@NullMarked
package dev.weir.sim;

import org.jspecify.annotations.NullMarked;
