package dev.weir.console;

import dev.weir.playbook.Change;
import java.util.List;

/**
 * What a page is made from.
 *
 * @param views the warehouse at one moment
 * @param query what it was asked to show
 * @param changes what the playbook says was changed, if the console was given one
 * @param desk what a form at an alert needs
 */
record Look(Views views, Query query, List<Change> changes, DeskForm desk) {
    /**
     * The forms at alerts.
     *
     * @param token that a form must send back, so that no other page can send it
     * @param isOpen whether there are brokers to write to
     */
    record DeskForm(String token, boolean isOpen) {}
}
