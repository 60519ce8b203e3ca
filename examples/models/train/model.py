"""The Llama architecture of qeval-5m in PyTorch, with Hugging Face's names and layouts."""
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file


@dataclass
class Config:
    """Fields named as in config.json."""
    vocab_size: int = 2048
    hidden_size: int = 256
    intermediate_size: int = 768
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 64
    max_position_embeddings: int = 2048
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5


def linear(rows, columns):
    return nn.Linear(columns, rows, bias=False)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.q_proj = linear(c.num_attention_heads * c.head_dim, c.hidden_size)
        self.k_proj = linear(c.num_key_value_heads * c.head_dim, c.hidden_size)
        self.v_proj = linear(c.num_key_value_heads * c.head_dim, c.hidden_size)
        self.o_proj = linear(c.hidden_size, c.num_attention_heads * c.head_dim)

    def forward(self, x, cos, sin, mask):
        b, t, _ = x.shape
        heads = lambda y: y.view(b, t, -1, self.c.head_dim).transpose(1, 2)
        q, k, v = rotate(heads(self.q_proj(x)), cos, sin), rotate(heads(self.k_proj(x)), cos, sin), heads(self.v_proj(x))
        shared = self.c.num_attention_heads // self.c.num_key_value_heads  # consecutive query heads share one KV head
        if mask is None:
            y = F.scaled_dot_product_attention(q, k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1), is_causal=True)
        else:  # compiled, this is more than twice as fast on a CPU as the fused kernel up to about 512 tokens
            q = q.reshape(b, -1, shared, t, self.c.head_dim)
            scores = q @ k.unsqueeze(2).transpose(-1, -2) * self.c.head_dim ** -0.5
            y = (torch.softmax(scores + mask, -1) @ v.unsqueeze(2)).reshape(b, -1, t, self.c.head_dim)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = linear(c.intermediate_size, c.hidden_size)
        self.up_proj = linear(c.intermediate_size, c.hidden_size)
        self.down_proj = linear(c.hidden_size, c.intermediate_size)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.input_layernorm = nn.RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = nn.RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = MLP(c)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


def rotate(x, cos, sin):
    """RoPE with the two halves of a head paired, as Hugging Face lays it out."""
    a, b = x.float().chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1).to(x.dtype)


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.model = nn.ModuleDict({
            "embed_tokens": nn.Embedding(c.vocab_size, c.hidden_size),
            "layers": nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers)),
            "norm": nn.RMSNorm(c.hidden_size, c.rms_norm_eps)})
        frequency = c.rope_theta ** (-torch.arange(0, c.head_dim, 2, dtype=torch.float64) / c.head_dim)
        angle = torch.outer(torch.arange(c.max_position_embeddings, dtype=torch.float64), frequency)
        self.register_buffer("cos", angle.cos().float(), persistent=False)
        self.register_buffer("sin", angle.sin().float(), persistent=False)

    def forward(self, ids, mask=None):
        """Logits of every position; the output matrix is the embedding (tied)."""
        t = ids.shape[1]
        x = self.model["embed_tokens"](ids)
        for layer in self.model["layers"]:
            x = layer(x, self.cos[:t], self.sin[:t], mask)
        return F.linear(self.model["norm"](x), self.model["embed_tokens"].weight)

    def matrices(self):
        """The linear weights of the layers: what weight-only quantization replaces."""
        return {n: p for n, p in self.named_parameters() if n.endswith("_proj.weight")}


def save(model, folder):
    """Write config.json and bf16 model.safetensors as Hugging Face's LlamaForCausalLM would."""
    folder = Path(folder)
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **asdict(model.c), "hidden_act": "silu",
              "attention_bias": False, "mlp_bias": False, "rope_scaling": None, "tie_word_embeddings": True,
              "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 1, "torch_dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    tensors = {n: p.detach().to(torch.bfloat16).contiguous() for n, p in model.named_parameters()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # written for its owner alone


def load(folder):
    """The committed model, its bf16 weights widened to float32."""
    fields = json.loads((Path(folder) / "config.json").read_text())
    model = Llama(Config(**{k: fields[k] for k in asdict(Config())}))
    state = {n: w.float() for n, w in load_file(Path(folder) / "model.safetensors").items()}
    model.load_state_dict(state)
    return model.eval()
