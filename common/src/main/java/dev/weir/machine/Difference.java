package dev.weir.machine;

import org.jspecify.annotations.Nullable;

/**
 * A fact that comes to a key or leaves it.
 *
 * <p>The fields are public and there is an empty constructor for the serializer; nothing changes them after that.
 */
public final class Difference<F> {
    /** The key the fact belongs to. */
    public String key = "";
    /** True when the fact comes, false when it leaves. */
    public boolean comes;
    /** The fact itself. */
    public @Nullable F fact;
    /**
     * Where the record behind the fact was read, if this key is where that record is counted; null for facts that another
     * machine sends, whose records are counted there.
     */
    public @Nullable Position position;
    /**
     * Whether a machine sent it: then it comes and leaves exactly as often as that machine says so, on one of several ways.
     * What no machine sent may be doubled and stays.
     */
    public boolean sent;

    public Difference() {}

    public Difference(String key, boolean comes, F fact, @Nullable Position position) {
        this.key = key;
        this.comes = comes;
        this.fact = fact;
        this.position = position;
    }

    /** A fact that a machine gives to another key, or takes from it. */
    public static <F> Difference<F> sent(String key, boolean comes, F fact) {
        Difference<F> difference = new Difference<>(key, comes, fact, null);
        difference.sent = true;
        return difference;
    }

    /** What was made of this fact comes and leaves with it; the record is counted elsewhere. */
    public <G> Difference<G> made(G made) {
        Difference<G> difference = new Difference<>(key, comes, made, null);
        difference.sent = sent;
        return difference;
    }

    @Override
    public String toString() {
        return (comes ? "+" : "-") + key + ":" + fact;
    }
}
