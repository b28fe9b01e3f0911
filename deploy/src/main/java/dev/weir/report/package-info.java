/** Reports as code: a template and a week give a page that stands by itself, and a receipt of what it rests on. */
@NullMarked
package dev.weir.report;

import org.jspecify.annotations.NullMarked;
