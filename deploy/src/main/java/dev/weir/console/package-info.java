/** What people look at: pages, charts and figures made from the warehouse's {@code bi} views, and the small server of them. */
@NullMarked
package dev.weir.console;

import org.jspecify.annotations.NullMarked;
