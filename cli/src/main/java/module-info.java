/// The command line: generate, sample, explain, explore, bench, doctor.
module io.github.javasampler.cli {
    requires info.picocli;
    requires io.github.javasampler.schema;
    // Left out of the image in docker/.
    requires static io.github.javasampler.explorer;
    requires transitive io.github.javasampler.llama;
    requires java.logging;
    requires jdk.management;
    requires tools.jackson.databind;

    exports io.github.javasampler.cli;

    opens io.github.javasampler.cli to info.picocli, tools.jackson.databind;
}
