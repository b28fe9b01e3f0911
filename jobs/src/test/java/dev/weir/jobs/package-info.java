/** Golden scenarios: whole jobs over small histories. */
@NullMarked
package dev.weir.jobs;

import org.jspecify.annotations.NullMarked;
