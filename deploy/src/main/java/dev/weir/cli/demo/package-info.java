/** {@code weir demo}: a simulated company goes through the real system, and what the system says of it is checked. */
@NullMarked
package dev.weir.cli.demo;

import org.jspecify.annotations.NullMarked;
