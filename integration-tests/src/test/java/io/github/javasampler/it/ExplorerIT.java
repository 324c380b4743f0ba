package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.explorer.Explorer;
import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.GenerationOptions;
import io.github.javasampler.llama.Generator;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.TokenPicker;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The explorer's server, on the real model.
class ExplorerIT {
    private static final int CONTEXT = 256;
    private static final int TOP = 200;
    private static final String CHAIN = "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8";
    private static final int BODY_LIMIT = 256 << 10;
    private static final Vocabulary VOCABULARY = RealModel.get().tokenizer().vocabulary();
    private static final int[] PROMPT = RealModel.get().tokenizer().tokenize("The capital of France is", true, true);
    private static final int[] STORY = RealModel.chat("Tell me a story about a lighthouse.");

    private static Explorer explorer;
    private static ExplorerClient client;

    @BeforeAll
    static void start() {
        explorer = Explorer.start(RealModel.get(), ContextOptions.DEFAULT.withContextLength(CONTEXT), 0);
        client = new ExplorerClient(explorer.address());
    }

    @AfterAll
    static void stop() {
        if (explorer != null) {
            explorer.close();
        }
    }

    private static String body(int[] prompt, int[] text, String chain, String rest) {
        return "{\"prompt\":" + Arrays.toString(prompt) + ",\"text\":" + Arrays.toString(text) + ",\"chain\":\"" + chain
                + "\"," + rest + "}";
    }

    private static JsonNode look(int[] prompt, int[] text, String chain) {
        return client.ask("/api/look", body(prompt, text, chain, "\"top\":" + TOP));
    }

    private static double sum(JsonNode tokens, String field) {
        return StreamSupport.stream(tokens.spliterator(), false).mapToDouble(it -> it.get(field).doubleValue()).sum();
    }

