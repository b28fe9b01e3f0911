package dev.weir.faults;

/**
 * One way in which things go wrong.
 *
 * @param row short name, as the table of results has it
 * @param what is done, in a few words
 * @param injection does it, at a moment that it observes; it ends when the system is whole again, not when it has caught up
 * @param loses whether records are gone for good by it: then all that can be asked is that this is loud, which the injection
 *     sees to, and the site is done with
 */
record Fault(String row, String what, Injection injection, boolean loses) {
    Fault(String row, String what, Injection injection) {
        this(row, what, injection, false);
    }

    /** Does it to a site that runs. */
    interface Injection {
        void into(Site site) throws Exception;
    }
}
