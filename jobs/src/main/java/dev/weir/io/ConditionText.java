package dev.weir.io;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One condition, read, checked against the fields of events, and ready to compile.
 *
 * <p>Between parsing and checking the tree is rewritten so that CEL itself treats what an event does not say as
 * {@link Conditions} promises: {@code properties.x} becomes a lookup that gives {@code ''}, whole numbers compared with a
 * decimal field become decimals, a stage's id or alias becomes its name. Plain comparisons then compile to closures
 * ({@link PlainTest}), because CEL takes about half a microsecond a condition; everything else is left to CEL.
 */
final class ConditionText {
    /** Longest condition, in code points. */
    static final int MAX_LENGTH = 2000;

    static final String PROPERTY = "property";
    static final String PRESENT = "present";

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .maxExpressionCodePointSize(MAX_LENGTH)
            .maxParseRecursionDepth(60)
            .maxParseErrorRecoveryLimit(10)
            .comprehensionMaxIterations(1000)
            .build();
    private static final CelCompiler COMPILER = compiler();
    private static final CelRuntime RUNTIME = runtime();

    /** What is wrong, at which code point of the condition; -1 for the whole. */
    record Fault(int offset, String message) {}

    /** A condition that cannot be used. */
    static final class Faulty extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient List<Fault> faults;

        Faulty(String text, List<Fault> faults) {
            super("condition \"" + text + "\": " + faults.get(0).message());
            this.faults = faults;
        }

