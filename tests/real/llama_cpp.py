"""Logits that llama.cpp computes from a GGUF file, by the library inside PyPI's xllamacpp (2026.10.11549).

The package is a server for Python; its shared object exports llama.cpp's C interface, which is called here: a float32 key-value cache
and no flash attention. The layout of the two structures is that of llama.h of that version, and the defaults that it fills in are
checked before anything is computed.
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
    """The library. What it says while it works is kept, so that a refusal can be told."""

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
        lib.llama_get_memory.argtypes, lib.llama_get_memory.restype = [c.c_void_p], c.c_void_p
        lib.llama_memory_clear.argtypes, lib.llama_memory_clear.restype = [c.c_void_p, c.c_bool], None
        lib.llama_tokenize.argtypes = [c.c_void_p, c.c_char_p, c.c_int32, c.POINTER(c.c_int32), c.c_int32, c.c_bool, c.c_bool]
        for ask in (lib.llama_vocab_n_tokens, lib.llama_vocab_bos):
            ask.argtypes, ask.restype = [c.c_void_p], c.c_int32
        lib.llama_vocab_get_add_bos.argtypes, lib.llama_vocab_get_add_bos.restype = [c.c_void_p], c.c_bool
        lib.llama_vocab_is_eog.argtypes, lib.llama_vocab_is_eog.restype = [c.c_void_p, c.c_int32], c.c_bool
        for free in (lib.llama_free, lib.llama_model_free):
            free.argtypes = [c.c_void_p]
        lib.llama_batch_free.argtypes = [Batch]
        self.messages, self.log = [], Log(lambda level, text, data: self.messages.append((level, text.decode(errors="replace"))))
        lib.llama_log_set(self.log, None)
        lib.llama_backend_init()
        d = lib.llama_context_default_params()
        assert (d.n_ctx, d.n_batch, d.n_ubatch, d.n_seq_max, d.type_k, d.type_v, d.flash_attention) == (512, 2048, 512, 1, 1, 1, -1), \
            "llama_context_params has another layout in this version"

    def refusal(self):
        return RuntimeError("; ".join(text.strip() for level, text in self.messages if level == 4)[:300])

    def logits(self, path, ids):
        """[tokens, vocabulary] float32 of one sequence; raises RuntimeError with llama.cpp's last words where it refuses the file."""
        with Model(self, path) as model:
            return model.read(ids)


class Model:
    """A GGUF file with a context; raises RuntimeError with llama.cpp's last words where it refuses the file."""

    def __init__(self, library, path, context_tokens=256, threads=1):
        lib = self.lib = library.lib
        library.messages.clear()
        self.model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
        if not self.model:
            raise library.refusal()
        how = lib.llama_context_default_params()
        how.n_ctx, how.n_threads, how.n_threads_batch = context_tokens, threads, threads
        how.type_k = how.type_v = how.flash_attention = 0  # GGML_TYPE_F32, LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.state = lib.llama_init_from_model(self.model, how)
        if not self.state:
            lib.llama_model_free(self.model)
            raise library.refusal()
        self.vocabulary = lib.llama_model_get_vocab(self.model)
        self.width = lib.llama_vocab_n_tokens(self.vocabulary)
        self.bos = lib.llama_vocab_bos(self.vocabulary) if lib.llama_vocab_get_add_bos(self.vocabulary) else None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.lib.llama_free(self.state)
        self.lib.llama_model_free(self.model)

    def tokens(self, text, parse_special=False):
        """Ids with what the vocabulary puts before and behind a text; special tokens are spelled out unless they are to be parsed."""
        raw = text.encode()
        ids = (c.c_int32 * (len(raw) + 8))()
        return ids[:self.lib.llama_tokenize(self.vocabulary, raw, len(raw), ids, len(ids), True, parse_special)]

    def is_end(self, token):
        return self.lib.llama_vocab_is_eog(self.vocabulary, token)

    def forget(self):
        self.lib.llama_memory_clear(self.lib.llama_get_memory(self.state), True)

    def read(self, ids, at=0, first=0):
        """Logits [len(ids) - first, vocabulary] after ids[first:], the sequence's tokens from position `at` on."""
        batch = self.lib.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = token, at + i, 1, 0, i >= first
        code = self.lib.llama_decode(self.state, batch)
        self.lib.llama_batch_free(batch)
        if code != 0:
            raise RuntimeError(f"llama_decode returns {code}")
        return numpy.stack([numpy.ctypeslib.as_array(self.lib.llama_get_logits_ith(self.state, i), (self.width,))
                            for i in range(first, len(ids))])
