/** Faults injected into the whole system on this machine, and what must hold after each: behind {@code scripts/faults}. */
@NullMarked
package dev.weir.faults;

import org.jspecify.annotations.NullMarked;
