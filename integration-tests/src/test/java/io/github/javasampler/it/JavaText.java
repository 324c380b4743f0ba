package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SamplerChain;
import java.util.List;
import jdk.jshell.JShell;
import jdk.jshell.Snippet.Status;
import jdk.jshell.SnippetEvent;

/// Java code as text, run as a reader would who pastes it.
final class JavaText {
    private JavaText() {}

    /// The chain that a statement `SamplerChain chain = ...;` makes.
    static SamplerChain chain(String statement) {
        try (JShell shell = JShell.builder().executionEngine("local").build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            shell.eval("import io.github.javasampler.SamplerChain;");
            List<SnippetEvent> events = shell.eval(statement);
            assertThat(events).as(statement).allMatch(event -> event.status() == Status.VALID);
            String text = shell.eval("chain.toString()").getFirst().value();
            // A string's value comes in quotes.
            return SamplerChain.parse(text.substring(1, text.length() - 1));
        }
    }
}
