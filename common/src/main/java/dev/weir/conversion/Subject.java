package dev.weir.conversion;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What campaigns and credit are broken down by: everything, channel, campaign, asset, version of an asset. */
record Subject(String breakdown, String value) {
    static final Subject TOTAL = new Subject("(total)", "(total)");

    /** What a touch belongs to, each breakdown once. */
    static List<Subject> of(Touch touch) {
        return List.of(
                TOTAL,
                new Subject("channel", known(touch.channel())),
                new Subject("campaign", known(touch.campaign())),
                new Subject("asset", known(touch.asset())),
                new Subject("asset_version", version(touch)));
    }

    /** All breakdowns of one value, for what belongs to no touch. */
    static List<Subject> all(String value) {
        return List.of(
                TOTAL,
                new Subject("channel", value),
                new Subject("campaign", value),
                new Subject("asset", value),
                new Subject("asset_version", value));
    }

    /** Whether it speaks of an asset, which what has none costs nothing. */
    boolean isOfAsset() {
        return breakdown.startsWith("asset");
    }

    /** A version says nothing without its asset. */
    private static String version(Touch touch) {
        return touch.assetVersion() == null ? "(unknown)" : known(touch.asset()) + "@" + touch.assetVersion();
    }

    private static String known(@Nullable String value) {
        return Objects.requireNonNullElse(value, "(unknown)");
    }
}
