/** Signals that jobs raise, and the desk that turns them into alerts and takes them back when the facts change. */
@NullMarked
package dev.weir.alert;

import org.jspecify.annotations.NullMarked;
