package dev.weir.rooms;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.weir.rooms.House.and;
import static dev.weir.rooms.House.rooms;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Random;
import java.util.TimeZone;
import java.util.UUID;

/** The rooms of common: plain Java, each its own question, nothing from outside but its arguments. */
@AnalyzeClasses(packages = House.ROOT, importOptions = House.class)
class CommonTest {
    private static final String[] ALL = rooms(
            "machine",
            "event",
            "playbook",
            "stats",
            "alert",
            "sim",
            "conversion",
            "cycletime",
            "experiment",
            "lead",
            "retention",
            "anomaly");

    /** What a machine may know of Java: values, collections, text, time as a value. */
    private static final String[] PLAIN_JAVA = {
        "java.lang",
        "java.lang.annotation",
        "java.lang.invoke",
        "java.lang.runtime",
        "java.io",
        "java.math",
        "java.nio.charset",
        "java.security",
        "java.text",
        "java.time..",
        "java.util",
        "java.util.function",
        "java.util.regex",
        "java.util.stream",
        "org.jspecify.."
    };

    @ArchTest
    static final ArchRule machineKnowsOnlyItself = only("machine");

    @ArchTest
    static final ArchRule eventsAreRecordsAndTheirRows = only("event", "machine");

    @ArchTest
    static final ArchRule thePlaybookIsRecords = only("playbook", "machine");

    @ArchTest
    static final ArchRule statisticsIsPureMathematics = only("stats", "machine");

    @ArchTest
    static final ArchRule theAlertDeskKnowsNoQuestion = only("alert", "event", "playbook", "machine", "stats");

    @ArchTest
    static final ArchRule theSimulationKnowsNoQuestion = only("sim", "event", "playbook", "machine", "stats", "alert");

    @ArchTest
    static void noQuestionTouchesAnother(JavaClasses house) {
        for (String question : new String[] {"conversion", "cycletime", "experiment", "lead", "retention", "anomaly"}) {
            only(question, "event", "playbook", "machine", "stats", "alert")
                    .allowEmptyShould(true)
                    .check(house);
        }
    }

    @ArchTest
    static final ArchRule timeIsAnArgument = noClasses()
            .that()
            .resideInAnyPackage(ALL)
            .should()
            .callMethodWhere(target(name("now")).and(target(owner(resideInAPackage("java.time..")))))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callConstructor(java.util.Date.class);

    @ArchTest
    static final ArchRule randomIsSeeded = noClasses()
            .that()
            .resideInAnyPackage(ALL)
            .should()
            .callConstructor(Random.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.security\\.SecureRandom|java\\.util\\.concurrent\\.ThreadLocalRandom");

    @ArchTest
    static final ArchRule noThreadsFilesOrLogs = noClasses()
            .that()
            .resideInAnyPackage(ALL)
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.lang\\.(Thread|ThreadLocal|Runtime|Process|ProcessBuilder|System\\$Logger)"
                    + "|java\\.util\\.(Timer|Scanner)"
                    + "|java\\.io\\.(?!Serializable$|UncheckedIOException$).*")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(Object.class, "wait")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getProperty", String.class);

    @ArchTest
    static final ArchRule whereItRunsDoesNotMatter = noClasses()
            .that()
            .resideInAnyPackage(ALL)
            .should()
            .callMethod(ZoneId.class, "systemDefault")
            .orShould()
            .callMethod(TimeZone.class, "getDefault")
            .orShould()
            .callMethod(Locale.class, "getDefault")
            .orShould()
            .callMethod(String.class, "format", String.class, Object[].class)
            .orShould()
            .callMethod(String.class, "formatted", Object[].class)
            .orShould()
            .callMethod(String.class, "toLowerCase")
            .orShould()
            .callMethod(String.class, "toUpperCase");

    private static ArchRule only(String room, String... others) {
        return classes()
                .that()
                .resideInAnyPackage(rooms(room))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(and(and(PLAIN_JAVA, rooms(room)), rooms(others)));
    }
}
