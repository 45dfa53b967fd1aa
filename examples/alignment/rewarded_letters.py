# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "transformers>=4.50",
#   "trl>=0.15",
#   "datasets>=3",
#   "tokenizers>=0.20",
# ]
# [tool.stackdoc]
# layer = "alignment"
# title = "TRL: a reward that rises, with and without a leash"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 150
# launches = 3
# ///
"""A tiny decoder is trained by reinforcement (GRPO) for a reward that a program gives: the share of the letter `a`.

For each prompt several answers are drawn, and each is compared with the mean of its group: no value network is
needed. The reward is a stand-in for what is wanted. A model that is free to do so finds what pays best, here
nothing but that letter, and the entropy of its answers goes to zero. A penalty β on the distance from the model
before (KL) holds it back: the higher β, the less reward and the more variety is left.

Caveats. A model of two layers over bytes, a reward in one line, some dozen steps: the direction is that of large
models, the amounts are not. Drawn answers are random; the seed is fixed, and libraries may draw otherwise in
another version. Seconds are those of one thread, generating included, which takes most of them.
"""

# %%
import logging
import math
import os
import tempfile
import time
import warnings
from collections import Counter

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
os.environ |= {"HF_HOME": tempfile.mkdtemp(), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
import letters
import torch
from datasets import Dataset
from transformers import LlamaForCausalLM
from trl import GRPOConfig, GRPOTrainer

from stackdoc import example

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
ex = example()
LENGTH, STEPS = 8, 24
tokenizer = letters.tokenizer()
rewards: list[float] = []
drawn: list[str] = []


def reward(completions: list[str], **_: object) -> list[float]:
    """The share of the wanted letter in each answer."""
    found = [answer.count("a") / LENGTH for answer in completions]
    rewards.append(sum(found) / len(found))
    drawn[:] = completions
    return found


def entropy(answers: list[str]) -> float:
    """Of the letters of the answers, in bits."""
    counts = Counter("".join(answers))
    total = sum(counts.values())
    return -sum(count / total * math.log2(count / total) for count in counts.values())


# %% [markdown]
# A model that writes eight letters, about equally often: it is trained for that first, by hand.


# %%
def beginner() -> torch.nn.Module:
    torch.manual_seed(0)
    model = letters.model(48, 2, 96)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    known = torch.tensor([tokenizer("abcdefgh"[number]).input_ids[0] for number in range(8)])
    for _ in range(40):
        ids = known[torch.randint(0, 8, (32, 16))]
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


start = tempfile.mkdtemp()  # on the disk, since the reference of the penalty is loaded from there
beginner().save_pretrained(start)

# %%
for beta in ex.sweep("beta", [0.0, 0.2, 1.0], quick=[0.0, 1.0]):
    rewards.clear()
    settings = GRPOConfig(
        output_dir=tempfile.mkdtemp(),
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        save_strategy="no",
        logging_strategy="no",
        per_device_train_batch_size=16,
        num_generations=8,
        max_completion_length=LENGTH,
        max_steps=STEPS,
        learning_rate=3e-3,
        beta=beta,
        seed=0,
        dataloader_pin_memory=False,
    )
    prompts = Dataset.from_dict({"prompt": ["abc"] * 64})
    trainer = GRPOTrainer(
        model=LlamaForCausalLM.from_pretrained(start),
        reward_funcs=reward,
        args=settings,
        train_dataset=prompts,
        processing_class=tokenizer,
    )
    began = time.perf_counter()
    trainer.train()
    ex.report("step", (time.perf_counter() - began) / STEPS, unit="s", beta=beta)
    first, last = sum(rewards[:3]) / 3, sum(rewards[-3:]) / 3
    ex.report("reward-before", first, unit="%", better="higher", beta=beta)
    ex.report("reward", last, unit="%", better="higher", label="after training", beta=beta)
    ex.report("entropy", entropy(drawn), unit="bits", better="higher", label="of the letters drawn last", beta=beta)
    if beta == 0 and last < first + 0.2:
        raise ValueError(f"the reward went from {first:.2f} to {last:.2f}")
    ex.show(f"beta {beta}: " + " ".join(drawn[:8]))
