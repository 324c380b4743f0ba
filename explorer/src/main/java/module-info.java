/// A local web page on a model's own next-token distribution.
module io.github.javasampler.explorer {
    requires io.javalin;
    requires transitive io.github.javasampler.llama;
    requires java.logging;
    requires org.apache.commons.statistics.inference;
    requires tools.jackson.databind;

    exports io.github.javasampler.explorer;

    opens io.github.javasampler.explorer to tools.jackson.databind;
}
