/** Tests of the rules of deals and stages. */
@NullMarked
package dev.weir.cycletime;

import org.jspecify.annotations.NullMarked;
