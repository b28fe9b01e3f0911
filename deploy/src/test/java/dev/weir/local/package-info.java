/** The local system, taken at its word: real processes, real ports. */
@NullMarked
package dev.weir.local;

import org.jspecify.annotations.NullMarked;
