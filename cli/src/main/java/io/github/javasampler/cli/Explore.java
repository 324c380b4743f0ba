package io.github.javasampler.cli;

import io.github.javasampler.explorer.Explorer;
import io.github.javasampler.llama.LlamaModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Serves the explorer's page until it is interrupted.
@Command(
        name = "explore",
        description = "Opens a local page on the model's own next-token distribution; Ctrl-C ends it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sampler explore",
            "  sampler explore -m model.gguf --port 0 --no-open"
        })
final class Explore implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;
    private static final int CLOSE_SECONDS = 10;

    @Option(names = "--port", paramLabel = "P", defaultValue = "8080",
            description = "The port of the page, on this machine only; 0 takes any that is free. "
                    + "Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(names = "--no-open", description = "Do not open the page in the browser")
    private boolean noOpen;

    @Option(names = "--json", description = "Print the address as a JSON object")
    private boolean json;

    @Mixin
    private LlamaOptions llama;

    @Spec
    private CommandSpec spec;

    /// What `--json` prints.
    private record Report(String address) {}

    @Override
    public Integer call() throws IOException {
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(spec.commandLine(), "--port must be in [0, " + MAX_PORT + "], got " + port);
        }
        checkExplorer();
        checkPort();
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            interrupted.countDown();
            await(closed);
        }, "close"));
        try {
            Thread.ofPlatform().daemon().name("warm-up").start(Explorer::warmUp);
            serve(interrupted);
        } finally {
            closed.countDown();
        }
        return ExitCode.OK;
    }

    private static void checkExplorer() {
        try {
            Class.forName("io.github.javasampler.explorer.Explorer");
        } catch (ClassNotFoundException e) {
            throw new CommandException("explore needs the module io.github.javasampler.explorer, which is not here:"
                    + " the container image leaves it out, because nobody outside would reach its page; run ./sampler"
                    + " explore on the host");
        }
    }

    /// Before the model is loaded, which may take long.
    private void checkPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assert socket.isBound();
        } catch (BindException e) {
            throw portIsTaken();
        }
    }

    private CommandException portIsTaken() {
        return new CommandException("port " + port + " must be free, and another program has it, or it is not for"
                + " everybody; name another by --port P, or take any that is free by --port 0");
    }

    private void serve(CountDownLatch interrupted) throws IOException {
        spec.commandLine().getErr().println("Loading " + llama.modelName() + " ...");
        try (LlamaModel model = llama.loadModel();
                Explorer explorer = Explorer.start(model, llama.context(), port)) {
            if (json) {
                Json.println(spec.commandLine().getOut(), new Report(explorer.address()));
            } else {
                spec.commandLine().getOut().println(explorer.address());
            }
            if (!noOpen) {
                open(explorer.address());
            }
            interrupted.await();
        } catch (UncheckedIOException taken) {
            throw portIsTaken();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Opens a browser, if there is one; the address has been printed in any case.
    private static void open(String address) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        List<String> command = system.contains("win") ? List.of("rundll32", "url.dll,FileProtocolHandler", address)
                : List.of(system.contains("mac") ? "open" : "xdg-open", address);
        try {
            new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start().getOutputStream().close();
        } catch (IOException noBrowser) {
            // Whoever has none opens the address elsewhere.
        }
    }

    private static void await(CountDownLatch closed) {
        try {
            if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("sampler: the explorer did not close in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
