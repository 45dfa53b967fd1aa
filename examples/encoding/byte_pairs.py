"""Byte-pair vocabularies learnt with Hugging Face Tokenizers, and the same ones in the form that tiktoken takes."""

from __future__ import annotations

import json

import corpus
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers


def learnt(size: int) -> Tokenizer:
    """A vocabulary of `size` entries, the 256 bytes among them."""
    tokenizer = Tokenizer(models.BPE())
    cut = pre_tokenizers.Split(Regex(corpus.WORDS), "isolated")
    as_letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, as_letters])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(corpus.texts(held_out=False), trainer)
    return tokenizer


def ranks(tokenizer: Tokenizer) -> dict[bytes, int]:
    """The entries as bytes with their numbers. A merge's number is its rank, bytes come before all merges."""
    letters = byte_letters()
    model = json.loads(tokenizer.to_str())["model"]
    entries = sorted(model["vocab"], key=model["vocab"].__getitem__)
    return {bytes(letters[letter] for letter in entry): number for number, entry in enumerate(entries)}


def byte_letters() -> dict[str, int]:
    """The letter that stands for each byte: its own where it prints, else one from 256 upwards, as in GPT-2."""
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {chr(256 + place): byte for place, byte in enumerate(others)}
