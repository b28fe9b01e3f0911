/** What each room of the house may touch. */
@NullMarked
package dev.weir.rooms;

import org.jspecify.annotations.NullMarked;
