/// The command line: generate, sample, explain, bench, doctor.
module io.github.javasampler.cli {
    requires info.picocli;
    requires io.github.javasampler.schema;
    requires transitive io.github.javasampler.llama;
    requires java.logging;
    requires jdk.management;
    requires tools.jackson.databind;

    exports io.github.javasampler.cli;

    opens io.github.javasampler.cli to info.picocli, tools.jackson.databind;
}
