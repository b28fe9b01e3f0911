/** Delivery: pure decisions and words, and the whole of it against real receivers. */
@NullMarked
package dev.weir.relay;

import org.jspecify.annotations.NullMarked;
