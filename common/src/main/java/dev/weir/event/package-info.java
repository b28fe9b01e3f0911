/** What happened: engagement, deal, feedback and entity events as flat public records, the way the topics carry them. */
@NullMarked
package dev.weir.event;

import org.jspecify.annotations.NullMarked;
