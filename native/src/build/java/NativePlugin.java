import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Builds `libjavasampler.so` with CMake. The build runs this file as it stands, in the folder `native/`:
/// `java src/build/java/NativePlugin.java VERSION BUILD OUT`. The library goes to `OUT/lib`, its header to
/// `OUT/include`.
///
/// Only hosts that are not Java need it, so a machine without CMake or a C compiler goes without, and is told; where
/// `CI=true` that is a failure.
public final class NativePlugin {

    private NativePlugin() {
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try {
            if (arguments.length != 3) {
                throw new Tool.Failure("expected 'VERSION BUILD OUT', got " + List.of(arguments));
            }
            String obstacle = obstacle();
            if (obstacle == null) {
                build(arguments[0], arguments[1], arguments[2]);
            } else if ("true".equals(System.getenv("CI"))) {
                throw new Tool.Failure("CI=true forbids to go without libjavasampler.so: " + obstacle);
            } else {
                System.err.println("java-sampler-native: no libjavasampler.so, tests that need it will be skipped: "
                        + obstacle);
            }
        } catch (Tool.Failure failure) {
            System.err.println("java-sampler-native: " + failure.getMessage());
            System.exit(1);
        }
    }

    private static String obstacle() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "it is written for Linux";
        }
        if (!Tool.isOnPath("cmake")) {
            return "cmake is not on the PATH; install it";
        }
        if (!Tool.isOnPath("make") && !Tool.isOnPath("ninja")) {
            return "neither make nor ninja is on the PATH; install one of them";
        }
        return System.getenv("CC") == null && !Tool.isOnPath("cc") ? "no C compiler 'cc' is on the PATH; install one"
                : null;
    }

    private static void build(String version, String build, String out) throws IOException, InterruptedException {
        Path here = Path.of(".");
        Tool.run(here, "cmake", "-S", ".", "-B", build, "-DCMAKE_BUILD_TYPE=Release",
                "-DJAVA_SAMPLER_VERSION=" + version, "-DJAVA_HOME=" + System.getProperty("java.home"));
        Tool.run(here, "cmake", "--build", build);
        Tool.run(here, "cmake", "--install", build, "--prefix", out);
    }
}
