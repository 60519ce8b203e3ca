#!/usr/bin/env python3
"""Train the byte-level BPE tokenizer of qeval-5m on a sample of the training text."""
import argparse
import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|endoftext|>", "<|pad|>"]  # ids 0 and 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="train.txt of make_text.py")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--vocab", type=int, default=2048)
    parser.add_argument("--documents", type=int, default=24000)
    args = parser.parse_args()
    documents = args.text.read_text().split(SPECIAL[0])[:args.documents]

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=args.vocab, special_tokens=[AddedToken(t, special=True) for t in SPECIAL],
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(documents, trainer)
    args.model.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.model / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": False, "add_prefix_space": False,
                "bos_token": SPECIAL[0], "eos_token": SPECIAL[0], "unk_token": None, "pad_token": SPECIAL[1],
                "clean_up_tokenization_spaces": False, "model_max_length": 2048}
    (args.model / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")

    sample = documents[:2000]
    for document in sample:
        assert tokenizer.decode(tokenizer.encode(document).ids) == document
    tokens = sum(len(tokenizer.encode(d).ids) for d in sample)
    print(f"vocabulary {tokenizer.get_vocab_size()}, {sum(map(len, sample)) / tokens:.2f} characters a token")


if __name__ == "__main__":
    main()
