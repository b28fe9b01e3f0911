/** Tests of the events. */
@NullMarked
package dev.weir.event;

import org.jspecify.annotations.NullMarked;
