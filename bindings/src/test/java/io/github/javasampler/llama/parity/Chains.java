package io.github.javasampler.llama.parity;

import java.util.List;

/// The chains that are compared with llama.cpp: every stage, in several orders.
public final class Chains {
    private Chains() {}

    /// As [io.github.javasampler.SamplerChain#parse] reads them.
    public static final List<String> TEXTS = List.of(
            // Pickers alone.
            "greedy",
            "seed=1",
            "mirostat=5:0.1:100:17",
            "mirostat_v2=5:0.1:15",
            "adaptive_p=0.3:0.9:19",
            "adaptive_p=-1:0.9:21",
            // llama.cpp's default order, and parts of it.
            "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42",
            "penalties=64:1.1:0.1:0.1,top_n_sigma=1.5,top_k=40,typical=0.97,top_p=0.95,min_p=0.05,xtc=0.3:0.1:0:5,"
            + "temp_ext=0.8:0.3:1,seed=42",
            "top_k=50,typical=0.5:3,temperature=1.3,seed=7",
            "top_k=20,xtc=1:0.05:2:11,temperature=0.8,seed=11",
            "top_k=30,temp_ext=1:1:2,seed=13",
            // The whole row for what sums it up.
            "top_p=0.9,seed=22",
            "typical=0.9,seed=6",
            "temp_ext=0.8:0.4:1,seed=12",
            "xtc=0.5:0.1:0:10,seed=10",
            "temperature=1.5,top_n_sigma=0.7,top_p=0.8,seed=9",
            // Floors under a cut.
            "top_p=0.01:7,seed=24",
            "min_p=0.9:7,seed=25",
            "typical=0.01:7,seed=26",
            "xtc=1:0.02:60,top_k=64,xtc=1:0.02:60:27,seed=27",
            "min_p=1.05,seed=28",
            // More than the heap takes, and nested cuts.
            "top_k=200,min_p=0.02:150,seed=3",
            "top_k=129,top_p=0.99:128,top_k=20,min_p=0.1,top_k=3,seed=29",
            "min_p=0.1,top_k=5,xtc=0.7:0.2:0:23,typical=0.8,seed=23",
            "top_p=0.9,top_k=10,typical=0.7,min_p=0.1,seed=30",
            // Logits that move after a sort, while llama.cpp still trusts its order.
            "top_k=30,logit_bias=0:8;1:7;2:9,top_k=5,min_p=0.2:3,seed=31",
            "top_k=40,logit_bias=0:4,top_p=0.5,temperature=0.9,seed=32",
            "top_k=40,temperature=0,xtc=0.5:0.1:0:4,mirostat_v2=4:0.1:4",
            // Bans before what sums up.
            "top_n_sigma=1,top_k=40,typical=0.9,temp_ext=0.8:0.5:1.3,seed=2",
            "top_n_sigma=0.5,mirostat=5:0.1:100:1",
            "top_n_sigma=1,typical=0.8,seed=33",
            "top_n_sigma=2,xtc=0.9:0.1:1:34,seed=34",
            "logit_bias=0:3.5;1:-2;2:-Infinity,min_p=0.01,seed=4",
            "temperature=0,seed=35",
            "temperature=0.7,logit_bias=2:5,penalties=32:1.2:0.1:0,top_p=0.9,seed=5",
            // Penalties before, between and after cuts.
            "penalties=8:0.7:-0.5:0.1,greedy",
            "top_k=100,penalties=64:1.3:0.2:0.4,top_k=10,seed=36",
            "min_p=0.02,penalties=16:1:0.5:0.5,logit_bias=0:1,top_p=0.9,temperature=1.2,seed=37",
            // Feedback after cuts.
            "temperature=0.8,mirostat_v2=3:0.2:16",
            "top_k=60,temperature=1.2,mirostat=4:0.1:30:18",
            "min_p=0.05,adaptive_p=0.5:0.8:20",
            "top_p=0.95,temperature=0.7,adaptive_p=0.2:0.95:38",
            // Stages that are off.
            "penalties=0:1.5,top_n_sigma=0,top_k=0,typical=1,top_p=1,min_p=0,xtc=0:0.1,xtc=1:0.6,temp_ext=1:0,seed=39");

    /// Whether a vocabulary has the tokens that the chain's biases name, and more that they do not ban.
    public static boolean fits(String text, int vocabularySize) {
        return vocabularySize > 16 || !text.contains("logit_bias");
    }
}
