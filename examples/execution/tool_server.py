# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "mcp>=1.26,<2"]
# [tool.stackdoc]
# layer = "execution"
# title = "A tool server's handshake and calls, by the protocol's own library (MCP)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""What the Python library of the Model Context Protocol takes to start a server, to list its tools and to call one.

The server is a process of its own that talks over its standard streams, as a client's configuration starts it. Its
tool looks up a name, so what is timed is the way there and back. It is taken apart: the same server in the client's
process with streams in memory, so without pipes and a second process; and the server's function for a call, without
any session. The tool's answer grows from a word to a hundred kilobytes. The start is held against the same
interpreter that only imports the library and ends.

A tool can fail in two ways, and a client has to see both: a call whose arguments do not fit the schema, and a tool
that raises. Neither may end the session.

Caveats. All times are plain medians, since a round trip waits for another process; a client and a server on one
machine share its processors. A hosted server is reached over HTTP, with the network's delay and a token to check.
`execution/tool_calls` has the same round trip in plain Python, without a library.
"""

# %%
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.server.fastmcp import FastMCP
from mcp.shared.memory import create_connected_server_and_client_session

from stackdoc import example

ex = example()
SOURCE = '''
from mcp.server.fastmcp import FastMCP

HEIGHTS = {"runtime": 5, "kernels": 6, "serving": 9}
server = FastMCP("stack", log_level="ERROR")


@server.tool()
def height(name: str, pad: int = 0) -> str:
    """The height of a layer, with blanks behind it."""
    return str(HEIGHTS[name]) + " " * pad


if __name__ == "__main__":
    server.run()
'''
place = Path(tempfile.mkdtemp(dir=Path.cwd())) / "stack_server.py"
place.write_text(SOURCE, encoding="utf-8")
space: dict[str, Any] = {"__name__": "stack_server"}
exec(compile(SOURCE, str(place), "exec"), space)
here: FastMCP = space["server"]
SIZES = list(ex.sweep("bytes", [1, 1000, 10_000, 100_000], quick=[1, 10_000, 100_000]))


async def seconds(call: Callable[[], Awaitable[Any]], count: int = 100) -> float:
    """The median of so many calls, after a tenth of them."""
    taken = []
    for _ in range(count + count // 10):
        began = perf_counter()
        await call()
        taken.append(perf_counter() - began)
    return median(taken[count // 10 :])


def text(answer: Any) -> str:
    return str(answer.content[0].text)


# %% [markdown]
# The server in a process of its own: start and handshake, the list of tools, calls, and the two kinds of failure.


# %%
async def over_pipes() -> None:
    parameters = StdioServerParameters(command=sys.executable, args=["-I", str(place)])
    began = perf_counter()
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        hello = await session.initialize()
        ex.report("start", perf_counter() - began, unit="s", label="start the server, to the end of the handshake")
        listed = await session.list_tools()
        if [tool.name for tool in listed.tools] != ["height"]:
            raise ValueError(f"the server lists {[tool.name for tool in listed.tools]}")
        ex.show(f"protocol {hello.protocolVersion}\n{listed.tools[0].model_dump_json(indent=1, exclude_none=True)}")
        ex.report("list", await seconds(session.list_tools), unit="s", label="list the tools")
        for size in SIZES:
            arguments = {"name": "kernels", "pad": size - 1}
            if text(await session.call_tool("height", arguments)) != "6" + " " * (size - 1):
                raise ValueError("the tool answers wrongly")
            trip = await seconds(lambda arguments=arguments: session.call_tool("height", arguments))
            ex.report("call", trip, unit="s", label="call over standard streams", way="pipe", bytes=size)
        failures = [
            await session.call_tool("height", {"name": "cloud"}),
            await session.call_tool("height", {"nam": "x"}),
        ]
        if (
            not all(answer.isError for answer in failures)
            or text(await session.call_tool("height", {"name": "serving"})) != "9"
        ):
            raise ValueError("a failure is not told as one, or ended the session")
        ex.report("failures-told", sum(answer.isError for answer in failures), unit="of 2", better="higher")


asyncio.run(over_pipes())

# %% [markdown]
# The same server in this process, with streams in memory; and its function for a call, with no session around it.


# %%
async def in_memory() -> None:
    async with create_connected_server_and_client_session(here._mcp_server) as session:
        for size in SIZES:
            arguments = {"name": "kernels", "pad": size - 1}
            trip = await seconds(lambda arguments=arguments: session.call_tool("height", arguments))
            ex.report("call", trip, unit="s", label="call within one process", way="memory", bytes=size)
    inside = await seconds(lambda: here.call_tool("height", {"name": "kernels", "pad": 0}))
    ex.report("inside", inside, unit="s", label="the server's function for a call, no session")


asyncio.run(in_memory())

# %% [markdown]
# What the start is made of: an interpreter that imports the library and ends.


# %%
def start(code: str) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True, stdin=subprocess.DEVNULL)
    return perf_counter() - began


ex.report("interpreter", median(start("") for _ in range(3)), unit="s", label="an interpreter alone")
imported = median(start("import mcp.server.fastmcp") for _ in range(3))
ex.report("import", imported, unit="s", label="an interpreter that imports the library")
