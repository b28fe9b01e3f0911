/** Tests of the console. */
@NullMarked
package dev.weir.console;

import org.jspecify.annotations.NullMarked;
