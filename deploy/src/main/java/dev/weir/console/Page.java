package dev.weir.console;

import java.sql.SQLException;

/** One page of the console. */
interface Page {
    /** Its address, such as {@code /alerts}. */
    String path();

    /** Its name in the navigation. */
    String name();

    /** What it shows, with its heading. */
    Html body(Look look) throws SQLException;
}
