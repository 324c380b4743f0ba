package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.explorer.Explorer;
import io.github.javasampler.llama.ContextOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.interactions.Actions;
import tools.jackson.databind.JsonNode;

/// The explorer as a visitor sees it: the page in Chromium, on the real model.
@RequiresBrowser
class ExplorerPageIT {
    private static final String PROMPT = "The capital of France is";
    private static final int CONTEXT = 512;
    private static Explorer explorer;
    private static Browser browser;

    @BeforeAll
    static void start() {
        explorer = Explorer.start(RealModel.get(), ContextOptions.DEFAULT.withContextLength(CONTEXT), 0);
        browser = new Browser();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (explorer != null) {
            explorer.close();
        }
    }

    @BeforeEach
    void openThePage() {
        browser.look(1280, 1000, false);
        open("v=explore&p=" + encoded(PROMPT) + "&chat=0");
    }

    @AfterEach
    void theConsoleHasNoErrors() {
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    void barsShowTheModelsTokensBeforeAndAfterTheChain() {
        assertThat(bars()).hasSizeGreaterThanOrEqualTo(25);
        assertThat(tokens()).contains("\u00b7Paris");
        assertThat(browser.find("figures").getText()).contains("Entropy", "H / Hmax", "Effective vocabulary", "49");
        assertThat(browser.all("#bars .tail")).hasSize(1);
        assertThat(afterOf(bars())).allMatch(p -> p >= 0 && p <= 1);
        assertThat(sum(afterOf(browser.all("#bars .bar")))).isEqualTo(1, within(1e-6));
    }

    /// On a prompt that holds the token which comes next, so that there is something to punish.
    @ParameterizedTest
    @CsvSource({"temperature-t, 2", "top_k-k-number, 2", "top_p-p, 0.2", "min_p-p, 0.4", "typical-p, 0.2",
        "top_n_sigma-n, 0.3", "xtc-threshold, 0.01", "penalties-repeat, 2"})
    void aSliderSwitchesItsStageOnAndMovesTheBars(String slider, String value) {
        open("v=explore&chat=0&c=" + encoded("?temperature=0.8") + "&p=" + encoded("Paris, Paris, Paris, Paris,"));
        List<Double> before = afterOf(bars());
        assertThat(chainText()).isEqualTo("seed=42");
        if (slider.startsWith("xtc")) {
            // It does so only now and then.
            browser.set("chain-xtc-probability", 1);
        }
        browser.set("chain-" + slider, value);
        browser.until("bars that move", () -> !afterOf(bars()).equals(before));
        assertThat(sum(afterOf(browser.all("#bars .bar")))).isEqualTo(1, within(1e-6));
        assertThat(browser.find("chain-" + slider.replaceFirst("-.*", "")).isSelected()).isTrue();
        assertThat(chainText()).startsWith(slider.replaceFirst("-.*", "") + "=");
    }

    @Test
    void temperatureZeroIsGreedyAndSaysSo() {
        browser.set("chain-temperature-t", 0);
        browser.until("a word about it", () -> browser.find("greedy").isDisplayed());
        assertThat(afterOf(bars()).stream().filter(p -> p > 0)).containsExactly(1.0);
        assertThat(browser.find("greedy").getText()).contains("greedy");
        browser.set("chain-temperature-t", 0.5);
        browser.until("no word about it", () -> !browser.find("greedy").isDisplayed());
    }

    @Test
    void aThousandDrawsFollowTheBars() {
        browser.find("draw-many").click();
        browser.until("a figure of the fit", () -> browser.find("fit").getText().contains("chi-square"));
        // Its seed is fixed: it passes always or never.
        assertThat(Double.parseDouble(browser.find("fit").getDomAttribute("data-p"))).isGreaterThan(0.001);
        assertThat(browser.find("fit").getText()).contains("1000 drawn", "degrees of freedom", "such as chance makes");
    }

    @Test
    void oneDrawNamesTheNumberAndTheTokenItFallsOn() {
        browser.find("draw-one").click();
        browser.until("a draw", () -> browser.find("drawn-words").getText().contains("uniform number"));
        assertThat(browser.all("#drawn .hit")).hasSize(1);
        double uniform = Double.parseDouble(
                browser.find("drawn-words").getText().replaceFirst("(?s).*number ([0-9.]+) .*", "$1"));
        WebElement hit = browser.all("#drawn .hit").getFirst();
        double width = browser.all("#drawn .cumulative").getFirst().getRect().getWidth();
        double left = browser.all("#drawn .cumulative").getFirst().getRect().getX();
        assertThat(left + uniform * width).isBetween(hit.getRect().getX() - 2.0,
                hit.getRect().getX() + hit.getRect().getWidth() + 2.0);
        int before = browser.all("#text .piece").size();
        browser.find("draw-accept").click();
        browser.until("one more token", () -> browser.all("#text .piece").size() == before + 1);
    }

    @Test
    void theFunnelNamesTheStageThatCutAToken() {
        browser.set("chain-top_k-k-number", 3);
        browser.until("cut tokens", () -> !browser.all("#bars .is-cut").isEmpty());
        browser.script("[...document.querySelectorAll('#bars .is-cut')].at(-1).click()");
        browser.until("its fate", () -> browser.find("fate").isDisplayed());
        assertThat(browser.find("fate").getDomAttribute("data-cut-by")).isEqualTo("top-k");
        assertThat(browser.find("fate").getText()).contains("was cut by top-k", "below");
        assertThat(browser.all("#funnel tr.fate")).singleElement()
                .satisfies(row -> assertThat(row.getText()).contains("top-k", "cut here"));
        assertThat(browser.all("#funnel tbody tr")).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void aTokenThatStaysComesThroughAllStages() {
        browser.click("#bars .bar:not(.is-cut)", 0);
        browser.until("its fate", () -> browser.find("fate").isDisplayed());
        assertThat(browser.find("fate").getText()).contains("came through all stages");
    }

    @Test
    void stagesMoveByKeyboardAndTheChainFollows() {
        WebElement grip = browser.all("#chain [data-key=temperature] .grip").getFirst();
        grip.sendKeys(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP);
        browser.until("temperature before top-k", () -> chainText().startsWith("temperature=0.8,top_k=40"));
        assertThat(browser.driver().switchTo().activeElement()).isEqualTo(grip);
        assertThat(browser.all("#chain [role=status]").getFirst().getText()).contains("temperature is now stage 2");
    }

    @Test
    void stagesMoveByMouse() {
        WebElement grip = browser.all("#chain [data-key=temperature] .grip").getFirst();
        WebElement first = browser.all("#chain [data-key=penalties] .grip").getFirst();
        new Actions(browser.driver()).clickAndHold(grip).moveByOffset(0, -20).moveToElement(first)
                .moveByOffset(0, -10).pause(300).release().perform();
        browser.until("temperature first", () -> chainText().startsWith("temperature=0.8,"));
    }

    @Test
    void theChainAsTextAsOptionsAndAsJavaIsTheSameChain() {
        browser.set("chain-penalties-repeat", 1.3);
        browser.set("chain-xtc-probability", 0.25);
        String text = chainText();
        assertThat(text).contains("penalties=64:1.3:0:0", "xtc=0.25:0.1:0:42").endsWith("seed=42");
        browser.find("as-cli").click();
        String command = chainText();
        browser.find("as-java").click();
        String java = chainText();
        SamplerChain chain = SamplerChain.parse(text);
        assertThat(JavaText.chain(java)).isEqualTo(chain);
        // The shell takes the quotes away, as it does for whoever pastes the command.
        List<String> arguments = new ArrayList<>(Arrays.asList(Cli.execute(List.of("bash", "-c",
                "set -- " + command.replace("./sampler", "") + " -n 1; printf '%s\\0' \"$@\"")).out().split("\0")));
        assertThat(arguments).contains(PROMPT);
        // llama.cpp's tools run temperature as temp_ext, which does the same with a range of 0.
        assertThat(Cli.run(arguments).err())
                .contains(chain.toString().replace("temperature=0.8", "temp_ext=0.8:0.0:1.0"));
    }

    @Test
    void aGeneratedTextIsTheCommandLinesForTheSameSeed() {
        browser.find("generate").click();
        browser.until("forty tokens", () -> browser.all("#text .piece").size() >= 10
                && browser.find("generate").isEnabled());
        int[] ids = textIds();
        JsonNode json = Cli.run("generate", "-p", PROMPT, "--raw", "--seed", "42", "-n",
                String.valueOf(ids.length), "--json").json();
        assertThat(IntStream.range(0, ids.length).map(i -> json.get("tokens").get(i).asInt()).toArray())
                .isEqualTo(ids);
    }

    @Test
    void aTokensAlternativesOpenBranchesAndTheOldOneStays() {
        steps(3);
        String before = address("t");
        browser.click("#text .piece", 1);
        browser.until("alternatives", () -> browser.find("alternatives").isDisplayed());
        assertThat(browser.find("alternatives").getText()).contains("to the model", "after the chain");
        browser.click("#alternatives button", 0);
        browser.until("the new branch", () -> browser.all("#text .piece").size() == 2);
        browser.until("the old one", () -> browser.find("branches").isDisplayed());
        assertThat(address("t")).startsWith(before.split("\\.")[0]).isNotEqualTo(before);
        browser.click("#branches button", 0);
        browser.until("the old one again", () -> address("t").equals(before));
        browser.find("back").click();
        browser.until("one back", () -> browser.all("#text .piece").size() == 2);
    }

    @Test
    void regeneratingTakesAnotherSeed() {
        steps(2);
        browser.click("#text .piece", 1);
        browser.until("alternatives", () -> browser.find("alternatives").isDisplayed());
        browser.script("[...document.querySelectorAll('#alternatives button')]"
                + ".find(b => b.textContent.startsWith('Regenerate')).click()");
        browser.until("a longer text", () -> browser.all("#text .piece").size() > 3
                && browser.find("generate").isEnabled());
        assertThat(browser.find("seed").getDomProperty("value")).isEqualTo("43");
    }

    @Test
    void aReloadKeepsTheStateInTheAddress() {
        browser.set("chain-top_k-k-number", 7);
        browser.set("seed", 99);
        browser.all("#chain [data-key=temperature] .grip").getFirst().sendKeys(Keys.ARROW_UP);
        steps(2);
        String text = browser.find("text").getText();
        String chain = chainText();
        List<Double> after = afterOf(bars());
        browser.driver().navigate().refresh();
        browser.until("the text", () -> browser.find("text").getText().equals(text));
        browser.until("the bars", () -> afterOf(bars()).equals(after));
        assertThat(chainText()).isEqualTo(chain).contains("top_k=7", "seed=99");
        assertThat(browser.find("prompt").getDomProperty("value")).isEqualTo(PROMPT);
        browser.find("nav-lessons").click();
        browser.driver().navigate().refresh();
        browser.until("the lessons", () -> browser.find("view-lessons").isDisplayed());
    }

    @Test
    void twoTabsAtOnceEachShowTheirOwn() {
        String first = browser.driver().getWindowHandle();
        List<String> alone = tokens();
        String second = browser.driver().switchTo().newWindow(WindowType.TAB).getWindowHandle();
        browser.look(1280, 1000, false);
        try {
            open("v=explore&chat=0&p=" + encoded("One, two, three, four,"));
            browser.find("generate").click();
            browser.driver().switchTo().window(first);
            for (int i = 0; i < 5; i++) {
                browser.set("chain-temperature-t", 1 + i / 10.0);
                steps(1);
                browser.find("back").click();
                browser.until("the row again", () -> tokens().equals(alone));
            }
            browser.driver().switchTo().window(second);
            browser.until("the other text", () -> browser.find("generate").isEnabled()
                    && browser.find("text").getText().contains("five"));
        } finally {
            browser.driver().switchTo().window(second).close();
            browser.driver().switchTo().window(first);
        }
    }

    @Test
    void anEmptyPromptIsSaidToBeOneAndThePageGoesOn() {
        ask("");
        browser.until("an error", () -> browser.find("error").isDisplayed());
        assertThat(browser.find("error").getText()).contains("prompt", "empty");
        assertThat(browser.find("prompt").getDomAttribute("aria-invalid")).isEqualTo("true");
        assertThatTheServerSaidSo();
        ask("Two and two are");
        browser.until("no error", () -> !browser.find("error").isDisplayed());
        assertThat(bars()).isNotEmpty();
    }

    @Test
    void aPromptOverTheContextIsAnErrorWithBothNumbers() {
        ask("word ".repeat(2 * CONTEXT));
        browser.until("an error", () -> browser.find("error").isDisplayed());
        assertThat(browser.find("error").getText()).contains(String.valueOf(CONTEXT));
        assertThatTheServerSaidSo();
    }

    @Test
    void theNaiveSoftmaxTurnsNaNWhereTheStableOneStays() {
        view("lessons");
        browser.until("the first sentence", () -> now("softmax").contains("both forms agree"));
        browser.set("softmax-offset", 100);
        browser.until("the turn", () -> now("softmax").contains("has turned"));
        assertThat(browser.find("lesson-softmax").getText()).contains("NaN", "85.72", "62.4 %");
    }

    @Test
    void anOffsetMovesNoBar() {
        view("lessons");
        browser.until("the first sentence", () -> now("shift").contains("With 0 added"));
        browser.set("shift-offset", 50);
        browser.until("the next sentence", () -> now("shift").contains("With 50 added"));
        assertThat(now("shift")).contains("No bar has moved");
    }

    @Test
    void entropyAndNucleusFollowTheTemperature() {
        view("lessons");
        browser.script("document.getElementById('lesson-entropy').scrollIntoView()");
        for (String lesson : List.of("entropy", "nucleus")) {
            browser.until(lesson, () -> now(lesson).contains("temperature 0.8"));
            String before = now(lesson);
            browser.set("lesson-" + lesson + "-temperature", browser.find("lesson-" + lesson + "-temperature")
                    .getDomAttribute("max"));
            browser.until("another sentence of " + lesson, () -> !now(lesson).equals(before));
            assertThat(browser.all("#lesson-" + lesson + " canvas")).hasSize(1);
        }
    }

    @Test
    void fiveLogitsRunThroughTheChainAndToBothLimits() {
        view("lessons");
        browser.script("document.getElementById('lesson-five').scrollIntoView()");
        browser.until("what is cut", () -> now("five").contains("top-p cuts E"));
        browser.set("five-E", 3);
        browser.until("what is cut now", () -> !now("five").contains("cuts E"));
        browser.set("five-E", -1);
        browser.set("limits-temperature", 0);
        browser.until("argmax", () -> now("limits").contains("as good as the argmax"));
        assertThat(now("limits")).contains("Temperature 0.01: A has 100");
        browser.set("limits-temperature", browser.find("limits-temperature").getDomAttribute("max"));
        browser.until("uniform", () -> now("limits").contains("as good as uniform"));
        assertThat(now("limits")).contains("2.32 bits");
    }

    @Test
    void calibrationShowsItsErrorBeforeAndAfter() {
        view("lessons");
        browser.script("document.getElementById('lesson-calibration').scrollIntoView()");
        browser.click("#lesson-calibration button.primary", 0);
        browser.until("a result", () -> now("calibration").contains("calibration error"));
        assertThat(browser.find("lesson-calibration").getText())
                .contains("Calibration error (ECE)", "Temperature found", "Before", "After");
        assertThat(browser.all("#lesson-calibration canvas")).hasSize(2);
    }

    @Test
    void comparingAChainWithItselfGivesNoDistanceAndWithAnotherSome() {
        open("v=compare&chat=0&c=temperature%3D0.8&b=temperature%3D0.8&p=" + encoded(PROMPT));
        browser.until("figures", () -> comparison().contains("Total variation"));
        assertThat(comparison()).contains("Total variation 0 %", "Overlap 100.0 %", "KL from A to B 0 bits");
        browser.set("chain-b-top_k-k-number", 3);
        browser.until("a distance", () -> comparison().contains("KL from A to B infinite"));
        assertThat(comparison()).contains("Tokens kept by B 3").doesNotContain("Total variation 0 %");
    }

    @Test
    void bothTextsOfACompareHaveTheSameSeed() {
        open("v=compare&chat=0&c=temperature%3D0.8&b=temperature%3D0.8&p=" + encoded(PROMPT));
        browser.until("the button", () -> !browser.all("#compare-texts button.primary").isEmpty());
        browser.click("#compare-texts button.primary", 0);
        browser.until("both texts",
                () -> browser.find("compare-texts").getText().contains("Both chains write the same"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"explore", "lessons", "compare"})
    void everyViewWorksWideAndNarrowLightAndDarkWithoutSeriousFindings(String view) {
        steps(2);
        view(view);
        for (int width : new int[] {1280, 360}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(width, 1000, dark);
                String name = view + "-" + width + (dark ? "-dark" : "-light");
                browser.until("no sideways scroll: " + name, () -> browser.script(
                        "return document.documentElement.scrollWidth <= innerWidth").equals(true));
                assertThat(browser.seriousFindings()).as(name).isEmpty();
                browser.screenshot(name);
            }
        }
    }

    @Test
    void nothingIsLoadedFromElsewhere() {
        assertThat((List<?>) browser.script("return performance.getEntriesByType('resource').map(e => e.name)"))
                .isNotEmpty().allSatisfy(name -> assertThat((String) name).startsWith(explorer.address().toString()));
    }

    /// The browser logs each answer that is no success.
    private static void assertThatTheServerSaidSo() {
        assertThat(browser.errors()).isNotEmpty().allMatch(line -> line.contains("status of 400"));
    }

    private static void open(String address) {
        // From another page, so that it is loaded and not only its fragment changed.
        browser.driver().get("about:blank");
        browser.driver().get(explorer.address() + "#" + address);
        // In a view that is hidden, too.
        browser.until("bars", () -> !browser.all("#bars .bar").isEmpty());
    }

    /// What a lesson says one sees now.
    private static String now(String lesson) {
        return browser.all("#lesson-" + lesson + " .now").stream().map(WebElement::getText).findFirst().orElse("");
    }

    private static String comparison() {
        return browser.find("compare-row").getText().replaceAll("\\s+", " ");
    }

    private static void view(String view) {
        browser.find("nav-" + view).click();
        browser.until(view, () -> browser.find("view-" + view).isDisplayed());
    }

    private static void ask(String prompt) {
        browser.set("prompt", prompt);
        browser.find("show").click();
    }

    private static void steps(int count) {
        int before = browser.all("#text .piece").size();
        for (int i = 1; i <= count; i++) {
            int wanted = before + i;
            browser.until("a way on", () -> browser.find("step").isEnabled());
            browser.find("step").click();
            browser.until("a step", () -> browser.all("#text .piece").size() == wanted);
        }
    }

    private static List<WebElement> bars() {
        return browser.all("#bars button.bar");
    }

    private static List<String> tokens() {
        return browser.all("#bars button.bar .token").stream().map(WebElement::getText).toList();
    }

    private static List<Double> afterOf(List<WebElement> bars) {
        return bars.stream().map(bar -> Double.valueOf(bar.getDomAttribute("data-after"))).toList();
    }

    private static double sum(List<Double> probabilities) {
        return probabilities.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static String chainText() {
        return browser.find("copy-text").getText();
    }

    private static int[] textIds() {
        return Arrays.stream(address("t").split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    /// A part of the address, as it stands there.
    private static String address(String key) {
        return (String) browser.script("return new URLSearchParams(location.hash.slice(1)).get(arguments[0]) ?? ''",
                key);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
