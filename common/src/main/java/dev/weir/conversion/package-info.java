/** How people and accounts come to act: funnels and what they count. Key: the person or the account. */
@NullMarked
package dev.weir.conversion;

import org.jspecify.annotations.NullMarked;
