package io.github.javasampler.it;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/// A headless Chromium that reaches nothing but this machine.
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    private final ChromeDriver driver;

    Browser() {
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(BrowserCondition.browser().orElseThrow().toFile());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                "--force-prefers-reduced-motion", "--lang=en", "--window-size=1280,1000",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(new ChromeDriverService.Builder()
                .usingDriverExecutable(BrowserCondition.driver().orElseThrow().toFile()).build(), options);
    }

    ChromeDriver driver() {
        return driver;
    }

    /// The element with that id.
    WebElement find(String id) {
        return driver.findElement(By.id(id));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /// Waits until it is true; what the page replaces while it is asked does not matter.
    void until(String what, Supplier<Boolean> condition) {
        new WebDriverWait(driver, PATIENCE, POLL).withMessage(what).ignoring(StaleElementReferenceException.class)
                .until(ignored -> condition.get());
    }

    Object script(String script, Object... arguments) {
        return ((JavascriptExecutor) driver).executeScript(script, arguments);
    }

    /// Clicks on the element number `index` of those, as soon as it is there; at once, before the page replaces it.
    void click(String css, int index) {
        until("something to click on: " + css, () -> (Boolean) script(
                "const e = document.querySelectorAll(arguments[0])[arguments[1]]; e?.click(); return Boolean(e)",
                css, index));
    }

    /// Moves a slider or types a number, as a user's input event tells the page.
    void set(String id, Object value) {
        script("const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                + " e.dispatchEvent(new Event('input', {bubbles: true}))", id, String.valueOf(value));
    }

    /// The size of the page's window, whatever the browser's own least width, and the colours.
    void look(int width, int height, boolean dark) {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(
                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /// Errors on the console since the last call.
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage).toList();
    }

    /// What axe-core finds serious, a line each.
    List<String> seriousFindings() {
        return new AxeBuilder().analyze(driver).getViolations().stream()
                .filter(rule -> rule.getImpact().equals("serious") || rule.getImpact().equals("critical"))
                .map(Browser::line).toList();
    }

    private static String line(Rule rule) {
        return rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes().stream()
                .map(node -> node.getTarget() + " " + node.getFailureSummary()).toList();
    }

    /// The whole page as a picture below `target/screenshots`, for people.
    void screenshot(String name) {
        try {
            Files.createDirectories(SCREENSHOTS);
            Object height = script("return document.documentElement.scrollHeight");
            Object width = script("return innerWidth");
            driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                    Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
            Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
