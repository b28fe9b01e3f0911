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
        return HexFormat.of().formatHex(sha256(Keys.join(parts).getBytes(StandardCharsets.UTF_8)), 0, 16);
    }

    /** All of the SHA-256, 64 hex digits. */
    public static String sha256Hex(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes));
    }

    /** The SHA-256, 32 bytes. */
    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
