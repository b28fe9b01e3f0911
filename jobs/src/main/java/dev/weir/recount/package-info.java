/** A second opinion: what the tables must say, counted naively from the events, for tests. It shares no code with the jobs. */
@NullMarked
package dev.weir.recount;

import org.jspecify.annotations.NullMarked;
