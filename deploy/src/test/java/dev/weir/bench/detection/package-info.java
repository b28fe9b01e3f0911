@NullMarked
package dev.weir.bench.detection;

import org.jspecify.annotations.NullMarked;
