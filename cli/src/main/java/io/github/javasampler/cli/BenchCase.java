package io.github.javasampler.cli;

import io.github.javasampler.SamplerChain;

/// What `bench` measures: chains that people use, and one for each way of going through a row.
enum BenchCase {
    GREEDY("greedy", "greedy"),
    DEFAULT("default", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42"),
    PENALTIES("penalties", "penalties=64:1.1,top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42"),
    MIN_P("min-p", "min_p=0.05,seed=42"),
    UNTRUNCATED("untruncated", "temperature=1.5,seed=42"),
    TOP_P("top-p", "temperature=0.8,top_p=0.95,seed=42"),
    TOP_N_SIGMA("top-n-sigma", "top_n_sigma=1,seed=42"),
    XTC("xtc", "xtc=0.5:0.1:0:42,seed=42"),
    FLAT_TOP_P("flat top-p", "temperature=1.5,top_p=0.95,seed=42"),
    MIROSTAT_V2("mirostat v2", "mirostat_v2=5:0.1:42"),
    TEMP_EXT("temp_ext", "temp_ext=0.8:0.4:1,seed=42"),
    TYPICAL("typical", "typical=0.9,seed=42");

    private final String title;
    private final String chain;

    BenchCase(String title, String chain) {
        this.title = title;
        this.chain = chain;
    }

    SamplerChain chain() {
        return SamplerChain.parse(chain);
    }

    /// The name in tables and options.
    @Override
    public String toString() {
        return title;
    }
}
