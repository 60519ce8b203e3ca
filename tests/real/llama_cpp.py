"""Logits that llama.cpp computes from a GGUF file, by the library inside PyPI's xllamacpp (2026.10.11549).

The package is a server for Python; its shared object exports llama.cpp's C interface, which is called here: a float32 key-value cache,
no flash attention, one thread, every token an output. The layout of the two structures is that of llama.h of that version, and the
defaults that it fills in are checked before anything is computed.
"""
import ctypes as c
from pathlib import Path

import numpy


class ModelParams(c.Structure):
    _fields_ = [("devices", c.c_void_p), ("overrides", c.c_void_p), ("n_gpu_layers", c.c_int32), ("split_mode", c.c_int32),
                ("load_mode", c.c_int32), ("lazy_mode", c.c_int32), ("main_gpu", c.c_int32), ("tensor_split", c.c_void_p),
                ("progress", c.c_void_p), ("progress_data", c.c_void_p), ("kv_overrides", c.c_void_p), ("flags", c.c_bool * 6)]


class ContextParams(c.Structure):
    _fields_ = [("n_ctx", c.c_uint32), ("n_batch", c.c_uint32), ("n_ubatch", c.c_uint32), ("n_seq_max", c.c_uint32),
                ("n_rs_seq", c.c_uint32), ("n_outputs_max", c.c_uint32), ("n_outputs_max_per_seq", c.c_uint32),
                ("n_threads", c.c_int32), ("n_threads_batch", c.c_int32), ("ctx_type", c.c_int32), ("rope_scaling", c.c_int32),
                ("pooling", c.c_int32), ("attention", c.c_int32), ("flash_attention", c.c_int32), ("rope", c.c_float * 6),
                ("yarn_original", c.c_uint32), ("defragment", c.c_float), ("eval_callback", c.c_void_p), ("eval_data", c.c_void_p),
                ("type_k", c.c_int32), ("type_v", c.c_int32), ("abort", c.c_void_p), ("abort_data", c.c_void_p), ("flags", c.c_bool * 6),
                ("samplers", c.c_void_p), ("n_samplers", c.c_size_t), ("other", c.c_void_p)]


class Batch(c.Structure):
    _fields_ = [("n_tokens", c.c_int32), ("token", c.POINTER(c.c_int32)), ("embd", c.c_void_p), ("pos", c.POINTER(c.c_int32)),
                ("n_seq_id", c.POINTER(c.c_int32)), ("seq_id", c.POINTER(c.POINTER(c.c_int32))), ("logits", c.POINTER(c.c_int8))]


Log = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)


class LlamaCpp:
    def __init__(self):
        import xllamacpp
        lib = self.lib = c.CDLL(str(next(Path(xllamacpp.__file__).parent.glob("xllamacpp*.so"))))
        lib.llama_model_default_params.restype = ModelParams
        lib.llama_context_default_params.restype = ContextParams
        lib.llama_model_load_from_file.argtypes, lib.llama_model_load_from_file.restype = [c.c_char_p, ModelParams], c.c_void_p
        lib.llama_init_from_model.argtypes, lib.llama_init_from_model.restype = [c.c_void_p, ContextParams], c.c_void_p
        lib.llama_batch_init.argtypes, lib.llama_batch_init.restype = [c.c_int32] * 3, Batch
        lib.llama_decode.argtypes, lib.llama_decode.restype = [c.c_void_p, Batch], c.c_int32
        lib.llama_get_logits_ith.argtypes, lib.llama_get_logits_ith.restype = [c.c_void_p, c.c_int32], c.POINTER(c.c_float)
        lib.llama_model_get_vocab.argtypes, lib.llama_model_get_vocab.restype = [c.c_void_p], c.c_void_p
        lib.llama_vocab_n_tokens.argtypes = [c.c_void_p]
        for free in (lib.llama_free, lib.llama_model_free):
            free.argtypes = [c.c_void_p]
        lib.llama_batch_free.argtypes = [Batch]
        self.messages, self.log = [], Log(lambda level, text, data: self.messages.append((level, text.decode(errors="replace"))))
        lib.llama_log_set(self.log, None)
        lib.llama_backend_init()
        d = lib.llama_context_default_params()
        assert (d.n_ctx, d.n_batch, d.n_ubatch, d.n_seq_max, d.type_k, d.type_v, d.flash_attention) == (512, 2048, 512, 1, 1, 1, -1), \
            "llama_context_params has another layout in this version"

    def logits(self, path, ids):
        """[tokens, vocabulary] float32 of one sequence; raises RuntimeError with llama.cpp's last words where it refuses the file."""
        lib, self.messages[:] = self.lib, []
        how = lib.llama_model_default_params()
        model = lib.llama_model_load_from_file(str(path).encode(), how)
        if not model:
            raise RuntimeError("; ".join(text.strip() for level, text in self.messages if level == 4)[:300])
        context = lib.llama_context_default_params()
        context.n_ctx, context.n_threads, context.n_threads_batch = 256, 1, 1
        context.type_k = context.type_v = context.flash_attention = 0  # GGML_TYPE_F32, LLAMA_FLASH_ATTN_TYPE_DISABLED
        state = lib.llama_init_from_model(model, context)
        if not state:
            raise RuntimeError("; ".join(text.strip() for level, text in self.messages if level == 4)[:300])
        batch = lib.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = token, i, 1, 0, 1
        code = lib.llama_decode(state, batch)
        width = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
        rows = [numpy.ctypeslib.as_array(lib.llama_get_logits_ith(state, i), (width,)).copy() for i in range(len(ids))] if code == 0 else []
        lib.llama_batch_free(batch)
        lib.llama_free(state)
        lib.llama_model_free(model)
        if code != 0:
            raise RuntimeError(f"llama_decode returns {code}")
        return numpy.stack(rows)