    // Who may ask.

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "LOCALHOST"})
    void itsOwnNamesAreHosts(String host) {
        assertThat(client.status("GET /api/model", "Host: " + host + ":" + client.port())).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "example.org:PORT", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.example.org:PORT",
            "localhost:PORT.example.org", "0.0.0.0:PORT"})
    void aNameThatIsNotItsOwnIsRefused(String host) {
        assertThat(client.status("GET /api/model", "Host: " + host.replace("PORT", "" + client.port())))
                .isIn(400, 403);
        assertThat(client.status("GET /", "Host: " + host.replace("PORT", "" + client.port()))).isIn(400, 403);
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:PORT, 200", "http://localhost:PORT, 200", "https://127.0.0.1:PORT, 403",
            "http://127.0.0.1:1, 403", "http://example.org, 403", "null, 403"})
    void anOriginMustBeItsOwn(String origin, int status) {
        assertThat(client.send(client.request("/api/tokenize").header("Origin", origin.replace("PORT",
                "" + client.port())).POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"a\"}"))).status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"same-origin, 200", "none, 200", "cross-site, 403"})
    void requestsOfOtherSitesAreRefused(String site, int status) {
        assertThat(client.send(client.request("/api/model").header("Sec-Fetch-Site", site)).status())
                .isEqualTo(status);
    }

    @Test
    void aBodyMustBeJson() {
        HttpRequest.Builder request = HttpRequest.newBuilder(client.request("/api/tokenize").build().uri())
                .header("Content-Type", "text/plain").POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"a\"}"));

        assertThat(client.send(request).status()).isEqualTo(415);
        assertThat(client.post("/api/tokenize", "{\"prompt\":").status()).isEqualTo(400);
        assertThat(client.post("/api/tokenize", "null").status()).isEqualTo(400);
    }

    @Test
    void aBodyThatIsTooLongIsRefusedWhetherItSaysSoOrNot() {
        byte[] body = ("{\"prompt\":\"" + "a".repeat(BODY_LIMIT) + "\"}").getBytes(StandardCharsets.US_ASCII);

        assertThat(client.send(client.request("/api/tokenize").POST(HttpRequest.BodyPublishers.ofByteArray(body)))
                .status()).isEqualTo(413);
        assertThat(client.send(client.request("/api/tokenize").POST(HttpRequest.BodyPublishers.ofInputStream(
                () -> new ByteArrayInputStream(body)))).status()).isEqualTo(413);
    }

    @Test
    void everyAnswerHasTheHeadersThatKeepOthersOut() {
        for (String path : List.of("/", "/api/model", "/nothing")) {
            HttpResponse<String> response =
                    client.exchange(client.request(path), HttpResponse.BodyHandlers.ofString());

            assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'self'").contains("img-src 'self' data:");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(response.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        }
    }

    // Files.

    @ParameterizedTest
    @CsvSource({"/, text/html", "/index.html, text/html", "/app.css, text/css", "/js/main.js, text/javascript",
            "/webjars/chart.umd.js, text/javascript", "/webjars/Sortable.min.js, text/javascript"})
    void thePageAndItsLibrariesAreThere(String path, String type) {
        HttpResponse<String> response = client.exchange(client.request(path), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        assertThat(response.body()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/api/nothing", "/js", "/js/", "/../sample.txt", "/%2e%2e/sample.txt",
            "/js/..%2f..%2fsample.txt", "/../Explorer.class", "/webjars/../sample.txt"})
    void nothingElseIs(String path) {
        assertThat(client.status("GET " + path, "Host: localhost:" + client.port())).isIn(400, 404);
    }

    // What is wrong is said, and where.

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "/api/look | {'prompt':[1],'text':[],'chain':'top_p=1.5','top':5} | chain | top_p must be in [0, 1]",
            "/api/look | {'prompt':[1],'text':[],'chain':'no_such=1','top':5} | chain | known",
            "/api/look | {'prompt':[1],'text':[],'chain':'top_k=5,greedy','top':5} | chain | no picker",
            "/api/look | {'prompt':[1],'text':[],'top':5} | chain | a chain must be a text",
            "/api/look | {'prompt':[],'text':[],'chain':'','top':5} | prompt | at least one token",
            "/api/look | {'prompt':[1],'text':[999999],'chain':'','top':5} | tokens | a token must be in [0, 49151]",
            "/api/look | {'prompt':[1],'text':[],'chain':'','top':5,'token':-1} | tokens | a token must be in",
            "/api/look | {'prompt':[1],'text':[],'chain':'','top':0} | | top must be in [1, 200], got 0",
            "/api/look | {'prompt':[1],'text':[],'chain':'','top':5,'other':1} | | other",
            "/api/look | {'prompt':['a'],'text':[],'chain':'','top':5} | prompt | prompt",
            "/api/tokenize | {'prompt':'','chat':false} | prompt | must hold a text",
            "/api/draw | {'prompt':[1],'text':[],'chain':'','seed':-1} | | seed must be in [0, 4294967294], got -1",
            "/api/draws | {'prompt':[1],'text':[],'chain':'','seed':1,'count':10001} | | count must be in [1, 10000]",
            "/api/draws | {'prompt':[1],'text':[],'chain':'x','seed':1,'count':10} | chain | x",
            "/api/generate | {'prompt':[1],'text':[],'chain':'','seed':1,'max':513,'alternatives':0} | | max must be",
            "/api/generate | {'prompt':[1],'text':[],'chain':'','seed':1,'max':1,'alternatives':11} | | alternatives"})
    void aBadRequestIsAnswered(String path, String body, String field, String words) {
        ExplorerClient.Answer answer = client.post(path, body.replace('\'', '"'));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().get("error").stringValue()).contains(words);
        assertThat(answer.body().get("field").stringValue(null)).isEqualTo(field);
    }

    @Test
    void aPromptOverTheContextIsAnswered() {
        String words = "word ".repeat(2 * CONTEXT);
        int[] tokens = IntStream.generate(() -> PROMPT[0]).limit(CONTEXT + 1).toArray();

        ExplorerClient.Answer asText = client.post("/api/tokenize", "{\"prompt\":\"" + words + "\"}");
        ExplorerClient.Answer asTokens = client.post("/api/look", body(tokens, new int[0], "", "\"top\":5"));

        for (ExplorerClient.Answer answer : List.of(asText, asTokens)) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body().get("field").stringValue()).isEqualTo("prompt");
            assertThat(answer.body().get("error").stringValue()).contains("at most 256 tokens");
        }
    }

    // Rows.

    @Test
    void aPromptIsTokenizedAsTheCommandLineDoes() {
        JsonNode tokens = client.ask("/api/tokenize",
                "{\"prompt\":\"Tell me a story about a lighthouse.\",\"chat\":true}").get("tokens");

        assertThat(ids(tokens)).isEqualTo(STORY);
        assertThat(tokens.get(0).get("text").stringValue()).isEqualTo("<|im_start|>");
        assertThat(tokens.get(0).get("special").booleanValue()).isTrue();
        assertThat(tokens.get(1).get("special").booleanValue()).isFalse();
    }

    private static int[] ids(JsonNode tokens) {
        return StreamSupport.stream(tokens.spliterator(), false).mapToInt(it -> it.get("id").intValue()).toArray();
    }

    @Test
    void aLookAddsUpAndSaysWhatEachStageDoes() {
        JsonNode look = client.ask("/api/look", body(PROMPT, new int[0], CHAIN, "\"top\":5,\"token\":17"));

        assertThat(look.get("tokens").get(0).get("text").stringValue()).isEqualTo(" Paris");
        assertThat(sum(look.get("tokens"), "raw") + look.get("tail").get("raw").doubleValue())
                .isCloseTo(1, within(1e-9));
        assertThat(sum(look.get("tokens"), "after") + look.get("tail").get("after").doubleValue())
                .isCloseTo(1, within(1e-9));
        assertThat(look.get("stages").size()).isEqualTo(4);
        assertThat(look.get("fate").get("cutBy").stringValue()).isEqualTo("top-k");
        assertThat(look.get("fate").get("stage").intValue()).isZero();
        assertThat(look.get("greedy").booleanValue()).isFalse();
    }

    @Test
    void penaltiesCountPromptAndText() {
        JsonNode plain = look(PROMPT, PROMPT, "");
        JsonNode penalized = look(PROMPT, PROMPT, "penalties=64:1:0:10");
        int paris = plain.get("tokens").get(0).get("id").intValue();

        JsonNode more = client.ask("/api/look",
                body(PROMPT, new int[] {paris}, "penalties=64:1:0:30", "\"top\":5,\"token\":" + paris));

        assertThat(penalized.get("tokens").toString()).isNotEqualTo(plain.get("tokens").toString());
        assertThat(more.get("token").get("after").doubleValue())
                .isLessThan(more.get("token").get("raw").doubleValue());
    }

    /// To the bit: the same pieces are decoded, whatever the context held before.
    @Test
    void rowsAreThoseOfAFreshContextWhateverWasAskedBefore() {
        int[] text = RealModel.get().tokenizer().tokenize(" Paris, a city on a river.", true, true);
        look(STORY, new int[0], "");
        look(PROMPT, text, "");
        look(PROMPT, Arrays.copyOf(text, 2), "");
        look(Arrays.copyOf(PROMPT, 3), new int[] {PROMPT[3]}, "");
        for (int length = 0; length <= text.length; length++) {
            int[] part = Arrays.copyOf(text, length);

            JsonNode tokens = look(PROMPT, part, "").get("tokens");

            float[] fresh = freshRow(PROMPT, part);
            assertThat(tokens).allSatisfy(it -> assertThat(it.get("logit").floatValue())
                    .isEqualTo(fresh[it.get("id").intValue()]));
        }
    }

    private static float[] freshRow(int[] prompt, int[] text) {
        try (LlamaContext context = freshContext()) {
            context.decode(prompt);
            for (int token : text) {
                context.decode(token);
            }
            return context.logits(-1).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        }
    }

    private static LlamaContext freshContext() {
        return RealModel.get().newContext(ContextOptions.DEFAULT.withContextLength(CONTEXT));
    }

    @Test
    void severalTabsGetTheirOwnRows() throws Exception {
        List<int[]> prompts = List.of(PROMPT, STORY, Arrays.copyOf(STORY, 9), Arrays.copyOf(PROMPT, 4));
        List<float[]> fresh = prompts.stream().map(prompt -> freshRow(prompt, new int[] {PROMPT[0]})).toList();
        try (ExecutorService tabs = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int tab = 0; tab < prompts.size(); tab++) {
                int[] prompt = prompts.get(tab);
                float[] row = fresh.get(tab);
                all.add(tabs.submit(() -> {
                    for (int i = 0; i < 5; i++) {
                        // Another token each time, so that the row is decoded; then the one that is compared.
                        look(prompt, new int[] {PROMPT[0], PROMPT[i % PROMPT.length]}, CHAIN);
                        assertThat(look(prompt, new int[] {PROMPT[0]}, "").get("tokens")).allSatisfy(it ->
                                assertThat(it.get("logit").floatValue()).isEqualTo(row[it.get("id").intValue()]));
                    }
                }));
            }
            for (Future<?> tab : all) {
                tab.get();
            }
        }
    }

    // Draws.

    @ParameterizedTest
    @ValueSource(strings = {CHAIN, "", "temperature=2", "temperature=0", "top_k=200,temperature=5"})
    void oneDrawIsThatOfThePickerWithThisSeedAndLiesInItsPieceOfTheBar(String chain) {
        float[] row = freshRow(PROMPT, new int[0]);
        Random seeds = new Random(5);
        for (int i = 0; i < 20; i++) {
            long seed = seeds.nextLong(4294967295L);

            JsonNode draw = client.ask("/api/draw", body(PROMPT, new int[0], chain, "\"seed\":" + seed));

            int token = draw.get("token").get("id").intValue();
            assertThat(token).as("seed %d", seed).isEqualTo(drawn(row, chain, seed));
            // Sums of doubles, where the engine has whole numbers.
            assertThat(draw.get("uniform").doubleValue()).isBetween(draw.get("from").doubleValue() - 1e-12,
                    draw.get("to").doubleValue() + 1e-12);
            assertThat(draw.get("to").doubleValue() - draw.get("from").doubleValue())
                    .isCloseTo(draw.get("p").doubleValue(), within(1e-12));
            assertBar(draw, token);
        }
    }

    private static int drawn(float[] row, String chain, long seed) {
        SamplerChain whole = SamplerChain.parse(chain + (chain.isEmpty() ? "" : ",") + "seed=" + seed);
        SamplerSession session = whole.newSession(VOCABULARY, Numerics.PORTABLE);
        return session.draw(MemorySegment.ofArray(row), 0);
    }

    private static void assertBar(JsonNode draw, int token) {
        double end = 0;
        int single = 0;
        boolean found = false;
        for (JsonNode piece : draw.get("bar")) {
            assertThat(piece.get("from").doubleValue()).isEqualTo(end);
            end = piece.get("to").doubleValue();
            single += piece.get("id").intValue() >= 0 ? 1 : 0;
            found |= piece.get("id").intValue() == token
                    && piece.get("from").doubleValue() == draw.get("from").doubleValue();
        }
        assertThat(end).isCloseTo(1, within(1e-9));
        assertThat(single).isLessThanOrEqualTo(60);
        assertThat(found).isTrue();
    }

    /// The seed is fixed, so this never fails by chance; of random seeds one in a million would fail.
    @ParameterizedTest
    @ValueSource(strings = {CHAIN, "", "temperature=1.5", "top_k=40,temperature=3"})
    void aThousandDrawsFitTheBars(String chain) {
        List<ExplorerClient.Event> events =
                client.events("/api/draws", body(PROMPT, new int[0], chain, "\"seed\":11,\"count\":1000"));

        assertThat(events).extracting(ExplorerClient.Event::name).endsWith("counts", "done");
        assertThat(events.stream().map(it -> it.data().get("drawn").intValue()))
                .containsExactly(10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000);
        assertThat(events).allSatisfy(it -> assertThat(sum(it.data().get("counts")))
                .isEqualTo(it.data().get("drawn").intValue()));
        JsonNode done = events.getLast().data();
        assertThat(done.get("degrees").intValue()).isEqualTo(done.get("bins").intValue() - 1);
        assertThat(done.get("pValue").doubleValue()).isGreaterThan(1e-6);
    }

    private static int sum(JsonNode counts) {
        return counts.properties().stream().map(Map.Entry::getValue).mapToInt(JsonNode::intValue).sum();
    }

    @Test
    void aGreedyChainAlwaysDrawsTheSame() {
        JsonNode done = client.events("/api/draws", body(PROMPT, new int[0], "temperature=0",
                "\"seed\":11,\"count\":50")).getLast().data();

        assertThat(done.get("counts").size()).isEqualTo(1);
        assertThat(done.get("degrees").intValue()).isZero();
        assertThat(done.get("pValue").doubleValue()).isEqualTo(1);
    }

    // Generation.

    @ParameterizedTest
    @ValueSource(strings = {CHAIN, "penalties=64:1.1:0:0.1,top_k=40,temperature=1.5", "xtc=0.5:0.1:0:9,temperature=1",
            "temperature=0"})
    void aGenerationIsThatOfTheGeneratorWithThisSeed(String chain) {
        look(PROMPT, new int[0], CHAIN);
        int[] expected;
        try (LlamaContext context = freshContext()) {
            SamplerSession session = SamplerChain.parse(chain + ",seed=42").newSession(VOCABULARY, Numerics.PORTABLE);
            expected = new Generator(context, TokenPicker.of(session), GenerationOptions.DEFAULT.withMaxTokens(40))
                    .generate(STORY).tokens();
        }

        List<ExplorerClient.Event> events = client.events("/api/generate",
                body(STORY, new int[0], chain, "\"seed\":42,\"max\":40,\"alternatives\":3"));

        List<ExplorerClient.Event> tokens = events.subList(0, events.size() - 1);
        assertThat(tokens.stream().mapToInt(it -> it.data().get("token").get("id").intValue()).toArray())
                .isEqualTo(expected);
        assertThat(tokens).allSatisfy(it -> {
            assertThat(it.name()).isEqualTo("token");
            assertThat(it.data().get("raw").doubleValue()).isBetween(0.0, 1.0 + 1e-6);
            assertThat(it.data().get("after").doubleValue()).isBetween(1e-9, 1.0 + 1e-6);
            assertThat(it.data().get("alternatives").size()).isEqualTo(3);
        });
        assertThat(events.getLast().name()).isEqualTo("done");
        assertThat(events.getLast().data().get("stop").stringValue()).isEqualTo("max_tokens");
    }

    @Test
    void aGenerationEndsWhereTheContextDoes() {
        int[] text = IntStream.generate(() -> PROMPT[1]).limit(CONTEXT - PROMPT.length - 2).toArray();

        List<ExplorerClient.Event> events = client.events("/api/generate", body(PROMPT, text,
                "logit_bias=0:-Infinity;2:-Infinity", "\"seed\":1,\"max\":10,\"alternatives\":0"));

        assertThat(events).hasSize(4);
        assertThat(events.getLast().data().get("stop").stringValue()).isEqualTo("context_full");
    }

    @Test
    void aGenerationEndsWithTheModelsWord() {
        List<ExplorerClient.Event> events = client.events("/api/generate",
                body(STORY, new int[0], "logit_bias=2:1000", "\"seed\":1,\"max\":10,\"alternatives\":0"));

        assertThat(events).hasSize(1);
        assertThat(events.getLast().data().get("stop").stringValue()).isEqualTo("end_of_generation");
    }

    @Test
    void aClientThatGoesAwayEndsItsGeneration() throws Exception {
        // Left alone it would take 20 s and more.
        HttpResponse<InputStream> response = client.stream("/api/generate", body(PROMPT, new int[0],
                "logit_bias=0:-Infinity;2:-Infinity,slow=100", "\"seed\":1,\"max\":200,\"alternatives\":0"));
        try (InputStream events = response.body()) {
            assertThat(events.read()).isNotNegative();
            assertThat(isGenerating()).isTrue();
        }

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (isGenerating() && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertThat(isGenerating()).isFalse();
    }

    private static boolean isGenerating() {
        return Thread.getAllStackTraces().values().stream().flatMap(Arrays::stream)
                .anyMatch(frame -> frame.getClassName().equals("io.github.javasampler.explorer.Generate"));
    }

    /// While another tab generates, a row that is known is looked at.
    @Test
    void aLookGoesOnBesideAGeneration() throws Exception {
        look(PROMPT, new int[0], CHAIN);
        HttpResponse<InputStream> response = client.stream("/api/generate", body(STORY, new int[0],
                "logit_bias=0:-Infinity;2:-Infinity,slow=50", "\"seed\":1,\"max\":200,\"alternatives\":0"));
        try (InputStream events = response.body()) {
            assertThat(events.read()).isNotNegative();
            for (int i = 0; i < 10; i++) {
                look(PROMPT, new int[0], CHAIN);
            }
            assertThat(isGenerating()).isTrue();
        }
    }

    // The command.

    @Test
    void theCommandPrintsItsAddressAndEndsQuietly(@TempDir Path directory) throws Exception {
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(Cli.command(List.of("explore", "--port", "0", "--no-open", "--json",
                "-c", "" + CONTEXT))).redirectError(err.toFile()).start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String address = JsonMapper.shared().readTree(out.readLine())
                    .get("address").stringValue();
            JsonNode tokens = new ExplorerClient(address).ask("/api/tokenize", "{\"prompt\":\"a\"}");
            assertThat(tokens.get("tokens").size()).isEqualTo(1);

            // Unlike destroy() this leaves the stream open.
            process.toHandle().destroy();

            assertThat(out.readLine()).isNull();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readAllLines(err)).filteredOn(line -> !line.contains("incubator modules"))
                .allSatisfy(line -> assertThat(line).startsWith("Loading "));
    }

    @Test
    void aPortThatIsTakenIsSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Cli.Result result = Cli.run("explore", "--no-open", "--port", "" + taken.getLocalPort());

            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.errLines()).singleElement().asString()
                    .contains("port " + taken.getLocalPort()).contains("--port 0");
        }
    }
}
