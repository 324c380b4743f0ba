"""Generates text with a Java sampler, in Python.

    generate.py LIBRARY LLAMA_LIB MODEL SPEC PROMPT TOKENS

LIBRARY is libjavasampler.so, LLAMA_LIB the folder of llama.cpp's shared libraries. With the package llama-cpp-python
the same is shorter: it has loaded libllama, and wraps all of its functions.
"""

import ctypes
import glob
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_int32, c_size_t, c_void_p


class Opaque(ctypes.Structure):
    """A struct that goes by value as it comes; longer than any llama.cpp's, which does not look behind its own."""

    _fields_ = [("words", ctypes.c_uint64 * 64)]


class Batch(ctypes.Structure):
    """struct llama_batch"""

    _fields_ = [("n_tokens", c_int32)] + [(name, c_void_p) for name in ("token", "embd", "pos", "n", "seq", "logits")]


def function(library, name, result, *arguments):
    found = getattr(library, name)
    found.restype = result
    found.argtypes = arguments
    return found


def make_sampler(library, spec):
    """A llama_sampler of a text; whoever gets it frees it by llama_sampler_free."""
    init = function(library, "java_sampler_init", c_void_p, c_char_p, c_char_p, c_size_t)
    error = ctypes.create_string_buffer(1024)
    sampler = init(spec.encode(), error, len(error))
    if sampler is None:
        raise ValueError(error.value.decode())
    return sampler


def main(library, llama_lib, model_file, spec, prompt, tokens):
    ggml = ctypes.CDLL(glob.glob(llama_lib + "/libggml.*so*")[0])
    llama = ctypes.CDLL(glob.glob(llama_lib + "/libllama.*so*")[0])
    function(ggml, "ggml_backend_load_all_from_path", None, c_char_p)(llama_lib.encode())
    log_callback = ctypes.CFUNCTYPE(None, ctypes.c_int, c_char_p, c_void_p)
    be_quiet = log_callback(lambda level, text, data: None)
    function(llama, "llama_log_set", None, log_callback, c_void_p)(be_quiet, None)

    model_params = function(llama, "llama_model_default_params", Opaque)()
    model = function(llama, "llama_model_load_from_file", c_void_p, c_char_p, Opaque)(model_file.encode(), model_params)
    if model is None:
        raise ValueError(model_file + " must be a model that llama.cpp can load")
    context_params = function(llama, "llama_context_default_params", Opaque)()
    context = function(llama, "llama_init_from_model", c_void_p, c_void_p, Opaque)(model, context_params)
    function(llama, "llama_set_n_threads", None, c_void_p, c_int32, c_int32)(context, 1, 1)
    vocab = function(llama, "llama_model_get_vocab", c_void_p, c_void_p)(model)

    sampler = make_sampler(ctypes.CDLL(library), spec)
    sample = function(llama, "llama_sampler_sample", c_int32, c_void_p, c_void_p, c_int32)

    tokenize = function(llama, "llama_tokenize", c_int32, c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32,
                        c_bool, c_bool)
    decode = function(llama, "llama_decode", c_int32, c_void_p, Batch)
    get_one = function(llama, "llama_batch_get_one", Batch, POINTER(c_int32), c_int32)
    is_end = function(llama, "llama_vocab_is_eog", c_bool, c_void_p, c_int32)
    to_piece = function(llama, "llama_token_to_piece", c_int32, c_void_p, c_int32, c_char_p, c_int32, c_int32, c_bool)
    text = prompt.encode()
    batch = (c_int32 * 512)()
    count = tokenize(vocab, text, len(text), batch, len(batch), True, True)
    piece = ctypes.create_string_buffer(64)
    for _ in range(int(tokens)):
        if decode(context, get_one(batch, count)) != 0:
            break
        batch[0], count = sample(sampler, context, -1), 1
        if is_end(vocab, batch[0]):
            break
        length = to_piece(vocab, batch[0], piece, len(piece), 0, False)
        sys.stdout.buffer.write(piece.raw[:max(length, 0)])
    print(flush=True)

    function(llama, "llama_sampler_free", None, c_void_p)(sampler)
    function(llama, "llama_free", None, c_void_p)(context)
    function(llama, "llama_model_free", None, c_void_p)(model)


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
