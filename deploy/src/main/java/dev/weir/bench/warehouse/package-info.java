/** How long the views of the warehouse take over years of rows. */
@NullMarked
package dev.weir.bench.warehouse;

import org.jspecify.annotations.NullMarked;
