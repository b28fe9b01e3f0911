package dev.weir.event;

import static dev.weir.machine.Column.Type.BOOLEAN;
import static dev.weir.machine.Column.Type.JSON;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Table;

/** What {@link Dimensions} says; the words of each column stand in the warehouse as its comment. */
public final class EntityTables {
    public static final Table OWNER = Table.named("owner")
            .key(TEXT, "owner_id")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(TEXT, "name", "team", "manager_id", "territory")
            .with(BOOLEAN, "active")
            .with(TEXT, "status", "into_id")
            .with(JSON, "properties")
            .build();

    public static final Table ACCOUNT = Table.named("account")
            .key(TEXT, "account_id")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(TEXT, "name", "parent_id", "segment", "industry", "country", "status", "into_id")
            .with(JSON, "properties")
            .build();

    public static final Table PERSON = Table.named("person")
            .key(TEXT, "person_id")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(TEXT, "name", "account_id", "title", "country", "status", "into_id")
            .with(JSON, "properties")
            .build();

    public static final Table CAMPAIGN = Table.named("campaign")
            .key(TEXT, "campaign_id")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(TEXT, "name", "channel", "parent_id", "status", "into_id")
            .with(JSON, "properties")
            .build();

    private EntityTables() {}
}
