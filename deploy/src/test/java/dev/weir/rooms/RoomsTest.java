package dev.weir.rooms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static dev.weir.rooms.House.and;
import static dev.weir.rooms.House.rooms;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Machine;
import dev.weir.machine.Tally;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.Function;
import org.apache.flink.streaming.api.operators.StreamOperator;

/** The rooms of jobs and deploy. */
@AnalyzeClasses(packages = House.ROOT, importOptions = House.class)
class RoomsTest {
    /** What only jobs/io may touch. */
    private static final String[] DOORS = {
        "org.apache.flink.connector..",
        "org.apache.flink.formats..",
        "org.apache.flink.streaming.connectors..",
        "org.apache.kafka..",
        "org.apache.avro..",
        "dev.weir.avro..",
        "org.postgresql..",
        "java.sql..",
        "javax.sql..",
        "com.fasterxml..",
        "com.networknt..",
        "org.yaml..",
        "dev.cel.."
    };

    private static final Pattern BUSINESS_WORD = Pattern.compile(
            "deal|funnel|campaign|survey|stage(?!d)|pipeline|person|accounts|accountid|engagement|feedback|retention|conversion");

    /** What decides about the business. The ledger counts records, not business. */
    private static final DescribedPredicate<JavaClass> DECISIONS = DescribedPredicate.describe(
            "machines and tallies",
            type -> (type.isAssignableTo(Machine.class) || type.isAssignableTo(Tally.class))
                    && !type.isEquivalentTo(LedgerTally.class));

    @ArchTest
    static final ArchRule flinkKnowsMachinesOnly = classes()
            .that()
            .resideInAnyPackage(rooms("flink"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    and(rooms("flink", "machine"), "org.apache.flink..", "java..", "org.slf4j..", "org.jspecify.."));

    @ArchTest
    static final ArchRule flinkOpensNoDoor = noClasses()
            .that()
            .resideInAnyPackage(rooms("flink"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DOORS);

    @ArchTest
    static final ArchRule flinkHasNoBusinessWord =
            classes().that().resideInAnyPackage(rooms("flink")).should(haveNoBusinessWord());

    @ArchTest
    static final ArchRule ioKeepsNoKeyedState = noClasses()
            .that()
            .resideInAnyPackage(rooms("io"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.flink.api.common.state..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("org\\.apache\\.flink\\.streaming\\.api\\.functions\\..*Keyed.*Function.*");

    @ArchTest
    static final ArchRule ioDecidesNothing =
            noClasses().that().resideInAnyPackage(rooms("io")).should().dependOnClassesThat(DECISIONS);

    @ArchTest
    static final ArchRule ioKnowsNoJob = noClasses()
            .that()
            .resideInAnyPackage(rooms("io", "flink"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(rooms("jobs"));

    /** A second opinion that used the first would be none: events and playbook as records, and of those no method that counts. */
    @ArchTest
    static final ArchRule theRecountKnowsNobody = classes()
            .that()
            .resideInAnyPackage(rooms("recount"))
            .should()
            .onlyDependOnClassesThat(DescribedPredicate.describe(
                    "are events, the playbook's records or plain Java",
                    type -> type.isPrimitive()
                            || type.isArray()
                            || type.getPackageName().startsWith("java.")
                            || type.getPackageName().startsWith("org.jspecify")
                            || type.getPackageName().equals(House.ROOT + ".recount")
                            || (type.getPackageName().equals(House.ROOT + ".event")
                                    && !type.getSimpleName().equals("Deal"))
                            || (type.getPackageName().equals(House.ROOT + ".playbook")
                                    && !type.getSimpleName().equals("Windows")
                                    && !type.getSimpleName().equals("Money"))));

    @ArchTest
    static final ArchRule jobsLeaveDoorsToIo = noClasses()
            .that()
            .resideInAnyPackage(rooms("jobs"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DOORS);

    @ArchTest
    static final ArchRule jobsLeaveStateToFlink = noClasses()
            .that()
            .resideInAnyPackage(rooms("jobs"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.flink.api.common.state..")
            .orShould()
            .beAssignableTo(StreamOperator.class)
            .orShould()
            .beAssignableTo(Machine.class);

    @ArchTest
    static final ArchRule nothingDependsOnDeploy = noClasses()
            .that()
            .resideOutsideOfPackages(rooms("cli", "local", "console", "faults", "relay", "report", "bench"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(rooms("cli", "local", "console", "faults", "relay", "report", "bench"));

    @ArchTest
    static final ArchRule deployHoldsNoLogicOfTheStream = noClasses()
            .that()
            .resideInAnyPackage(rooms("cli", "local", "console", "relay", "report"))
            .should()
            .beAssignableTo(Function.class)
            .orShould()
            .beAssignableTo(StreamOperator.class)
            .orShould()
            .beAssignableTo(Machine.class)
            .orShould()
            .beAssignableTo(Tally.class);

    @ArchTest
    static final ArchRule noRoomLeadsBackToItself =
            slices().matching("dev.weir.(*)..").should().beFreeOfCycles();

    private static ArchCondition<JavaClass> haveNoBusinessWord() {
        return new ArchCondition<>("have no business word in a name") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream.concat(
                                Stream.of(type.getSimpleName()),
                                type.getMembers().stream().map(HasName::getName))
                        .filter(name -> BUSINESS_WORD
                                .matcher(name.toLowerCase(Locale.ROOT))
                                .find())
                        .forEach(name -> events.add(
                                SimpleConditionEvent.violated(type, type.getName() + " has a business word: " + name)));
            }
        };
    }
}
