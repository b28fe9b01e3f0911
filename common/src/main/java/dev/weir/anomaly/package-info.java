/** Which metric series have left their usual course. Key: the series. */
@NullMarked
package dev.weir.anomaly;

import org.jspecify.annotations.NullMarked;
