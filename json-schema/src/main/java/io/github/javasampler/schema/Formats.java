package io.github.javasampler.schema;

import io.github.javasampler.grammar.RegularLanguage;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What `format` means. Each is a subset of its standard that every validator agrees on.
final class Formats {
    /// Formats of OpenAPI that say nothing of a value's text.
    static final Set<String> ANNOTATIONS = Set.of("int32", "int64", "float", "double", "password", "binary");

    private static final String DATE = "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
            + "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
            + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29";
    private static final String OFFSET = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?" + OFFSET;
    private static final String UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private static final String LABEL = "[a-z]([a-z0-9]{0,15}(-[a-z0-9]{1,15})?)";
    private static final String HOST = LABEL + "(\\." + LABEL + "){1,3}";
    private static final String BYTE = "(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
    private static final String PATH = "(/[a-zA-Z0-9._~-]+)*/?(\\?[a-zA-Z0-9._~=&-]+)?(#[a-zA-Z0-9._~-]+)?";
    private static final String WORD = "[a-zA-Z0-9]([a-zA-Z0-9]|[._+-][a-zA-Z0-9]){0,31}";
    /// Some top-level domains; validators know which there are.
    private static final String TOP = "(com|org|net|edu|gov|info|io|dev|app|ai|eu|de|fr|uk|us|ca|au|jp|cn|in|br|nl|it"
            + "|es|ch|at|se|pl)";
    private static final String UNITS = "(%s{1,4}H(%<s{1,4}M)?(%<s{1,4}S)?|%<s{1,4}M(%<s{1,4}S)?|%<s{1,4}S)"
            .formatted("[0-9]");

    private static final Map<String, String> REGEXES = new TreeMap<>(Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("date-time", "(" + DATE + ")T" + TIME),
            Map.entry("uuid", UUID),
            Map.entry("uuid1", UUID), Map.entry("uuid2", UUID), Map.entry("uuid3", UUID), Map.entry("uuid4", UUID),
            Map.entry("uuid5", UUID),
            Map.entry("duration", "P([0-9]{1,4}D(T" + UNITS + ")?|T" + UNITS + "|[0-9]{1,4}W)"),
            Map.entry("email", WORD + "@(" + LABEL + "\\.){1,3}" + TOP),
            Map.entry("hostname", HOST),
            Map.entry("ipv4", BYTE + "(\\." + BYTE + "){3}"),
            Map.entry("ipv6", "[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4}){7}"),
            Map.entry("uri", "[a-z][a-z0-9]{1,15}://" + HOST + "(:[1-9][0-9]{0,3})?" + PATH),
            Map.entry("byte", "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")));

    private Formats() {}

    /// The texts of a format; null when there is no such format here.
    static RegularLanguage language(String format) {
        String regex = REGEXES.get(format);
        if (regex == null) {
            return null;
        }
        RegularLanguage language = RegularLanguage.ofRegex(regex);
        // No calendar starts with a year 0 for every reader.
        return format.startsWith("date") ? language.minus(RegularLanguage.ofSearch("^0000")) : language;
    }

    static String known() {
        return String.join(", ", REGEXES.keySet());
    }
}
