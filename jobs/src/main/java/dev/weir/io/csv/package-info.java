/** CSV logs to native events: which column means what stands in a mapping, never in code. */
@NullMarked
package dev.weir.io.csv;

import org.jspecify.annotations.NullMarked;
