/** Tests of windows and money. */
@NullMarked
package dev.weir.playbook;

import org.jspecify.annotations.NullMarked;