        List<Fault> faults() {
            return faults;
        }
    }

    private final String subject;
    private final CelAbstractSyntaxTree tree;

    private ConditionText(String subject, CelAbstractSyntaxTree tree) {
        this.subject = subject;
        this.tree = tree;
    }

    /** The condition, or {@link Faulty} with every fault found. */
    static ConditionText read(String text, Conditions.StageNames stages) {
        CelValidationResult parsed = COMPILER.parse(text);
        if (parsed.hasError()) {
            throw new Faulty(text, faults(parsed).subList(0, 1)); // what follows a syntax error is guesswork
        }
        CelAbstractSyntaxTree tree = tree(parsed);
        Rewrite rewrite = new Rewrite(tree, stages);
        CelExpr rewritten = rewrite.of(tree.getExpr());
        if (!rewrite.faults.isEmpty()) {
            throw new Faulty(text, rewrite.faults);
        }
        CelValidationResult checked = COMPILER.check(CelAbstractSyntaxTree.newParsedAst(rewritten, tree.getSource()));
        if (checked.hasError()) {
            throw new Faulty(text, faults(checked));
        }
        String subject = rewrite.subject();
        if (subject == null) {
            throw new Faulty(text, rewrite.faults);
        }
        return new ConditionText(subject, tree(checked));
    }

    /** Which events it speaks of: engagement, deal or feedback. */
    String subject() {
        return subject;
    }

    /** The fast way where there is one, CEL otherwise. */
    Conditions.Test compile() {
        Conditions.Test plain = plain();
        return plain == null ? byCel() : plain;
    }

    /** As closures; null when it is more than plain comparisons. */
    Conditions.@Nullable Test plain() {
        return PlainTest.of(tree.getExpr(), subject);
    }

    /** By CEL itself. */
    Conditions.Test byCel() {
        Map<String, EventFields.Field> fields = EventFields.of(subject);
        String prefix = subject + ".";
        CelRuntime.Program program;
        try {
            program = RUNTIME.createProgram(tree);
        } catch (CelEvaluationException e) {
            throw new IllegalStateException(e);
        }
        return event -> {
            CelVariableResolver variables = name -> {
                EventFields.Field field = name.startsWith(prefix) ? fields.get(name.substring(prefix.length())) : null;
                return field == null ? Optional.empty() : Optional.of(value(field, event));
            };
            try {
                return Boolean.TRUE.equals(program.eval(variables));
            } catch (CelEvaluationException e) {
                return false;
            }
        };
    }

    /** What conditions see of a field: never null. */
    static Object value(EventFields.Field field, Object event) {
        Object value = field.read().of(event);
        if (value != null) {
            return value;
        }
        return switch (field.type()) {
            case TEXT, TIME -> "";
            case NUMBER -> Double.NaN;
            case TEXTS -> List.of();
            case MAP -> Map.of();
        };
    }

    private static CelAbstractSyntaxTree tree(CelValidationResult result) {
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Fault> faults(CelValidationResult result) {
        List<Fault> faults = new ArrayList<>();
        for (CelIssue issue : result.getErrors()) {
            int line = issue.getSourceLocation().getLine();
            int column = issue.getSourceLocation().getColumn();
            int offset = line < 1 || column < 0
                    ? -1
                    : result.getSource().getLocationOffset(line, column).orElse(-1);
            faults.add(new Fault(offset, plainWords(issue.getMessage())));
        }
        return faults;
    }

    private static String plainWords(String message) {
        String first = message.lines().findFirst().orElse(message).replace(" (in container '')", "");
        if (first.startsWith("undeclared reference to ")) {
            return "unknown name " + first.substring("undeclared reference to ".length())
                    + "; a condition speaks of engagement, deal or feedback, text stands in single quotes";
        }
        if (first.startsWith("token recognition error at: '= ")) {
            return "one '='; write == to compare";
        }
        return first.startsWith("expected type 'bool'")
                ? "not a condition: it must be true or false (" + first + ")"
                : first;
    }

    private static CelCompiler compiler() {
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setResultType(SimpleType.BOOL);
        for (String subject : EventFields.SUBJECTS) {
            for (EventFields.Field field : EventFields.of(subject).values()) {
                builder.addVar(subject + "." + field.name(), type(field.type()));
            }
        }
        MapType properties = MapType.create(SimpleType.STRING, SimpleType.STRING);
        builder.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        PROPERTY,
                        CelOverloadDecl.newGlobalOverload(
                                "property_map_string", SimpleType.STRING, properties, SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        PRESENT,
                        CelOverloadDecl.newGlobalOverload("present_double", SimpleType.BOOL, SimpleType.DOUBLE)));
        return builder.build();
    }

    private static CelRuntime runtime() {
        return CelRuntimeFactory.legacyCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .addFunctionBindings(
                        CelFunctionBinding.from(
                                "property_map_string", Map.class, String.class, ConditionText::property),
                        CelFunctionBinding.from("present_double", Double.class, number -> !number.isNaN()))
                .build();
    }

    private static Object property(Map<?, ?> properties, String name) {
        Object value = properties.get(name);
        return value == null ? "" : value;
    }

    private static CelType type(EventFields.Type type) {
        return switch (type) {
            case TEXT -> SimpleType.STRING;
            case NUMBER -> SimpleType.DOUBLE;
            case TIME -> SimpleType.TIMESTAMP;
            case TEXTS -> ListType.create(SimpleType.STRING);
            case MAP -> MapType.create(SimpleType.STRING, SimpleType.STRING);
        };
    }

    /** The field that a tree like {@code deal.amount} names (checked trees have it as one name); null: something else. */
    static EventFields.@Nullable Field field(CelExpr expr) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.IDENT) {
            String name = expr.ident().name();
            int dot = name.indexOf('.');
            return dot < 0 ? null : EventFields.of(name.substring(0, dot)).get(name.substring(dot + 1));
        }
        if (expr.getKind() != CelExpr.ExprKind.Kind.SELECT || expr.select().testOnly()) {
            return null;
        }
        CelExpr operand = expr.select().operand();
        return operand.getKind() == CelExpr.ExprKind.Kind.IDENT
                ? EventFields.of(operand.ident().name()).get(expr.select().field())
                : null;
    }

    /** Rewrites a parsed tree and collects what is wrong with the names in it. */
    private static final class Rewrite {
        private static final Set<String> COMPARISONS = Set.of("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_");

        private final CelAbstractSyntaxTree tree;
        private final Conditions.StageNames stages;
        private final Set<String> subjects = new LinkedHashSet<>();
        private final List<Fault> faults = new ArrayList<>();
        private long nextId = 1_000_000;

        Rewrite(CelAbstractSyntaxTree tree, Conditions.StageNames stages) {
            this.tree = tree;
            this.stages = stages;
        }

        @Nullable String subject() {
            if (subjects.size() == 1) {
                return subjects.iterator().next();
            }
            if (faults.isEmpty()) {
                faults.add(new Fault(
                        -1,
                        subjects.isEmpty()
                                ? "it speaks of no event; write engagement.…, deal.… or feedback.…"
                                : "it speaks of " + String.join(" and ", subjects)
                                        + ", but one event is only one of them; make it two steps"));
            }
            return null;
        }

        CelExpr of(CelExpr expr) {
            return switch (expr.getKind()) {
                case SELECT -> select(expr);
                case CALL -> call(expr);
                case LIST ->
                    CelExpr.ofList(
                            expr.id(), all(expr.list().elements()), expr.list().optionalIndices());
                case COMPREHENSION -> comprehension(expr);
                case NOT_SET, CONSTANT, IDENT, STRUCT, MAP -> expr;
            };
        }

        private ImmutableList<CelExpr> all(List<CelExpr> exprs) {
            return exprs.stream().map(this::of).collect(ImmutableList.toImmutableList());
        }

        private CelExpr comprehension(CelExpr expr) {
            CelExpr.CelComprehension c = expr.comprehension();
            return expr.toBuilder()
                    .setComprehension(c.toBuilder()
                            .setIterRange(of(c.iterRange()))
                            .setAccuInit(of(c.accuInit()))
                            .setLoopCondition(of(c.loopCondition()))
                            .setLoopStep(of(c.loopStep()))
                            .setResult(of(c.result()))
                            .build())
                    .build();
        }

        private CelExpr select(CelExpr expr) {
            CelExpr.CelSelect select = expr.select();
            CelExpr operand = select.operand();
            if (operand.getKind() == CelExpr.ExprKind.Kind.IDENT
                    && EventFields.SUBJECTS.contains(operand.ident().name())) {
                return ofSubject(expr, operand.ident().name());
            }
            if (isProperties(operand) && !select.testOnly()) {
                CelExpr name = CelExpr.ofConstant(nextId++, CelConstant.ofValue(select.field()));
                return global(expr.id(), PROPERTY, of(operand), name);
            }
            return expr.toBuilder()
                    .setSelect(select.toBuilder().setOperand(of(operand)).build())
                    .build();
        }

        private CelExpr ofSubject(CelExpr expr, String subject) {
            CelExpr.CelSelect select = expr.select();
            subjects.add(subject);
            EventFields.Field field = EventFields.of(subject).get(select.field());
            if (field == null) {
                Set<String> known = EventFields.of(subject).keySet();
                faults.add(new Fault(
                        offset(select.operand()),
                        "unknown field '" + subject + "." + select.field() + "'; "
                                + Spelling.mend(select.field(), known)
                                + (known.contains(EventFields.PROPERTIES)
                                        ? "; what else the source says is in " + subject + ".properties"
                                        : "")));
                return expr;
            }
            if (!select.testOnly()) {
                return expr;
            }
            CelExpr read = CelExpr.ofSelect(nextId++, select.operand(), select.field(), false);
            return switch (field.type()) {
                case NUMBER -> global(expr.id(), PRESENT, read);
                case TEXT -> global(expr.id(), "_!=_", read, CelExpr.ofConstant(nextId++, CelConstant.ofValue("")));
                case TIME, TEXTS, MAP -> {
                    faults.add(new Fault(
                            offset(expr), "has(" + subject + "." + field.name() + ") is always true; leave it out"));
                    yield expr;
                }
            };
        }

        private CelExpr call(CelExpr expr) {
            CelExpr.CelCall call = expr.call();
            if (call.function().equals("_[_]") && isProperties(call.args().get(0))) {
                return global(
                        expr.id(),
                        PROPERTY,
                        of(call.args().get(0)),
                        of(call.args().get(1)));
            }
            ImmutableList<CelExpr> args = call.args().stream().collect(ImmutableList.toImmutableList());
            if (COMPARISONS.contains(call.function()) && args.size() == 2) {
                args = ImmutableList.of(beside(args.get(1), args.get(0)), beside(args.get(0), args.get(1)));
            } else if (call.function().equals("@in")
                    && args.size() == 2
                    && args.get(1).getKind() == CelExpr.ExprKind.Kind.LIST) {
                CelExpr item = args.get(0);
                CelExpr list = args.get(1);
                ImmutableList<CelExpr> elements = list.list().elements().stream()
                        .map(element -> beside(item, element))
                        .collect(ImmutableList.toImmutableList());
                args = ImmutableList.of(
                        item, CelExpr.ofList(list.id(), elements, list.list().optionalIndices()));
            }
            return CelExpr.ofCall(expr.id(), call.target().map(this::of), call.function(), all(args));
        }

        /** The literal as it must read beside that field. */
        private CelExpr beside(CelExpr other, CelExpr literal) {
            EventFields.Field field = field(other);
            if (field == null || literal.getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
                return literal;
            }
            CelConstant constant = literal.constant();
            if (field.type() == EventFields.Type.NUMBER && constant.getKind() == CelConstant.Kind.INT64_VALUE) {
                return CelExpr.ofConstant(literal.id(), CelConstant.ofValue((double) constant.int64Value()));
            }
            if (constant.getKind() != CelConstant.Kind.STRING_VALUE) {
                return literal;
            }
            String subject = other.select().operand().ident().name();
            return CelExpr.ofConstant(
                    literal.id(),
                    CelConstant.ofValue(stages.literal(
                            subject,
                            field.name(),
                            constant.stringValue(),
                            m -> faults.add(new Fault(offset(literal), m)))));
        }

        private static boolean isProperties(CelExpr expr) {
            EventFields.Field field = field(expr);
            return field != null && field.type() == EventFields.Type.MAP;
        }

        private static CelExpr global(long id, String function, CelExpr... args) {
            return CelExpr.ofCall(id, Optional.empty(), function, ImmutableList.copyOf(args));
        }

        private int offset(CelExpr expr) {
            return tree.getSource().getPositionsMap().getOrDefault(expr.id(), -1);
        }
    }
}
