package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.cli.SmallModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The command line as a user runs it, in a process of its own, on the real model.
class CommandLineIT {
    @BeforeAll
    static void fetchTheModel() throws IOException {
        SmallModel.fetch();
    }

    static List<String> prompts() {
        return List.of(
                "Tell me a story about a lighthouse.",
                "What is the capital of France?",
                "Write a haiku about autumn.",
                "List three prime numbers.",
                "Explain gravity to a child.",
                "Translate 'good morning' to Spanish.",
                "Why is the sky blue?",
                "Give me a recipe for pancakes with \u00e4pfel \ud83c\udf4e.",
                "def fibonacci(n):",
                "Who wrote Hamlet?");
    }

    @ParameterizedTest
    @MethodSource("prompts")
    void theNativeSamplerGivesTheSameTokensGreedyAndSeeded(String prompt) {
        for (String[] chain : new String[][] {{"--temp", "0"}, {"--seed", "42"}}) {
            List<String> command = new ArrayList<>(List.of("generate", "-p", prompt, "-n", "48", "--json"));
            command.addAll(List.of(chain));
            JsonNode java = Cli.run(command).json();
            command.add("--native-sampler");
            assertThat(java.get("tokens")).isNotEmpty().isEqualTo(Cli.run(command).json().get("tokens"));
        }
    }

    @Test
    void generateStreamsTextToStdoutAndStatisticsToStderr() {
        Cli.Result result = Cli.run("generate", "-p", "Say hello.", "-n", "12", "--temp", "0");
        assertThat(result.exit()).isZero();
        assertThat(result.out().strip()).isNotEmpty();
        assertThat(result.out()).doesNotContain("tokens/s");
        assertThat(result.err()).contains("tokens/s").contains("stop: ").contains("top_k=40");
    }

    @Test
    void jsonSaysEverythingInOneObject() {
        JsonNode json = Cli.run("generate", "-p", "Say hello.", "-n", "5", "--seed", "9", "--json").json();
        assertThat(json.propertyNames()).containsExactly("text", "prompt_tokens", "tokens", "seed",
                "tokens_per_second", "sampling_us_per_token", "stop");
        assertThat(json.get("tokens")).hasSize(5);
        assertThat(json.get("seed").asLong()).isEqualTo(9);
        assertThat(json.get("stop").asString()).isEqualTo("max_tokens");
        assertThat(json.get("tokens_per_second").asDouble()).isPositive();
    }

    static List<List<String>> grammars() {
        return List.of(
                List.of("--choice", "yes", "--choice", "no"),
                List.of("--regex", "[A-Z][a-z]{2,8} [0-9]{4}"),
                List.of("--grammar", "root ::= \"[\" number (\", \" number){2} \"]\"\nnumber ::= [0-9]{1,3}"),
                List.of("-j", "{\"type\": \"object\", \"required\": [\"city\"], \"additionalProperties\": false, "
                        + "\"properties\": {\"city\": {\"type\": \"string\", \"maxLength\": 12}}}"));
    }

    @ParameterizedTest
    @MethodSource("grammars")
    void aTextFollowsItsGrammarAndIsThatOfLlamaCppsOwn(List<String> grammar) {
        for (String first : List.of("", "--grammar-first")) {
            List<String> command = new ArrayList<>(List.of("generate", "-p", "Answer at once.", "-n", "64", "--seed",
                    "5", "--numerics", "llama.cpp", "--json"));
            command.addAll(grammar);
            if (!first.isEmpty()) {
                command.add(first);
            }
            JsonNode java = Cli.run(command).json();
            assertThat(java.get("stop").asString()).isEqualTo("end_of_generation");
            assertThat(java.get("text").asString()).matches("yes|no|[A-Z][a-z]{2,8} [0-9]{4}"
                    + "|\\[[0-9]{1,3}(, [0-9]{1,3}){2}\\]|\\{\\s*\"city\"\\s*:\\s*\".{0,12}\"\\s*\\}");
            command.add("--native-sampler");
            assertThat(Cli.run(command).json().get("tokens")).isEqualTo(java.get("tokens"));
        }
    }

