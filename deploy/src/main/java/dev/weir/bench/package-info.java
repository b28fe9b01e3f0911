/** How much CPU an event costs: the real flows against plain loops over the same bytes, with equal answers. */
@NullMarked
package dev.weir.bench;

import org.jspecify.annotations.NullMarked;
