/** The verbs as people type them. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
