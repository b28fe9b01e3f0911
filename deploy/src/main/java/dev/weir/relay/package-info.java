/**
 * Tells people of alerts: from the alert topic to Slack, mail, webhooks and Alertmanager, each receiver by itself, so that a
 * dead one holds up no other.
 */
@NullMarked
package dev.weir.relay;

import org.jspecify.annotations.NullMarked;
