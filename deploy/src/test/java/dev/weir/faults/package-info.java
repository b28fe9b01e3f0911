/** Tests of the faults. */
@NullMarked
package dev.weir.faults;

import org.jspecify.annotations.NullMarked;
