/** How deals move: stage visits, stages as queues, bottlenecks, stalls. Key: the deal. */
@NullMarked
package dev.weir.cycletime;

import org.jspecify.annotations.NullMarked;
