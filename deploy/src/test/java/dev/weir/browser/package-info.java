/** The console in a real browser, on the rows of the demo. Compiled and run with {@code -Pbrowser} only: its driver is large. */
@NullMarked
package dev.weir.browser;

import org.jspecify.annotations.NullMarked;
