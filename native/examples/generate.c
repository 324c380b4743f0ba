// Generates text with a Java sampler, in C.
//
//   generate BACKENDS MODEL SPEC PROMPT TOKENS
//
// BACKENDS is the folder with libggml-cpu-*.so; the rest is as in "top_k=40,seed=99" "Once upon a time" 32.
#include "ggml-backend.h"
#include "java_sampler.h"
#include "llama.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT_TOKENS_MAX 512

static void be_quiet(enum ggml_log_level level, const char * text, void * data) {
    (void) data;
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

int main(int argc, char ** argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: %s BACKENDS MODEL SPEC PROMPT TOKENS\n", argv[0]);
        return 2;
    }
    llama_log_set(be_quiet, NULL);
    ggml_backend_load_all_from_path(argv[1]);
    struct llama_model * model = llama_model_load_from_file(argv[2], llama_model_default_params());
    struct llama_context * context = model == NULL ? NULL
            : llama_init_from_model(model, llama_context_default_params());
    if (context == NULL) {
        fprintf(stderr, "%s must be a model that llama.cpp can load\n", argv[2]);
        return 1;
    }
    // More threads than free processors would wait for each other.
    llama_set_n_threads(context, 1, 1);

    char error[1024];
    struct llama_sampler * sampler = java_sampler_init(argv[3], error, sizeof(error));
    if (sampler == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    // A chain of llama.cpp's may have it as one of its members, or be left out.
    struct llama_sampler * chain = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(chain, sampler);

    const struct llama_vocab * vocab = llama_model_get_vocab(model);
    llama_token tokens[PROMPT_TOKENS_MAX];
    int count = llama_tokenize(vocab, argv[4], (int) strlen(argv[4]), tokens, PROMPT_TOKENS_MAX, true, true);
    for (int left = atoi(argv[5]); left > 0 && count > 0; left--) {
        if (llama_decode(context, llama_batch_get_one(tokens, count)) != 0) {
            break;
        }
        tokens[0] = llama_sampler_sample(chain, context, -1);
        count = llama_vocab_is_eog(vocab, tokens[0]) ? 0 : 1;
        char piece[64];
        int length = llama_token_to_piece(vocab, tokens[0], piece, sizeof(piece), 0, false);
        fwrite(piece, 1, length > 0 ? (size_t) length : 0, stdout);
    }
    putchar('\n');

    llama_sampler_free(chain);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
