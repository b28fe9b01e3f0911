/** The operators, with a crash after every event. */
@NullMarked
package dev.weir.flink;

import org.jspecify.annotations.NullMarked;
