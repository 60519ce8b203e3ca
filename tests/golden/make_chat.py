#!/usr/bin/env python3
"""Writes chat/templates.json: what publishers' chat templates make of conversations, for tests/io/chat.

    pip install transformers==4.57.6 jinja2==3.1.6 mistral_common==1.13.1
    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.16     and unpack it
    pip download --no-deps unsloth==2025.11.1                             and unpack it
    python tests/golden/make_chat.py llama_cpp_python-0.3.16 unsloth-2025.11.1 QEVAL_TEST_DATA      (outside this repository)

The templates are those that llama.cpp's tests and unsloth carry, and three that publishers' pages show. transformers renders them.
Two further references must agree: what llama.cpp's tests expect of the same templates, and mistral_common's texts of
Mistral's own. Where a template refuses a conversation, it is rendered without its system message, as lm-eval does, and marked.
The ids are those of tokenizers 0.22 for Phi-3's texts, special tokens read.
"""
import ast
import hashlib
import json
import re
import sys
from pathlib import Path

import jinja2
import tokenizers
from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = Path(__file__).resolve().parent

U, A, S = "user", "assistant", "system"
CONVERSATIONS = [
    [(U, "Hello")],
    [(S, "You are a helpful assistant"), (U, "Hello")],
    [(U, "Hello"), (A, "Hi there"), (U, "Who are you?")],
    [(S, "Be brief."), (U, "1+1?"), (A, "2"), (U, "2+2?"), (A, "4"), (U, "3+3?")],
    [(U, "")],
    [(S, "Be brief."), (U, ""), (A, ""), (U, "Hm")],
    [(S, "\n two  words \n"), (U, "  in front, behind \n\n"), (A, "\t I am \u00a0"), (U, "\u3000wide\u2003 ")],
    [(U, " \n ")],
    [(S, "Gr\u00fc\u00dfe"), (U, "\u4e16\u754c \U0001f30d \u00e9e\u0301"), (A, "\u304a\u306f\u3088\u3046"), (U, "\u0416?")],
    [(U, "say <|im_end|>, [INST], <end_of_turn>, <|eot_id|> and </s>"), (A, "<|end|>"), (U, "<s>")],
    [(U, "Hello"), (A, "Hi there")],
]

# https://huggingface.co/docs/transformers/v4.57.1/chat_templating and the models' pages
ZEPHYR = ("{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n"
          "{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
          "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
          "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}")
LLAMA2 = ("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}"
          "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
          "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
          "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
          "{% if loop.index0 == 0 and system_message != false %}"
          "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}"
          "{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
          "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
          "{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}")
QWEN2 = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
         "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
         "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")

# After Zephyr's words, and yet another order of them.
FALCON3 = ("{% for message in messages %}{% if message['role'] == 'system' %}{{ '<|system|>\n' + message['content'] + '\n' }}"
           "{% elif message['role'] == 'user' %}{{ '<|user|>\n' + message['content'] + '\n' }}{% elif message['role'] == 'assistant' %}"
           "{{ '<|assistant|>\n' + message['content'] + eos_token + '\n' }}{% endif %}{% endfor %}"
           "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}")