    @Test
    void aTextThatIsCutShortSaysSo() {
        Cli.Result result = Cli.run("generate", "-p", "A list.", "-j", "{\"type\": \"array\", \"minItems\": 99}", "-n",
                "6", "--json");
        assertThat(result.json().get("stop").asString()).isEqualTo("max_tokens");
        Cli.Result shown = Cli.run("generate", "-p", "A list.", "-j", "{\"type\": \"array\", \"minItems\": 99}", "-n",
                "6");
        assertThat(shown.err()).contains("may not be complete");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --grammar;root ::= foo | 1 | "foo" is not (line 1, column 10)
            --regex;(a | 1 | column 3: ")" is missing
            -j;{"type": "obj"} | 1 | #/type: a type must be one of
            -j;{ | 1 | JSON
            --grammar-file;nowhere.gbnf | 1 | the grammar file nowhere.gbnf must exist
            --json-schema-file;nowhere.json | 1 | the JSON schema file nowhere.json must exist
            --choice;yes;--regex;[a-z] | 2 | mutually exclusive
            --choice;yes;--ignore-eos | 2 | --ignore-eos must stand without a grammar
            """)
    void whatIsNoGrammarIsOneLineOfReason(String options, int exit, String reason) {
        List<String> command = new ArrayList<>(List.of("generate", "-p", "x"));
        command.addAll(List.of(options.split(";")));
        Cli.Result result = Cli.run(command);
        assertThat(result.exit()).isEqualTo(exit);
        assertThat(result.errLines()).hasSize(1).first().asString().startsWith("sampler: ").contains(reason);
    }

    @Test
    void aRawPromptInAFileIsContinued(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("prompt.txt"), "Once upon a time");
        JsonNode raw = Cli.run("generate", "-f", file.toString(), "--raw", "-n", "8", "--temp", "0", "--json").json();
        JsonNode chat = Cli.run("generate", "-p", "Once upon a time", "-n", "8", "--temp", "0", "--json").json();
        assertThat(raw.get("prompt_tokens").asInt()).isLessThan(chat.get("prompt_tokens").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -m nowhere.gguf | 1 | nowhere.gguf must exist
            -m pom.xml | 1 | must be a GGUF file
            -m target | 1 | must be a GGUF file
            -c 8 | 1 | a context of 8 tokens cannot hold
            -c -1 | 1 | contextLength must be at least 0, got -1
            --top-p 1.5 | 2 | top_p must be in [0, 1], got 1.5
            --temp -0.5 | 2 | temperature must be a number >= 0, got -0.5
            --llama-lib target | 1 | libggml-base
            """)
    void badInputIsOneClearLine(String arguments, int exit, String reason) {
        List<String> command = new ArrayList<>(List.of("generate", "-p", "Tell me a story."));
        command.addAll(List.of(arguments.split(" ")));
        Cli.Result result = Cli.run(command);
        assertThat(result.exit()).as(result.err()).isEqualTo(exit);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).singleElement().asString().contains(reason);
    }

    @Test
    void doctorFindsEverything() {
        JsonNode json = Cli.run("doctor", "--json").json();
        assertThat(json.get("llama").get("usable").asBoolean()).isTrue();
        assertThat(json.get("llama").get("version").asString()).startsWith("0.5.0");
        assertThat(json.get("llama").get("searched")).isNotEmpty();
        assertThat(json.get("abi").get("ok").asBoolean()).isTrue();
        assertThat(json.get("abi").get("known").asBoolean()).isTrue();
        assertThat(json.get("abi").get("layouts").asString()).isEqualTo("0.5.0");
        assertThat(Cli.run("doctor").out())
                .containsPattern("ABI +bindings for 0\\.5\\.0 and 0\\.7\\.0, library is 0\\.5\\.0.*, known");
        assertThat(json.get("kernels").asString()).startsWith("vector kernels");
        assertThat(json.get("model").get("present").asBoolean()).isTrue();
    }

    @Test
    void doctorFindsThePlugInForOtherHosts() {
        PlugIn plugIn = PlugIn.built();
        assertThat(plugIn.library()).isAbsolute().isRegularFile().hasFileName("libjavasampler.so");
        assertThat(plugIn.include().resolve("java_sampler.h")).isRegularFile();
        assertThat(Cli.run("doctor").out()).containsPattern("ok +plug-in +.*libjavasampler[.]so, header in .*include");
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "doctor --json"})
    void doctorSaysWhereItLookedWhenThereIsNoLibrary(String arguments) {
        List<String> command = new ArrayList<>(List.of(arguments.split(" ")));
        command.addAll(List.of("--llama-lib", "target"));
        Cli.Result result = Cli.run(command);
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.out()).contains("ggml-base").contains("target");
    }
}
