package io.github.javasampler.explorer;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The files of the page, and those of the libraries that it takes.
final class Page implements Handler {
    private static final String FOLDER = "io/github/javasampler/explorer/page/";
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9_-]+/)*[A-Za-z0-9_.-]+[.][a-z]+");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png");

    private final Map<String, String> libraries = Map.of(
            "webjars/chart.umd.js", webJar("chart.js", "dist/chart.umd.js"),
            "webjars/Sortable.min.js", webJar("sortablejs", "Sortable.min.js"));
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();

    /// Where a WebJar has a file: its version is a part of the path.
    private static String webJar(String name, String file) {
        Properties properties = new Properties();
        try (InputStream in = open("META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
            if (in == null) {
                throw new IllegalStateException("the class path must have the WebJar " + name + ", and has not");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the WebJar " + name + " cannot be read", e);
        }
        return "META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/" + file;
    }

    private static InputStream open(String resource) {
        return Page.class.getClassLoader().getResourceAsStream(resource);
    }

    @Override
    public void handle(Context context) throws IOException {
        String path = context.path().substring(1);
        String name = path.isEmpty() ? "index.html" : path;
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
        byte[] file = type == null || !NAME.matcher(name).matches() ? null : file(name);
        if (file == null) {
            throw new NotFoundResponse();
        }
        context.contentType(type).result(file);
    }

    /// Returns null if there is none.
    private byte[] file(String name) throws IOException {
        byte[] known = files.get(name);
        if (known != null) {
            return known;
        }
        try (InputStream in = open(libraries.getOrDefault(name, FOLDER + name))) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            files.put(name, bytes);
            return bytes;
        }
    }
}
