package dev.weir.relay;

import dev.weir.io.PlaybookProblems;
import dev.weir.playbook.Team;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of receivers: who is told of alerts.
 *
 * @param hosts what may be connected to
 * @param directory who is where
 */
public record Receivers(Hosts hosts, Directory directory, List<Receiver> all) {

    /** Nobody. */
    public static final Receivers NONE =
            new Receivers(new Hosts(Set.of()), new Directory(Map.of(), Map.of()), List.of());

    /**
     * The addresses of teams and people.
     *
     * @param teams by name, from the playbook
     * @param owners addresses by the owner's id
     */
    record Directory(Map<String, Team> teams, Map<String, String> owners) {}

    /**
     * Reads a file.
     *
     * @throws BadReceivers when it cannot be used
     * @throws PlaybookProblems when the playbook that it names cannot be used
     * @throws IOException when it cannot be read
     */
    public static Receivers read(Path file) throws IOException {
        return new ReceiversReader(file).read(Files.readString(file));
    }

    /** Their names, in the order of the file. */
    public List<String> names() {
        return all.stream().map(Receiver::name).toList();
    }
}
