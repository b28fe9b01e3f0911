/** The {@code weir} command: one class per verb. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
