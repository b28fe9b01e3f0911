/** One class per job: sources, flow, sinks. */
@NullMarked
package dev.weir.jobs;

import org.jspecify.annotations.NullMarked;
