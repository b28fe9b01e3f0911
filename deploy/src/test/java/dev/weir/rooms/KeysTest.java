package dev.weir.rooms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaParameterizedType;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.weir.flink.Flow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;

/**
 * Keys are String or long only. An enum inside a key has another hash in another JVM and sends state astray, which tests in
 * one JVM never see.
 */
@AnalyzeClasses(packages = House.ROOT, importOptions = House.class)
class KeysTest {
    private static final Set<String> GOOD_KEYS = Set.of(String.class.getName(), Long.class.getName());

    /** Which type argument of a Flink type is the key. */
    private static final Map<String, Integer> KEY_ARGUMENT = Map.of(
            KeySelector.class.getName(), 1,
            KeyedStream.class.getName(), 1,
            KeyedProcessFunction.class.getName(), 0,
            KeyedCoProcessFunction.class.getName(), 0,
            KeyedBroadcastProcessFunction.class.getName(), 0);

    @ArchTest
    static final ArchRule keysInSignaturesAreStringsOrLongs = classes().should(nameNoOtherKey());

    @ArchTest
    static final ArchRule everyKeyBySaysThatItsKeyIsAStringOrALong = classes().should(sayTheTypeOfEveryKey());

    @ArchTest
    static final ArchRule noOtherWayToAKey = noClasses()
            .should()
            .callMethodWhere(com.tngtech.archunit.base.DescribedPredicate.describe(
                    "streams are partitioned or taken as keyed in another way",
                    call -> Set.of("reinterpretAsKeyedStream", "partitionCustom", "setStateKeyType")
                                    .contains(call.getName())
                            // A union forgets that one of its streams has keys; its selector gives a String, as
                            // declared.
                            && !(call.getName().equals("setStateKeyType")
                                    && call.getOriginOwner().isEquivalentTo(Flow.class))));

    /** Looks at supertypes, fields, parameters and results: everywhere that bytecode keeps type arguments. */
    private static ArchCondition<JavaClass> nameNoOtherKey() {
        return new ArchCondition<>("name keys that are String or Long only") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream<JavaType> supertypes =
                        Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
                Stream<JavaType> fields = type.getFields().stream().map(field -> field.getType());
                Stream<JavaType> signatures = type.getCodeUnits().stream()
                        .flatMap(unit ->
                                Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream()));
                Stream.of(supertypes, fields, signatures)
                        .flatMap(named -> named)
                        .flatMap(named -> badKey(named).stream())
                        .forEach(key -> events.add(
                                SimpleConditionEvent.violated(type, type.getName() + " has a key of type " + key)));
            }
        };
    }

    private static Optional<String> badKey(JavaType named) {
        Integer position = KEY_ARGUMENT.get(named.toErasure().getName());
        if (position == null || !(named instanceof JavaParameterizedType parameterized)) {
            return Optional.empty();
        }
        String key = parameterized.getActualTypeArguments().get(position).getName();
        return GOOD_KEYS.contains(key) ? Optional.empty() : Optional.of(key);
    }

    /**
     * The key of a lambda is not in the bytecode; the type given beside it is. So every {@code keyBy} has two arguments, and
     * a method reads {@code Types.STRING} or {@code Types.LONG} as often as it calls {@code keyBy}.
     */
    private static ArchCondition<JavaClass> sayTheTypeOfEveryKey() {
        return new ArchCondition<>("give Types.STRING or Types.LONG to every keyBy") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaCodeUnit unit : type.getCodeUnits()) {
                    List<JavaMethodCall> calls = unit.getMethodCallsFromSelf().stream()
                            .filter(call -> call.getName().equals("keyBy")
                                    && call.getTargetOwner().isAssignableTo(DataStream.class))
                            .toList();
                    long typed = calls.stream()
                            .filter(call -> call.getTarget().getRawParameterTypes().stream()
                                    .anyMatch(parameter -> parameter.isEquivalentTo(TypeInformation.class)))
                            .count();
                    long good = unit.getFieldAccesses().stream()
                            .filter(access -> access.getTargetOwner().isEquivalentTo(Types.class)
                                    && Set.of("STRING", "LONG")
                                            .contains(access.getTarget().getName()))
                            .count();
                    if (typed < calls.size() || good < calls.size()) {
                        String lines = calls.stream()
                                .map(call -> call.getSourceCodeLocation().toString())
                                .collect(Collectors.joining(", "));
                        events.add(SimpleConditionEvent.violated(
                                type, unit.getFullName() + " calls keyBy without Types.STRING or Types.LONG " + lines));
                    }
                }
            }
        };
    }
}
