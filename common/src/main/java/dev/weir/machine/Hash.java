package dev.weir.machine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Deterministic ids. */
public final class Hash {
    private Hash() {}

    /** The first 32 hex digits of the SHA-256 of the parts, joined so that no two lists of parts share a text. */
    public static String of(String... parts) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(Keys.join(parts).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
