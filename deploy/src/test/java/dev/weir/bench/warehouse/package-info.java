/** Tests of what the bench of the warehouse asks. */
@NullMarked
package dev.weir.bench.warehouse;

import org.jspecify.annotations.NullMarked;
