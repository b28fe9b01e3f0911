package dev.weir.machine;

import static dev.weir.machine.Column.Type.TEXT;

/** What is wrong with the data although every record could be read: for people, each with the mend where there is one. */
public final class Issues {
    /** A merge that does not count. */
    public static final String MERGE_REFUSED = "merge_refused";
    /** A key with more facts than its limit: the earliest are kept, and its rows lack the others. */
    public static final String TRUNCATED = "truncated";
    /** A fact that belongs to a key that was sealed, and came there from another. */
    public static final String SEALED = "sealed";

    public static final Table TABLE = Table.named("data_issue")
            .key(TEXT, "job", "issue", "subject")
            .with(TEXT, "detail")
            .build();

    private Issues() {}

    /**
     * One issue.
     *
     * @param subject what has it: an event's id, or a machine and its key
     * @param detail for a person
     */
    public static Row row(String job, String issue, String subject, String detail, long asOf) {
        return Row.of(TABLE, "", asOf, job, issue, subject, detail);
    }
}
