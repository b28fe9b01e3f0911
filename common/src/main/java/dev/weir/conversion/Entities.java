package dev.weir.conversion;

import dev.weir.machine.Keys;
import dev.weir.playbook.Funnel;
import java.util.List;

/** The keys under which observations are kept: whose they are, and of what kind. */
public final class Entities {
    private static final String PERSON = "person";
    private static final String ANONYMOUS = "anonymous";
    private static final String ACCOUNT = "account";
    private static final String DEAL = "deal";
    private static final String COMPLETION = "completion";
    private static final String CAMPAIGN = "campaign";

    private Entities() {}

    public static String person(String id) {
        return Keys.join(PERSON, id);
    }

    /** A visitor nobody has identified yet; counts as a person of its own until then. */
    public static String anonymous(String id) {
        return Keys.join(ANONYMOUS, id);
    }

    public static String account(String id) {
        return Keys.join(ACCOUNT, id);
    }

    /** The id as rows say it: {@code (anonymous: id)} for a visitor nobody has identified, so that no person has it too. */
    static String id(String key) {
        List<String> parts = Keys.split(key);
        return parts.get(0).equals(ANONYMOUS) ? "(anonymous: " + parts.get(1) + ")" : parts.get(1);
    }

    /** A deal, where the credit for it is given. */
    public static String deal(String id) {
        return Keys.join(DEAL, id);
    }

    /** A completed attempt at a funnel, where the credit for it is given. */
    static String completion(String conversionId) {
        return Keys.join(COMPLETION, conversionId);
    }

    /** A campaign, where its costs are kept. */
    public static String campaign(String id) {
        return Keys.join(CAMPAIGN, id);
    }

    /** Whether credit for a conversion is given at the key. */
    public static boolean isConversion(String key) {
        return key.startsWith(DEAL) || key.startsWith(COMPLETION);
    }

    static boolean isCampaign(String key) {
        return key.startsWith(CAMPAIGN);
    }

    static boolean isAnonymous(String key) {
        return key.startsWith(ANONYMOUS);
    }

    /** Whether the key is one of those whose attempts such a funnel counts. */
    public static boolean counts(String key, Funnel.Entity entity) {
        return key.startsWith(ACCOUNT) == (entity == Funnel.Entity.ACCOUNT);
    }
}
