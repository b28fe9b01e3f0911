/** How well anomalies are found: public benchmarks with our own scorer, and simulated series whose truth is known. */
@NullMarked
package dev.weir.bench.detection;

import org.jspecify.annotations.NullMarked;
