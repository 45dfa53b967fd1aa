# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "Four ways to split a training step: what each sends"
# profiles = ["full"]
# budget_seconds = 60
# ///
"""One training step of four blocks is split over four ranks in four ways, and every byte that a rank sends is counted.

`data` gives each rank the whole model and a quarter of the tokens, and adds the gradients up. `sharded` keeps a quarter
of every weight on each rank (ZeRO stage 3, FSDP): the weights are gathered before the forward pass and again before the
backward pass, and the gradients are scattered. `tensor` cuts the matrices of each block, the first by columns and the
second by rows, and adds activations up, once in each pass. `pipeline` gives each rank one block.

The collectives are rings, written out: in each step a rank sends one chunk to its neighbour. The counts must equal the
laws exactly. With N ranks, P bytes of weights and A bytes of activations between two blocks, a rank sends

    data      2 (N − 1) / N · P
    sharded   3 (N − 1) / N · P
    tensor    2 blocks · 2 (N − 1) / N · A
    pipeline  2 A, in the middle of the pipeline

so the first two do not depend on the batch, and the last two grow with it. All four must give the gradients of one
rank with everything, which is checked for each number of tokens. `sent` is what the busiest rank sends.

Caveats. The ranks are tensors of one process, so nothing is said about time. A pipeline also waits, which bytes do not
show. Real transformers have attention beside the two matrices of a block; it is cut by heads and sends as much again.
"""

# %%
import torch

from stackdoc import example

ex = example()
RANKS, WIDTH, INNER = 4, 64, 256
BLOCKS = RANKS  # one for each rank of the pipeline
TOKENS = [64, 256, 1024, 4096, 16384]
SIZE = 4  # bytes of a number

torch.manual_seed(0)
weights = [(torch.randn(WIDTH, INNER) / WIDTH**0.5, torch.randn(INNER, WIDTH) / INNER**0.5) for _ in range(BLOCKS)]
PARAMETERS = sum(w.numel() for pair in weights for w in pair)

# %% [markdown]
# Rings. `sent` counts the bytes of each rank.


