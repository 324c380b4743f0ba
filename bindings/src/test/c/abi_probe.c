// Prints what a C compiler makes of llama.h: sizes and offsets of the structs that the bindings use, and the constants.
// AbiTest compiles it, runs it and compares the lines with the generated Java layouts.
//
//   cc -I LLAMA_CPP/include -I LLAMA_CPP/ggml/include [-D LLAMA_0_7_0] abi_probe.c -o abi_probe
#include "llama.h"

#include <stddef.h>
#include <stdio.h>

#define STRUCT(s)   printf("struct " #s " %zu\n", sizeof(struct s))
#define FIELD(s, f) printf("field " #s " " #f " %zu %zu\n", offsetof(struct s, f), sizeof(((struct s *) 0)->f))
#define CONSTANT(c) printf("constant " #c " %lld\n", (long long) (c))

int main(void) {
    STRUCT(llama_model_params);
    FIELD(llama_model_params, devices);
    FIELD(llama_model_params, tensor_buft_overrides);
    FIELD(llama_model_params, n_gpu_layers);
    FIELD(llama_model_params, split_mode);
    FIELD(llama_model_params, load_mode);
    FIELD(llama_model_params, lazy_mode);
    FIELD(llama_model_params, main_gpu);
    FIELD(llama_model_params, tensor_split);
    FIELD(llama_model_params, progress_callback);
    FIELD(llama_model_params, progress_callback_user_data);
    FIELD(llama_model_params, kv_overrides);
    FIELD(llama_model_params, vocab_only);
    FIELD(llama_model_params, check_tensors);
    FIELD(llama_model_params, use_extra_bufts);
    FIELD(llama_model_params, no_host);
    FIELD(llama_model_params, no_alloc);
    FIELD(llama_model_params, load_mtp);

    STRUCT(llama_context_params);
    FIELD(llama_context_params, n_ctx);
    FIELD(llama_context_params, n_batch);
    FIELD(llama_context_params, n_ubatch);
    FIELD(llama_context_params, n_seq_max);
    FIELD(llama_context_params, n_rs_seq);
    FIELD(llama_context_params, n_outputs_max);
    FIELD(llama_context_params, n_outputs_max_per_seq);
    FIELD(llama_context_params, n_threads);
    FIELD(llama_context_params, n_threads_batch);
    FIELD(llama_context_params, ctx_type);
    FIELD(llama_context_params, rope_scaling_type);
    FIELD(llama_context_params, pooling_type);
    FIELD(llama_context_params, attention_type);
    FIELD(llama_context_params, flash_attn_type);
    FIELD(llama_context_params, rope_freq_base);
    FIELD(llama_context_params, rope_freq_scale);
    FIELD(llama_context_params, yarn_ext_factor);
    FIELD(llama_context_params, yarn_attn_factor);
    FIELD(llama_context_params, yarn_beta_fast);
    FIELD(llama_context_params, yarn_beta_slow);
    FIELD(llama_context_params, yarn_orig_ctx);
    FIELD(llama_context_params, defrag_thold);
    FIELD(llama_context_params, cb_eval);
    FIELD(llama_context_params, cb_eval_user_data);
    FIELD(llama_context_params, type_k);
    FIELD(llama_context_params, type_v);
#ifdef LLAMA_0_7_0
    FIELD(llama_context_params, moe_cache_size);
#endif
    FIELD(llama_context_params, abort_callback);
    FIELD(llama_context_params, abort_callback_data);
    FIELD(llama_context_params, embeddings);
    FIELD(llama_context_params, offload_kqv);
    FIELD(llama_context_params, no_perf);
    FIELD(llama_context_params, op_offload);
    FIELD(llama_context_params, swa_full);
    FIELD(llama_context_params, kv_unified);
    FIELD(llama_context_params, samplers);
    FIELD(llama_context_params, n_samplers);
    FIELD(llama_context_params, ctx_other);

    STRUCT(llama_batch);
    FIELD(llama_batch, n_tokens);
    FIELD(llama_batch, token);
    FIELD(llama_batch, embd);
    FIELD(llama_batch, pos);
    FIELD(llama_batch, n_seq_id);
    FIELD(llama_batch, seq_id);
    FIELD(llama_batch, logits);

    STRUCT(llama_chat_message);
    FIELD(llama_chat_message, role);
    FIELD(llama_chat_message, content);

    STRUCT(llama_logit_bias);
    FIELD(llama_logit_bias, token);
    FIELD(llama_logit_bias, bias);

    STRUCT(llama_token_data);
    FIELD(llama_token_data, id);
    FIELD(llama_token_data, logit);
    FIELD(llama_token_data, p);

    STRUCT(llama_token_data_array);
    FIELD(llama_token_data_array, data);
    FIELD(llama_token_data_array, size);
    FIELD(llama_token_data_array, selected);
    FIELD(llama_token_data_array, sorted);

    STRUCT(llama_sampler);
    FIELD(llama_sampler, iface);
    FIELD(llama_sampler, ctx);

    STRUCT(llama_sampler_i);
    FIELD(llama_sampler_i, name);
    FIELD(llama_sampler_i, accept);
    FIELD(llama_sampler_i, apply);
    FIELD(llama_sampler_i, reset);
    FIELD(llama_sampler_i, clone);
    FIELD(llama_sampler_i, free);
    FIELD(llama_sampler_i, backend_init);
    FIELD(llama_sampler_i, backend_accept);
    FIELD(llama_sampler_i, backend_apply);
    FIELD(llama_sampler_i, backend_set_input);
    FIELD(llama_sampler_i, backend_reset);
    FIELD(llama_sampler_i, copy_state);

    STRUCT(llama_sampler_data);
    FIELD(llama_sampler_data, logits);
    FIELD(llama_sampler_data, probs);
    FIELD(llama_sampler_data, sampled);
    FIELD(llama_sampler_data, candidates);

    STRUCT(llama_sampler_chain_params);
    FIELD(llama_sampler_chain_params, no_perf);

    STRUCT(llama_sampler_seq_config);
    FIELD(llama_sampler_seq_config, seq_id);
    FIELD(llama_sampler_seq_config, sampler);

    STRUCT(llama_perf_sampler_data);
    FIELD(llama_perf_sampler_data, t_sample_ms);
    FIELD(llama_perf_sampler_data, n_sample);

    CONSTANT(LLAMA_DEFAULT_SEED);
    CONSTANT(LLAMA_TOKEN_NULL);
    CONSTANT(LLAMA_VOCAB_TYPE_NONE);
    CONSTANT(LLAMA_TOKEN_ATTR_UNKNOWN);
    CONSTANT(LLAMA_TOKEN_ATTR_CONTROL);
    CONSTANT(LLAMA_TOKEN_ATTR_USER_DEFINED);
    CONSTANT(LLAMA_TOKEN_ATTR_BYTE);
    CONSTANT(GGML_LOG_LEVEL_NONE);
    CONSTANT(GGML_LOG_LEVEL_DEBUG);
    CONSTANT(GGML_LOG_LEVEL_INFO);
    CONSTANT(GGML_LOG_LEVEL_WARN);
    CONSTANT(GGML_LOG_LEVEL_ERROR);
    CONSTANT(GGML_LOG_LEVEL_CONT);
    return 0;
}
