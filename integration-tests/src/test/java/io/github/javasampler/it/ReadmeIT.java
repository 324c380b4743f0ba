package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The Java code in the README compiles. That of docs/bindings.md is compiled and run by the module `bindings`.
class ReadmeIT {
    private static final Pattern JAVA = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);

    private record Snippet(int number, String code) {
        @Override
        public String toString() {
            return "snippet " + number;
        }
    }

    static Stream<Snippet> snippets() throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        Matcher matcher = JAVA.matcher(Files.readString(Path.of("../README.md")));
        for (int number = 1; matcher.find(); number++) {
            snippets.add(new Snippet(number, matcher.group(1)));
        }
        assertThat(snippets).isNotEmpty();
        return snippets.stream();
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void everySnippetCompiles(Snippet snippet, @TempDir Path classes) {
        String source = """
                import io.github.javasampler.*;
                import io.github.javasampler.llama.*;
                import io.github.javasampler.measure.*;
                import io.github.javasampler.sampler.*;
                import java.lang.foreign.*;
                import java.nio.file.*;
                import java.util.*;

                class Snippet {
                    void run() throws Exception {
                %s
                    }
                }
                """.formatted(snippet.code);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter output = new StringWriter();
        boolean compiles = compiler.getTask(output, null, null,
                List.of("-d", classes.toString(), "-classpath", System.getProperty("java.class.path")), null,
                List.of(new SimpleJavaFileObject(URI.create("string:///Snippet.java"),
                        javax.tools.JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                })).call();
        assertThat(compiles).as(output.toString()).isTrue();
    }
}
