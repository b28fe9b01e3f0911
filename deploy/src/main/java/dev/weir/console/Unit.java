package dev.weir.console;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What the numbers of a chart are, and so how they are written. */
public enum Unit {
    SHARE {
        @Override
        public String write(@Nullable Double number) {
            return Figures.percent(number);
        }
    },
    DAYS {
        @Override
        public String write(@Nullable Double number) {
            return Figures.duration(number == null ? null : 86_400 * number);
        }
    },
    COUNT {
        @Override
        public String write(@Nullable Double number) {
            return number == null || number == Math.rint(number) ? Figures.count(number) : Figures.decimal(number, 1);
        }
    },
    MONEY {
        @Override
        public String write(@Nullable Double number) {
            return Figures.money(number == null ? null : BigDecimal.valueOf(number));
        }
    };

    /** The number with its unit. */
    public abstract String write(@Nullable Double number);
}
