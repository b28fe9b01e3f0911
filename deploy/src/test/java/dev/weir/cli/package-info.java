/** The verbs under test: what they refuse, what they report, what they write. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
