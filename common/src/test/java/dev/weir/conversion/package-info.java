/** Tests of the rules of conversion. */
@NullMarked
package dev.weir.conversion;

import org.jspecify.annotations.NullMarked;
