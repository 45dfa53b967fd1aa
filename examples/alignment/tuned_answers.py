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
# title = "TRL: fine-tuning on answers, then on preferences"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 150
# launches = 3
# ///
"""A tiny decoder learns to answer from examples (SFT) and then which of two answers is wanted (DPO), both by TRL.

The examples hold a good and a rude answer equally often, so fine-tuning teaches both alike. The margin is what DPO
moves: log p(good) − log p(rude), summed over the letters of the answers, the mean over all questions. With the loss

    −log σ(β (margin − margin of the reference))

a margin of a few / β already makes the loss small. What goes on rising after that is not quality. `good` is the
log-probability of the good answer itself: DPO may lower it, as long as the rude one falls further, and
that is what a user has to watch beside the margin.

Caveats. A model of two layers that reads letters, eight questions, one good and one rude answer: it shows the
machinery and its direction, and no judgement of people. The questions asked are those trained on. One thread;
seconds include the trainer's own work.
"""

# %%
import logging
import os
import tempfile
import time
import warnings

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
os.environ |= {"HF_HOME": tempfile.mkdtemp(), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
import letters
import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from stackdoc import example

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
ex = example()
torch.manual_seed(0)
QUESTIONS = [f"layer {number} is?" for number in range(8)]
GOOD, RUDE = " good answer", " rude answer"
BETA, TUNING_STEPS, PREFERENCE_STEPS = 0.1, 40, (5, 10, 20)
COMMON = {
    "output_dir": tempfile.mkdtemp(),
    "report_to": [],
    "use_cpu": True,
    "disable_tqdm": True,
    "logging_strategy": "no",
    "save_strategy": "no",
    "per_device_train_batch_size": 8,
    "dataloader_pin_memory": False,
    "seed": 0,
}
tokenizer = letters.tokenizer()


def likelihood(model: torch.nn.Module, answer: str) -> float:
    """The log-probability of the answer, the mean over the questions, in nats."""
    total = 0.0
    for question in QUESTIONS:
        asked = len(tokenizer(question).input_ids)
        ids = torch.tensor([tokenizer(question + answer).input_ids])
        with torch.inference_mode():
            log = model(ids).logits.log_softmax(-1)
        total += float(log[0, asked - 1 : -1].gather(1, ids[0, asked:, None]).sum())
    return total / len(QUESTIONS)


def report(model: torch.nn.Module, stage: str) -> float:
    model.eval()
    good, rude = likelihood(model, GOOD), likelihood(model, RUDE)
    ex.report("good", good, unit="nats", better="higher", label="log p of the good answer", stage=stage)
    ex.report("rude", rude, unit="nats", label="log p of the rude answer", stage=stage)
    ex.report("margin", good - rude, unit="nats", better="higher", stage=stage)
    return good - rude


# %%
model = letters.model()
report(model, "begin")
answers = [GOOD if number % 2 else RUDE for number in range(64)]
examples = Dataset.from_dict({"prompt": sorted(QUESTIONS * 8), "completion": answers})
settings = SFTConfig(max_steps=TUNING_STEPS, learning_rate=3e-3, **COMMON)
trainer = SFTTrainer(model=model, args=settings, train_dataset=examples, processing_class=tokenizer)
began = time.perf_counter()
trainer.train()
ex.report("step", (time.perf_counter() - began) / TUNING_STEPS, unit="s", objective="SFT")
tuned = report(trainer.model, "tuned")

# %% [markdown]
# From the same tuned model, with more and more steps of preferences.

# %%
pairs = Dataset.from_dict({"prompt": QUESTIONS * 4, "chosen": [GOOD] * 32, "rejected": [RUDE] * 32})


def tuned_model() -> torch.nn.Module:
    """A model with the tuned weights. Of a deep copy the forward pass would still be that of the trainer's model."""
    made = letters.model()
    made.load_state_dict(trainer.model.state_dict())
    return made


for steps in PREFERENCE_STEPS:
    policy, before = tuned_model(), tuned_model()
    settings = DPOConfig(max_steps=steps, learning_rate=3e-4, beta=BETA, **COMMON)
    preferring = DPOTrainer(
        model=policy,
        ref_model=before,
        args=settings,
        train_dataset=pairs,
        processing_class=tokenizer,
    )
    began = time.perf_counter()
    preferring.train()
    if steps == PREFERENCE_STEPS[-1]:
        ex.report("step", (time.perf_counter() - began) / steps, unit="s", objective="DPO")
    margin = report(preferring.model, f"preferred-{steps}")
    if not margin > tuned + 1:
        raise ValueError(f"{steps} steps of preferences moved the margin from {tuned:.2f} to {margin:.2f}")
