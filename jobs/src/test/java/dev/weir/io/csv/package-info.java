/** Tests of the importer. */
@NullMarked
package dev.weir.io.csv;

import org.jspecify.annotations.NullMarked;
