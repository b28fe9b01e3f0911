/** The doors: the only code that touches Kafka, Avro, Jackson, YAML, CEL and JDBC. */
@NullMarked
package dev.weir.io;

import org.jspecify.annotations.NullMarked;
