/** The doors, tried. */
@NullMarked
package dev.weir.io;

import org.jspecify.annotations.NullMarked;
