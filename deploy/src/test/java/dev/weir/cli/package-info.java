<<<<<<< HEAD
/** The verbs as people type them. */
=======
/** The command, tried. */
>>>>>>> f175e9d (The playbook: a published schema, a loader that tells every mistake at once with its place and its mend, validate)
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
