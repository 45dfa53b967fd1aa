# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "semantic-kernel>=1.40"]
# [tool.stackdoc]
# layer = "execution"
# title = "The price of a filter around each function (Semantic Kernel)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""The time of a function call through a kernel, by the number of filters around it.

Semantic Kernel calls every function, native or a prompt, through the kernel. Filters stand around the call as shells:
each sees the arguments, decides whether to call what is inside, and may change the result. It is where logging,
approval and guards are put. If every filter costs the same, the time is a line in their number:

    seconds = seconds without a filter + filters · seconds of one

Its slope comes from none to four, and predicts sixteen. The reference is the function itself, awaited without the
kernel. A filter that does not call what is inside has to keep the function from running; that is checked by counting,
not by the answer. The rendering of a prompt template with a call of the function in it is timed beside it.

Caveats. The filters do nothing. A call that is awaited needs an event loop; each timed call starts in one that is
running, so the loop's start is not in the figures, but its scheduling is. No model is called.
"""

# %%
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.filters import FunctionInvocationContext
from semantic_kernel.functions import KernelArguments, kernel_function
from semantic_kernel.prompt_template import KernelPromptTemplate, PromptTemplateConfig

from stackdoc import example

ex = example()
HEIGHTS = {"runtime": 5, "kernels": 6, "serving": 9}
Next = Callable[[FunctionInvocationContext], Awaitable[None]]
loop = asyncio.new_event_loop()


class Stack:
    calls = 0

    @kernel_function(description="the height of a layer")
    def height(self, name: str) -> int:
        self.calls += 1
        return HEIGHTS[name]


async def passing(context: FunctionInvocationContext, next: Next) -> None:
    await next(context)


async def refusing(context: FunctionInvocationContext, next: Next) -> None:
    """Does not call what is inside it."""


def kernel_with(filters: int, stack: Stack) -> Kernel:
    kernel = Kernel()
    kernel.add_plugin(stack, "stack")
    for _ in range(filters):
        kernel.add_filter("function_invocation", passing)
    return kernel


def now(made: Callable[[], Awaitable[Any]]) -> Any:
    return loop.run_until_complete(made())


# %% [markdown]
# The function itself; through the kernel; with filters.

# %%
stack = Stack()
right = HEIGHTS["kernels"]


async def awaited() -> int:
    return stack.height("kernels")


direct = ex.measure("direct", lambda: now(awaited), label="the function, awaited", check=lambda out: out == right)
taken: dict[int, float] = {}
for filters in ex.sweep("filters", [0, 1, 4, 8, 16], quick=[0, 1, 4, 16]):
    kernel = kernel_with(filters, stack)
    if filters > 4:
        line = taken[0] + filters * (taken[4] - taken[0]) / 4
        ex.predict("call", line, formula="a line through 0 and 4", filters=filters)
    taken[filters] = ex.measure(
        "call",
        lambda kernel=kernel: now(lambda: kernel.invoke(plugin_name="stack", function_name="height", name="kernels")),
        label="through the kernel",
        check=lambda out: out.value == right,
        filters=filters,
    ).seconds
ex.ratio("kernel", slow="call;filters=0", fast=direct, label="through the kernel over the function itself")
ex.report("one-filter", (taken[16] - taken[0]) / 16, unit="s", better="lower", label="for each filter")

# %% [markdown]
# A filter that refuses keeps the function from running.

# %%
guarded = kernel_with(0, stack)
guarded.add_filter("function_invocation", refusing)
before = stack.calls
answer = now(lambda: guarded.invoke(plugin_name="stack", function_name="height", name="kernels"))
if stack.calls != before or (answer is not None and answer.value is not None):
    raise ValueError("the function ran behind a filter that refused")
ex.report("calls-behind-a-refusal", stack.calls - before, unit="calls", label="calls of the function, refused")

# %% [markdown]
# A prompt whose template calls the function.

# %%
config = PromptTemplateConfig(
    template="{{stack.height name='kernels'}} is its height. {{$question}}",
    name="prompt",
    template_format="semantic-kernel",
)
template = KernelPromptTemplate(prompt_template_config=config)
plain, arguments = kernel_with(0, stack), KernelArguments(question="Which layer is it?")
ex.measure(
    "render",
    lambda: now(lambda: template.render(plain, arguments)),
    label="render a prompt with one call in it",
    check=lambda out: out == f"{right} is its height. Which layer is it?",
)