# %%
class Ring:
    """The network between the ranks."""

    def __init__(self) -> None:
        self.sent = [0] * RANKS

    def send(self, rank: int, message: torch.Tensor) -> torch.Tensor:
        self.sent[rank] += message.numel() * SIZE
        return message.clone()

    def scatter_sums(self, arrays: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return to each rank one chunk of the sum: rank r gets chunk r + 1."""
        chunks = [list(array.flatten().chunk(RANKS)) for array in arrays]
        for step in range(RANKS - 1):
            sending = [(rank, (rank - step) % RANKS) for rank in range(RANKS)]
            messages = [(rank, chunk, self.send(rank, chunks[rank][chunk])) for rank, chunk in sending]
            for rank, chunk, message in messages:
                to = (rank + 1) % RANKS
                chunks[to][chunk] = chunks[to][chunk] + message
        return [chunks[rank][(rank + 1) % RANKS] for rank in range(RANKS)]

    def gather(self, own: list[torch.Tensor], shape: torch.Size) -> list[torch.Tensor]:
        """Return the whole array to each rank, of which rank r has chunk r + 1."""
        known = [{(rank + 1) % RANKS: own[rank]} for rank in range(RANKS)]
        for step in range(RANKS - 1):
            sending = [(rank, (rank + 1 - step) % RANKS) for rank in range(RANKS)]
            messages = [(rank, chunk, self.send(rank, known[rank][chunk])) for rank, chunk in sending]
            for rank, chunk, message in messages:
                known[(rank + 1) % RANKS][chunk] = message
        return [torch.cat([chunks[index] for index in range(RANKS)]).reshape(shape) for chunks in known]

    def add_up(self, arrays: list[torch.Tensor]) -> list[torch.Tensor]:
        return self.gather(self.scatter_sums(arrays), arrays[0].shape)


# %% [markdown]
# A step by one rank. The loss is a sum over tokens, so that gradients of parts of a batch add up.

# %%
Gradients = list[torch.Tensor]


def gradients(x: torch.Tensor, model: list[tuple[torch.Tensor, torch.Tensor]]) -> Gradients:
    leaves = [w.detach().requires_grad_() for pair in model for w in pair]
    for first, second in zip(leaves[::2], leaves[1::2], strict=True):
        x = torch.relu(x @ first) @ second
    return list(torch.autograd.grad(x.square().sum() / x.shape[1], leaves))


# %% [markdown]
# The four ways. Each returns the complete gradients, wherever their parts are.


# %%
def data(x: torch.Tensor, ring: Ring) -> Gradients:
    own = [gradients(part, weights) for part in x.chunk(RANKS)]
    return [ring.add_up([own[rank][index] for rank in range(RANKS)])[0] for index in range(2 * BLOCKS)]


def sharded(x: torch.Tensor, ring: Ring) -> Gradients:
    whole = [w for pair in weights for w in pair]
    shards = [[w.flatten().chunk(RANKS)[(rank + 1) % RANKS] for rank in range(RANKS)] for w in whole]
    for _ in ("forward", "backward"):  # each pass gathers the weights and drops them again
        gathered = [ring.gather(shard, w.shape) for shard, w in zip(shards, whole, strict=True)]
    own = []
    for rank, part in enumerate(x.chunk(RANKS)):
        mine = [copies[rank] for copies in gathered]
        own.append(gradients(part, list(zip(mine[::2], mine[1::2], strict=True))))
    result = []
    for index, w in enumerate(whole):
        chunks = ring.scatter_sums([own[rank][index] for rank in range(RANKS)])
        result.append(torch.cat([chunks[(chunk - 1) % RANKS] for chunk in range(RANKS)]).reshape(w.shape))
    return result


def tensor(x: torch.Tensor, ring: Ring) -> Gradients:
    firsts = [first.chunk(RANKS, dim=1) for first, _ in weights]
    seconds = [second.chunk(RANKS, dim=0) for _, second in weights]
    inputs, inner = [], []
    for block in range(BLOCKS):
        inputs.append(x)
        inner.append([torch.relu(x @ firsts[block][rank]) for rank in range(RANKS)])
        x = ring.add_up([inner[block][rank] @ seconds[block][rank] for rank in range(RANKS)])[0]
    back = 2 * x / x.shape[1]
    result: Gradients = []
    for block in reversed(range(BLOCKS)):
        second = torch.cat([inner[block][rank].T @ back for rank in range(RANKS)])
        slopes = [(back @ seconds[block][rank].T) * (inner[block][rank] > 0) for rank in range(RANKS)]
        first = torch.cat([inputs[block].T @ slopes[rank] for rank in range(RANKS)], dim=1)
        result = [first, second, *result]
        back = ring.add_up([slopes[rank] @ firsts[block][rank].T for rank in range(RANKS)])[0]
    return result


def pipeline(x: torch.Tensor, ring: Ring) -> Gradients:
    passed = [x.requires_grad_()]
    outputs = []
    leaves = [(first.detach().requires_grad_(), second.detach().requires_grad_()) for first, second in weights]
    for rank, (first, second) in enumerate(leaves):
        outputs.append(torch.relu(passed[rank] @ first) @ second)
        if rank + 1 < RANKS:
            passed.append(ring.send(rank, outputs[rank].detach()).requires_grad_())
    back = 2 * outputs[-1].detach() / x.shape[1]
    result: Gradients = []
    for rank in reversed(range(RANKS)):
        *own, to_input = torch.autograd.grad(outputs[rank], [*leaves[rank], passed[rank]], back)
        result = [*own, *result]
        back = ring.send(rank, to_input) if rank else to_input
    return result


# %% [markdown]
# Every way at every number of tokens, against one rank and against the law.

# %%
share = (RANKS - 1) / RANKS
for tokens in ex.sweep("tokens", TOKENS):
    x = torch.randn(tokens, WIDTH, generator=torch.Generator().manual_seed(tokens))
    expected = gradients(x, weights)
    between = tokens * WIDTH * SIZE
    law = {
        "data": 2 * share * PARAMETERS * SIZE,
        "sharded": 3 * share * PARAMETERS * SIZE,
        "tensor": 2 * BLOCKS * 2 * share * between,
        "pipeline": 2 * between,
    }
    for way, step in {"data": data, "sharded": sharded, "tensor": tensor, "pipeline": pipeline}.items():
        ring = Ring()
        for found, right in zip(step(x.clone(), ring), expected, strict=True):
            if float((found - right).abs().max()) > 1e-4 * float(right.abs().max()):
                raise ArithmeticError(f"{way}, {tokens} tokens: the gradients differ from those of one rank")
        if max(ring.sent) != law[way]:
            raise ArithmeticError(f"{way}, {tokens} tokens: {max(ring.sent)} bytes sent, {law[way]:.0f} by the law")
        ex.report("sent", max(ring.sent), unit="B", label=f"{way}, sent by a rank", way=way, tokens=tokens)

# %% [markdown]
# Where tensor parallelism sends as much as data parallelism: 2 · blocks · A = P.

# %%
ex.report(
    "even",
    PARAMETERS / (2 * BLOCKS * WIDTH),
    unit="token",
    label="tokens at which data and tensor parallelism send as much",
)
