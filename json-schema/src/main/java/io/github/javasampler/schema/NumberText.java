package io.github.javasampler.schema;

import io.github.javasampler.grammar.RegularLanguage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// The decimal texts of the numbers in a range: exact, digit by digit.
///
/// At most 16 digits stand before the point, as in llama.cpp's `integer`, and no exponent. Fractions are cut so short
/// that a reader with 64-bit floats still sees on which side of the bounds a number lies.
final class NumberText {
    private static final int MAX_DIGITS = 16;
    private static final BigDecimal LIMIT = BigDecimal.TEN.pow(MAX_DIGITS);
    private static final int FLOAT_DIGITS = 15;
    private static final String ANY_FRACTION = "(\\.[0-9]+)?";

    private NumberText() {}

    /// The language of a range's numbers; empty when there are none that can be written.
    static RegularLanguage of(Shape.Num range) {
        Bound low = vacuous(range.low(), -1) ? null : range.low();
        Bound high = vacuous(range.high(), 1) ? null : range.high();
        int fraction = FLOAT_DIGITS - Math.min(FLOAT_DIGITS - 1, Math.max(integerDigits(low), integerDigits(high)));
        String digits = "-?(0|[1-9][0-9]{0," + (MAX_DIGITS - 1) + "})";
        RegularLanguage texts = RegularLanguage.ofRegex(
                range.integer() ? digits : digits + "(\\.[0-9]{1," + fraction + "})?");
        RegularLanguage positive = within("%s", low, high);
        RegularLanguage negative = within("-(%s)", negated(high), negated(low));
        texts = texts.and(positive.or(negative));
        if (low != null || high != null) {
            texts = texts.minus(RegularLanguage.ofRegex("-0(\\.0+)?"));
        }
        for (int divisor : range.divisors()) {
            texts = texts.and(RegularLanguage.ofMultiples(divisor));
        }
        return texts;
    }

    private static boolean vacuous(Bound bound, int side) {
        return bound == null || bound.value().multiply(BigDecimal.valueOf(side)).compareTo(LIMIT) >= 0;
    }

    private static int integerDigits(Bound bound) {
        return bound == null ? 0 : Math.max(1, bound.value().precision() - bound.value().scale());
    }

    private static Bound negated(Bound bound) {
        return bound == null ? null : new Bound(bound.value().negate(), bound.exclusive());
    }

    /// The non-negative decimals between two bounds, written into a frame.
    private static RegularLanguage within(String frame, Bound low, Bound high) {
        String any = "[0-9]+" + ANY_FRACTION;
        String least = low == null || low.value().signum() < 0 ? any : atLeast(low);
        String most = high == null ? any : high.value().signum() < 0 ? null : atMost(high);
        if (least == null || most == null) {
            return RegularLanguage.ofWords(List.of());
        }
        return RegularLanguage.ofRegex(frame.formatted(least)).and(RegularLanguage.ofRegex(frame.formatted(most)));
    }

    private static String atLeast(Bound bound) {
        String digits = bound.value().toBigInteger().toString();
        String fraction = fraction(bound.value());
        int length = digits.length();
        if (length > MAX_DIGITS) {
            return null;
        }
        List<String> ways = new ArrayList<>();
        if (length < MAX_DIGITS) {
            ways.add("[1-9][0-9]{" + length + "," + (MAX_DIGITS - 1) + "}" + ANY_FRACTION);
        }
        for (int i = 0; i < length; i++) {
            if (digits.charAt(i) < '9') {
                ways.add(digits.substring(0, i) + "[" + (char) (digits.charAt(i) + 1) + "-9][0-9]{" + (length - 1 - i)
                        + "}" + ANY_FRACTION);
            }
        }
        String beyond = bound.exclusive() ? "[0-9]*[1-9][0-9]*" : "[0-9]*";
        if (fraction.isEmpty()) {
            ways.add(digits + (bound.exclusive() ? "\\." + beyond : ANY_FRACTION));
        } else {
            for (int i = 0; i < fraction.length(); i++) {
                if (fraction.charAt(i) < '9') {
                    ways.add(digits + "\\." + fraction.substring(0, i) + "[" + (char) (fraction.charAt(i) + 1)
                            + "-9][0-9]*");
                }
            }
            ways.add(digits + "\\." + fraction + beyond);
        }
        return String.join("|", ways);
    }

    private static String atMost(Bound bound) {
        String digits = bound.value().toBigInteger().toString();
        String fraction = fraction(bound.value());
        int length = digits.length();
        List<String> ways = new ArrayList<>();
        if (length > 1) {
            ways.add("(0|[1-9][0-9]{0," + (length - 2) + "})" + ANY_FRACTION);
        }
        for (int i = 0; i < length; i++) {
            char least = i == 0 && length > 1 ? '1' : '0';
            if (digits.charAt(i) > least) {
                ways.add(digits.substring(0, i) + "[" + least + "-" + (char) (digits.charAt(i) - 1) + "][0-9]{"
                        + (length - 1 - i) + "}" + ANY_FRACTION);
            }
        }
        if (fraction.isEmpty()) {
            if (!bound.exclusive()) {
                ways.add(digits + "(\\.0+)?");
            }
        } else {
            ways.add(digits);
            for (int i = 0; i < fraction.length(); i++) {
                if (i > 0) {
                    ways.add(digits + "\\." + fraction.substring(0, i));
                }
                if (fraction.charAt(i) > '0') {
                    ways.add(digits + "\\." + fraction.substring(0, i) + "[0-" + (char) (fraction.charAt(i) - 1)
                            + "][0-9]*");
                }
            }
            if (!bound.exclusive()) {
                ways.add(digits + "\\." + fraction + "0*");
            }
        }
        return ways.isEmpty() ? null : String.join("|", ways);
    }

    /// The digits after the point, without trailing zeros.
    private static String fraction(BigDecimal value) {
        BigDecimal stripped = value.abs().remainder(BigDecimal.ONE).stripTrailingZeros();
        return stripped.signum() == 0 ? "" : stripped.toPlainString().substring(2);
    }
}