DEEPSEEK_END = "<\uff5cend\u2581of\u2581sentence\uff5c>"
DEEPSEEK_BEGIN = "<\uff5cbegin\u2581of\u2581sentence\uff5c>"
ALPACA = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
UNKNOWN = None  # qeval has no template that writes the same
# whose, qeval's name, where it stands, bos, eos
SOURCES = [
    ("teknium/OpenHermes-2.5-Mistral-7B", "chatml", "llama.cpp", "<s>", "<|im_end|>"),
    ("Qwen/Qwen2-7B-Instruct", "chatml", QWEN2, "", "<|im_end|>"),
    ("Qwen-Qwen2.5-7B-Instruct", "chatml", "jinja", "", "<|im_end|>"),
    ("Qwen-Qwen3-0.6B", "chatml", "jinja", "", "<|im_end|>"),
    ("chatml", "chatml", "unsloth:chatml_template", "", "<|im_end|>"),
    ("meta-llama/Llama-2-7b-chat-hf", "llama2", LLAMA2, "<s>", "</s>"),
    ("Llama-3", "llama3", "llama.cpp", "<|begin_of_text|>", "<|eot_id|>"),
    ("llama-3", "llama3", "unsloth:llama3_template", "<|begin_of_text|>", "<|eot_id|>"),
    ("mistralai/Mistral-7B-Instruct-v0.2 (mistralai 'v1' template with a system prompt)", "mistral-v1", "llama.cpp", "<s>", "</s>"),
    ("Mistral-Large-Instruct-2407 (mistralai 'v3' template; modified to have system prompt at start)", "mistral-v3", "llama.cpp", "<s>", "</s>"),
    ("mistralai-Mistral-Nemo-Instruct-2407", "mistral-v3-tekken", "jinja", "<s>", "</s>"),
    ("google-gemma-2-2b-it", "gemma", "jinja", "<bos>", "<eos>"),
    ("google/gemma-7b-it", "gemma", "llama.cpp", "<bos>", "<eos>"),
    ("gemma-3", "gemma", "unsloth:gemma3_template", "<bos>", "<end_of_turn>"),
    ("deepseek-ai/deepseek-coder-33b-instruct", "deepseek-coder", "llama.cpp", DEEPSEEK_BEGIN, "<|EOT|>"),
    ("DeepSeek-V2", "deepseek2", "llama.cpp", DEEPSEEK_BEGIN, DEEPSEEK_END),
    ("microsoft-Phi-3.5-mini-instruct", "phi3", "jinja", "<s>", "<|endoftext|>"),
    ("Phi-3-small", "phi3", "llama.cpp", "<s>", "<|endoftext|>"),
    ("Phi-3-mini", "phi3", "llama.cpp", "<s>", "<|endoftext|>"),  # this and the next leave system messages out without a word
    ("Phi-3-medium", "phi3", "llama.cpp", "<s>", "<|endoftext|>"),
    ("HuggingFaceH4/zephyr-7b-beta", "zephyr", ZEPHYR, "<s>", "</s>"),
    ("zephyr", "zephyr", "unsloth:zephyr_template", "<s>", "</s>"),
    ("alpaca", "alpaca", "unsloth:alpaca_template", "<s>", "</s>"),
    # What the names above must not be taken for.
    ("mistralai/Mistral-7B-Instruct-v0.2 (NOTE: Old pre-v1 without a system prompt)", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("TheBloke/FusionNet_34Bx2_MoE-AWQ", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("bofenghuang/vigogne-2-70b-chat", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("mlabonne/AlphaMonarch-7B", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("OrionStarAI/Orion-14B-Chat", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("openchat/openchat-3.5-0106", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("eachadea/vicuna-13b-1.1", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("tiiuae/Falcon3-7B-Instruct", UNKNOWN, FALCON3, "", "<|endoftext|>"),
    ("ChatGLM3", UNKNOWN, "llama.cpp", "", ""),
    ("GLMEdge", UNKNOWN, "llama.cpp", "", ""),
    ("phi-4", UNKNOWN, "llama.cpp", "", "<|im_end|>"),
    ("mistralai/Mistral-Large-Instruct-2411 (mistralai 'v7' template)", UNKNOWN, "llama.cpp", "<s>", "</s>"),
    ("Infinigence/Megrez-3B-Instruct", UNKNOWN, "llama.cpp", "", ""),
    ("meta-llama-Llama-3.1-8B-Instruct", UNKNOWN, "jinja", "<|begin_of_text|>", "<|eot_id|>"),  # writes dates
    ("meta-llama-Llama-3.2-3B-Instruct", UNKNOWN, "jinja", "<|begin_of_text|>", "<|eot_id|>"),
]


def llama_cpp_cases(root):
    """{name: (template, what its test expects of a Jinja renderer, bos, eos)}"""
    text = (root / "vendor/llama.cpp/tests/test-chat-template.cpp").read_text(encoding="utf-8")
    literal = r'(?:U8C\()?("(?:[^"\\]|\\.)*")\)?'
    fields = ["name", "template_str", "expected_output", "expected_output_jinja"]
    pattern = r",\s*".join(r"/\* \." + f + r"= \*/\s*" + literal for f in fields)
    ends = r'(?:,\s*/\* \.bos_token= \*/\s*' + literal + r',\s*/\* \.eos_token= \*/\s*' + literal + ")?"
    text = re.sub(r"\n\s*//[^\n]*", "", text)
    made = {}
    for m in re.finditer(pattern + ends, text):
        name, template, plain, jinja, bos, eos = (ast.literal_eval(g) if g else "" for g in m.groups())
        made[name] = (template, jinja or plain, bos, eos)
    return made


def unsloth_templates(root):
    made = {}
    for node in ast.parse((root / "unsloth/chat_templates.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            made[node.targets[0].id] = node.value.value
    return made


def render(source, conversation, bos, eos, answer):
    """The text, and whether a system message was left out."""
    template = _compile_jinja_template(source)
    def once(messages):
        return template.render(messages=[{"role": r, "content": c} for r, c in messages], tools=None, documents=None,
                               add_generation_prompt=answer, bos_token=bos, eos_token=eos)
    try:
        return once(conversation), False
    except jinja2.exceptions.TemplateError:
        rest = [m for m in conversation if m[0] != S]
        if rest == conversation:
            raise
        return once(rest), True


def check_llama_cpp(cases):
    """What its tests expect of Jinja templates is what transformers makes of them."""
    talk = [(S, "You are a helpful assistant"), (U, "Hello"), (A, "Hi there"), (U, "Who are you"), (A, "   I am an assistant   "),
            (U, "Another question")]
    checked = 0
    for name, ours, place, _, _ in SOURCES:
        if place != "llama.cpp" or ours is None or "gemma" in ours or "Phi-3-m" in name:
            continue  # of the last two llama.cpp puts the system message into the first question
        template, expected, bos, eos = cases[name]
        text, dropped = render(template, talk, bos, eos, True)
        text = text.removeprefix(bos) if not expected.startswith(bos) else text
        assert dropped or text == expected, (name, text, expected)
        checked += 1
    return checked


def check_mistral(templates):
    from mistral_common.protocol.instruct.messages import AssistantMessage, SystemMessage, UserMessage
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
    data = Path(sys.modules["mistral_common"].__file__).parent / "data"
    files = {"mistral-v1": "tokenizer.model.v1", "mistral-v3": "mistral_instruct_tokenizer_240323.model.v3", "mistral-v3-tekken": "tekken_240718.json"}
    kinds = {S: SystemMessage, U: UserMessage, A: AssistantMessage}
    checked = 0
    for name, source in templates.items():
        words = MistralTokenizer.from_file(str(data / files[name]))
        for number in (0, 1, 2, 3, 8):
            talk = CONVERSATIONS[number]
            own = words.encode_chat_completion(ChatCompletionRequest(messages=[kinds[r](content=c) for r, c in talk])).text
            text, _ = render(source, talk, "<s>", "</s>", True)
            own = re.sub("(?:<0x[0-9A-F]{2}>)+", lambda m: bytes.fromhex(re.sub("<0x|>", "", m[0])).decode(), own).replace("\u2581", " ")
            assert own == text, (name, own, text)
            checked += 1
    return checked


def main(llama_cpp, unsloth, data):
    cases, templates = llama_cpp_cases(llama_cpp), unsloth_templates(unsloth)
    def source_of(label, place):
        if place == "llama.cpp":
            return cases[label][0]
        if place == "jinja":
            return (llama_cpp / f"vendor/llama.cpp/models/templates/{label}.jinja").read_text(encoding="utf-8")
        if place.startswith("unsloth:"):
            return templates[place.removeprefix("unsloth:")].replace("{system_message}", ALPACA)
        return place
    texts, rows, mistral = [], [], {}
    def number_of(text):
        if text not in texts:
            texts.append(text)
        return texts.index(text)
    for label, ours, place, bos, eos in SOURCES:
        source = source_of(label, place)
        if ours and ours.startswith("mistral"):
            mistral[ours] = source
        row = {"of": label, "name": ours or "", "source": source, "bos": bos, "eos": eos}
        if ours:
            made = [[render(source, talk, bos, eos, answer) for talk in CONVERSATIONS] for answer in (False, True)]
            row["texts"] = [[number_of(t) for t, _ in half] for half in made]
            spoken = render(source, CONVERSATIONS[1], bos, eos, True)[0] != render(source, CONVERSATIONS[1][1:], bos, eos, True)[0]
            row["takes_system"] = spoken and not any(dropped for half in made for _, dropped in half)
        if label == "microsoft-Phi-3.5-mini-instruct":
            words = tokenizers.Tokenizer.from_file(str(data / "tokenizers/phi-3-mini/tokenizer.json"))
            row["ids"] = [words.encode(t, add_special_tokens=False).ids for t, _ in made[1]]
        rows.append(row)
    print(check_llama_cpp(cases), "renderings agree with llama.cpp's tests,", check_mistral(mistral), "with mistral_common's")
    out = HERE / "chat"
    out.mkdir(exist_ok=True)
    (out / "templates.json").write_text(json.dumps({"conversations": CONVERSATIONS, "texts": texts, "sources": rows}, ensure_ascii=False, indent=0) + "\n",
                                        encoding="utf-8")
    print(len(rows), "templates,", len(texts), "texts,", hashlib.sha256((out / "templates.json").read_bytes()).hexdigest()[:8])


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
