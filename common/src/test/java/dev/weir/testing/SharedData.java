package dev.weir.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Real data sets that are not part of the repository: in {@code ../shared/data} beside it, or in {@code data} of the folder
 * that {@code WEIR_SHARED} names. Where one is absent its tests are skipped, or fail with {@code scripts/test --real}.
 */
public final class SharedData {
    private SharedData() {}

    /** A file or folder of the data, such as {@code process_logs/bpic2012_flat.csv.gz}. */
    public static Path file(String name) {
        Path file = folder().resolve("data").resolve(name);
        String absent = "needs ../shared/data/" + name;
        if ("true".equals(System.getenv("WEIR_REAL"))) {
            Assertions.assertTrue(Files.exists(file), absent + ", which is not at " + file);
        }
        Assumptions.assumeTrue(Files.exists(file), absent);
        return file;
    }

    private static Path folder() {
        String named = System.getenv("WEIR_SHARED");
        if (named != null) {
            return Path.of(named);
        }
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("scripts/test"))) {
            at = Objects.requireNonNull(at.getParent(), "no scripts/test in this folder or above it");
        }
        return at.resolveSibling("shared");
    }
}
