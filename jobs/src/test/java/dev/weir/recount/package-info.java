/** What the recount sees. */
@NullMarked
package dev.weir.recount;

import org.jspecify.annotations.NullMarked;
