package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.javasampler.Kernel;
import io.github.javasampler.llama.LlamaException;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.UnsupportedVersionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Says what is there, what was found where, and what is missing.
@Command(
        name = "doctor",
        description = "Reports the JDK, the kernels, llama.cpp and where it was looked for, the ABI check, the small "
                + "model, Docker and the plug-in for hosts that are not Java. Exit 1 if llama.cpp cannot be used.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  sampler doctor", "  sampler doctor --json"})
final class Doctor implements Callable<Integer> {
    private static final long DOCKER_TIMEOUT_SECONDS = 10;

    @Mixin
    private LibraryOption library;

    @Option(names = "--json", description = "Print one JSON object")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private record Report(
            String jdk, String platform, String kernels, Llama llama, Abi abi, Model model, Docker docker,
            PluginFiles plugin) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Llama(boolean usable, String version, Path directory, String system,
            List<LlamaRuntime.Attempt> searched, String problem) {}

    /// @param expected the versions that are known
    /// @param found the version of the library; null if there is none
    /// @param known whether it is one of them; if not, a library is only used if it passes the self-check
    /// @param layouts the known version whose struct layouts it has; null if it is not used
    private record Abi(boolean ok, List<String> expected, String found, boolean known, String layouts) {
        String text() {
            String bindings = "bindings for " + String.join(" and ", expected) + ", library is ";
            if (found == null) {
                return bindings + "not loaded";
            }
            return bindings + found + (known ? ", known" : ok
                    ? ", not known, passed the self-check with the layouts of " + layouts : ", not known");
        }
    }

    private record Model(Path path, boolean present) {}

    private record Docker(boolean reachable, String detail) {}

    @Override
    public Integer call() {
        Llama llama;
        Abi abi;
        try {
            LlamaRuntime runtime = library.runtime();
            llama = new Llama(true, runtime.version(), runtime.directory(), runtime.systemInfo().strip(),
                    runtime.searched(), null);
            abi = new Abi(true, LlamaRuntime.KNOWN_VERSIONS, runtime.version(), runtime.isKnownVersion(),
                    runtime.layoutVersion());
        } catch (LlamaException e) {
            llama = new Llama(false, null, null, null, List.of(), e.getMessage());
            abi = new Abi(false, LlamaRuntime.KNOWN_VERSIONS,
                    e instanceof UnsupportedVersionException unsupported ? unsupported.version() : null, false, null);
        }
        Path model = SmallModel.path();
        Report report = new Report(
                Runtime.version() + ", " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home"),
                System.getProperty("os.name") + ", " + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors",
                Kernel.description(),
                llama,
                abi,
                new Model(model, Files.isRegularFile(model)),
                docker(),
                PluginFiles.find());
        if (json) {
            Json.println(out(), report);
        } else {
            print(report);
        }
        return llama.usable ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static Docker docker() {
        try {
            Process process = new ProcessBuilder("docker", "version", "--format", "{{.Server.Version}}")
                    .redirectErrorStream(true).start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(DOCKER_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
                return new Docker(false, "no answer in " + DOCKER_TIMEOUT_SECONDS + " s");
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.exitValue() == 0 ? new Docker(true, "engine " + said) : new Docker(false, said);
        } catch (IOException e) {
            return new Docker(false, "not installed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Docker(false, "interrupted");
        }
    }

    private void print(Report report) {
        line("JDK", true, report.jdk);
        line("platform", true, report.platform);
        line("kernels", true, report.kernels);
        line("llama.cpp", report.llama.usable, report.llama.usable
                ? report.llama.version + " in " + report.llama.directory : report.llama.problem);
        for (LlamaRuntime.Attempt attempt : report.llama.searched) {
            out().printf("    looked at %s: %s%n", attempt.where(), attempt.outcome());
        }
        if (report.llama.usable) {
            out().printf("    %s%n", report.llama.system);
        }
        line("ABI", report.abi.ok, report.abi.text());
        line("model", report.model.present, report.model.path
                + (report.model.present ? "" : " (fetched by the first 'sampler generate')"));
        line("Docker", report.docker.reachable, report.docker.detail
                + (report.docker.reachable ? "" : " (only the container tests need it)"));
        line("plug-in", report.plugin.exist(), report.plugin.exist()
                ? report.plugin.library() + ", header in " + report.plugin.include()
                : "not built (only hosts that are not Java need it; building it takes cmake and a C compiler)");
    }

    private void line(String name, boolean ok, String text) {
        out().printf("%-4s %-10s %s%n", ok ? "ok" : "--", name, text);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
