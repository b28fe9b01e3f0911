package dev.weir.io;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a condition of plain comparisons to closures: ==, !=, &lt;, &lt;=, &gt;, &gt;=, in, &amp;&amp;, ||, !, startsWith,
 * endsWith, contains, has, over fields, properties and literals. Anything else is null, and left to CEL. None of these can
 * fail, so CEL's rules for errors play no part.
 */
final class PlainTest {
    private PlainTest() {}

    /** A text of the event, or a literal. */
    private interface Text {
        String of(Object event);
    }

    /** A number of the event, or a literal; NaN when missing. */
    private interface Numeric {
        double of(Object event);
    }

    static Conditions.@Nullable Test of(CelExpr expr, String subject) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            return hasProperty(expr.select());
        }
        if (expr.getKind() != CelExpr.ExprKind.Kind.CALL) {
            return null;
        }
        CelExpr.CelCall call = expr.call();
        List<CelExpr> args = call.args();
        return switch (call.function()) {
            case "!_" -> not(of(args.get(0), subject));
            case "_&&_" -> and(of(args.get(0), subject), of(args.get(1), subject));
            case "_||_" -> or(of(args.get(0), subject), of(args.get(1), subject));
            case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" -> compare(call.function(), args.get(0), args.get(1));
            case "@in" -> in(args.get(0), args.get(1));
            case "startsWith", "endsWith", "contains" -> part(call);
            case ConditionText.PRESENT -> present(numeric(args.get(0)));
            default -> null;
        };
    }

    private static Conditions.@Nullable Test not(Conditions.@Nullable Test a) {
        return a == null ? null : event -> !a.holds(event);
    }

    private static Conditions.@Nullable Test and(Conditions.@Nullable Test a, Conditions.@Nullable Test b) {
        return a == null || b == null ? null : event -> a.holds(event) && b.holds(event);
    }

    private static Conditions.@Nullable Test or(Conditions.@Nullable Test a, Conditions.@Nullable Test b) {
        return a == null || b == null ? null : event -> a.holds(event) || b.holds(event);
    }

    private static Conditions.@Nullable Test present(@Nullable Numeric number) {
        return number == null ? null : event -> !Double.isNaN(number.of(event));
    }

    private static Conditions.@Nullable Test hasProperty(CelExpr.CelSelect select) {
        EventFields.Field field = ConditionText.field(select.operand());
        if (!select.testOnly() || field == null || field.type() != EventFields.Type.MAP) {
            return null;
        }
        String property = select.field();
        return event -> EventFields.properties(event).containsKey(property);
    }

    private static Conditions.@Nullable Test compare(String operator, CelExpr left, CelExpr right) {
        Text a = text(left);
        Text b = text(right);
        if (a != null && b != null) {
            return switch (operator) {
                case "_==_" -> event -> a.of(event).equals(b.of(event));
                case "_!=_" -> event -> !a.of(event).equals(b.of(event));
                case "_<_" -> event -> a.of(event).compareTo(b.of(event)) < 0;
                case "_<=_" -> event -> a.of(event).compareTo(b.of(event)) <= 0;
                case "_>_" -> event -> a.of(event).compareTo(b.of(event)) > 0;
                default -> event -> a.of(event).compareTo(b.of(event)) >= 0;
            };
        }
        Numeric m = numeric(left);
        Numeric n = numeric(right);
        if (m == null || n == null) {
            return null;
        }
        return switch (operator) {
            case "_==_" -> event -> m.of(event) == n.of(event);
            case "_!=_" -> event -> m.of(event) != n.of(event);
            case "_<_" -> event -> m.of(event) < n.of(event);
            case "_<=_" -> event -> m.of(event) <= n.of(event);
            case "_>_" -> event -> m.of(event) > n.of(event);
            default -> event -> m.of(event) >= n.of(event);
        };
    }

    private static Conditions.@Nullable Test in(CelExpr item, CelExpr container) {
        Text text = text(item);
        EventFields.Field field = ConditionText.field(container);
        if (field != null && text != null) {
            return switch (field.type()) {
                case MAP -> event -> EventFields.properties(event).containsKey(text.of(event));
                case TEXTS -> event -> ((List<?>) ConditionText.value(field, event)).contains(text.of(event));
                case TEXT, NUMBER, TIME -> null;
            };
        }
        if (container.getKind() != CelExpr.ExprKind.Kind.LIST) {
            return null;
        }
        Set<Object> literals = new HashSet<>();
        for (CelExpr element : container.list().elements()) {
            if (element.getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
                return null;
            }
            CelConstant constant = element.constant();
            if (constant.getKind() == CelConstant.Kind.STRING_VALUE && text != null) {
                literals.add(constant.stringValue());
            } else if (constant.getKind() == CelConstant.Kind.DOUBLE_VALUE && text == null) {
                literals.add(constant.doubleValue() + 0.0);
            } else {
                return null;
            }
        }
        if (text != null) {
            return event -> literals.contains(text.of(event));
        }
        Numeric number = numeric(item);
        return number == null ? null : event -> literals.contains(number.of(event) + 0.0);
    }

    private static Conditions.@Nullable Test part(CelExpr.CelCall call) {
        Text whole = call.target().isPresent() ? text(call.target().get()) : null;
        Text part = call.args().size() == 1 ? text(call.args().get(0)) : null;
        if (whole == null || part == null) {
            return null;
        }
        return switch (call.function()) {
            case "startsWith" -> event -> whole.of(event).startsWith(part.of(event));
            case "endsWith" -> event -> whole.of(event).endsWith(part.of(event));
            default -> event -> whole.of(event).contains(part.of(event));
        };
    }

    private static @Nullable Text text(CelExpr expr) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT) {
            CelConstant constant = expr.constant();
            if (constant.getKind() != CelConstant.Kind.STRING_VALUE) {
                return null;
            }
            String literal = constant.stringValue();
            return event -> literal;
        }
        if (expr.getKind() == CelExpr.ExprKind.Kind.CALL
                && expr.call().function().equals(ConditionText.PROPERTY)) {
            Text name = text(expr.call().args().get(1));
            return name == null ? null : event -> EventFields.properties(event).getOrDefault(name.of(event), "");
        }
        EventFields.Field field = ConditionText.field(expr);
        return field == null || field.type() != EventFields.Type.TEXT
                ? null
                : event -> (String) ConditionText.value(field, event);
    }

    private static @Nullable Numeric numeric(CelExpr expr) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT) {
            CelConstant constant = expr.constant();
            if (constant.getKind() != CelConstant.Kind.DOUBLE_VALUE) {
                return null;
            }
            double literal = constant.doubleValue();
            return event -> literal;
        }
        EventFields.Field field = ConditionText.field(expr);
        return field == null || field.type() != EventFields.Type.NUMBER
                ? null
                : event -> (Double) ConditionText.value(field, event);
    }
}
