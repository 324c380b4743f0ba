package io.github.javasampler.explorer;

import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.LlamaModel;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.util.function.Consumer;

/// A web page on a model's own next-token distribution, served to this machine only. Any number of tabs may use it; the
/// model decodes for one of them at a time.
///
/// {@snippet :
/// try (Explorer explorer = Explorer.start(model, ContextOptions.DEFAULT, 0)) {
///     System.out.println(explorer.address());
///     Thread.sleep(Long.MAX_VALUE);
/// }
/// }
public final class Explorer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final Engine engine;
    private final Javalin server;

    private Explorer(Engine engine, Javalin server) {
        this.engine = engine;
        this.server = server;
    }

    /// Opens a context of the model, and a port on the loopback.
    ///
    /// @param model stays the caller's; it is to be closed after the explorer
    /// @param options for the context; one sequence is used
    /// @param port in [0, 65535]; 0 for any that is free
    /// @throws UncheckedIOException if the port cannot be opened
    /// @throws io.github.javasampler.llama.LlamaException if there is not enough memory for the context
    public static Explorer start(LlamaModel model, ContextOptions options, int port) {
        Engine engine = new Engine(model, options);
        try {
            return new Explorer(engine, serve(routes -> addApi(routes, engine), port));
        } catch (JavalinBindException e) {
            engine.close();
            throw new UncheckedIOException(
                    new BindException("port " + port + " must be free, and is not, or not for us; 0 takes any"));
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /// Takes at most half a second to load classes and warm the JIT compiler up, so that the first request is answered
    /// at once. To be called on a thread of its own while the model loads.
    public static void warmUp() {
        WarmUp.run();
    }

    /// Starts a server with these routes, and the page.
    ///
    /// @throws JavalinBindException if it does not get the port
    private static Javalin serve(Consumer<RoutesConfig> routes, int port) {
        return Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.http.compressionStrategy = CompressionStrategy.NONE;
            config.jsonMapper(new Json());
            config.routes.before(Guard::addHeaders);
            config.routes.before(Guard::check);
            // Javalin would answer its own kind in its own way.
            config.routes.exception(HttpResponseException.class, Failures::answer);
            config.routes.exception(Exception.class, Failures::answer);
            routes.accept(config.routes);
            config.routes.get("/*", new Page());
        }).start(LOOPBACK, port);
    }

    private static void addApi(RoutesConfig routes, Engine engine) {
        ModelInfo model = ModelInfo.of(engine);
        routes.get("/api/model", context -> context.json(model));
        routes.post("/api/tokenize", Endpoint.answering(Tokenize.Request.class, new Tokenize(engine)::answer));
        routes.post("/api/look", Endpoint.answering(Look.Request.class, new Look(engine)::answer));
        routes.post("/api/draw", Endpoint.answering(Draw.Request.class, new Draw(engine)::answer));
        routes.post("/api/draws", Endpoint.streaming(Draws.Request.class, new Draws(engine)::prepare));
        routes.post("/api/generate", Endpoint.streaming(Generate.Request.class, new Generate(engine)::prepare));
        routes.post("/api/compare", Endpoint.answering(Compare.Request.class, new Compare(engine)::answer));
        routes.post("/api/lessons/softmax", Endpoint.answering(SoftmaxLesson.Request.class, SoftmaxLesson::answer));
        routes.post("/api/lessons/five", Endpoint.answering(FiveLogits.Request.class, FiveLogits::answer));
        routes.post("/api/lessons/temperature",
                Endpoint.answering(TemperatureLesson.Request.class, new TemperatureLesson(engine)::answer));
        routes.post("/api/lessons/calibration",
                Endpoint.streaming(CalibrationLesson.Request.class, new CalibrationLesson(engine)::prepare));
    }

    /// Where the page is: `http://127.0.0.1:PORT/`.
    public String address() {
        return "http://" + LOOPBACK + ":" + server.port() + "/";
    }

    /// Closes the port, ends what is under way, and frees the context. Closing it again does nothing.
    @Override
    public void close() {
        engine.stop();
        server.stop();
        engine.close();
    }
}
