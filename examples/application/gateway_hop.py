# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "application"
# title = "A gateway in front of a server: what a hop costs, and what it must not hold back"
# devices = ["cpu"]
# budget_seconds = 60
# launches = 6
# ///
"""A request goes to a server directly, and through one, two and three gateways that each check and count it.

A gateway reads the request, checks who asks, counts, asks the server behind it and writes the answer again. If all of
that is the same each time, then from the times of none and one

    seconds through n gateways ≈ direct + n · seconds of a hop

predicts two and three. Two habits of a gateway are tried besides. It may open a connection to the server for each
request, or keep one. And it may pass an answer on as it comes, or gather it first: an answer of m pieces, one each g
seconds, then begins after m · g instead of g, which is what a reader of streamed text notices.

Checks: every answer is the server's, byte by byte; a request without a valid token and one over the limit are refused
by the gateway, and the server's own count says that they never reached it.

Caveats. Server and gateways are small programs in Python, each a process on the same machine. A gateway in use is
compiled, ends encryption, writes logs and asks other services, so its hop is another number; the shape is the same.
Times are medians on the wall clock, since others do the work.
"""

# %%
import http.client
from statistics import median
from time import perf_counter

from gateway import PIECE, body, start, token

from stackdoc import example

ex = example()
SMALL, LARGE, MANY = 1 << 10, 1 << 20, 1_000_000
PIECES, GAP_MS = 8, 10
TIMES = 60 if ex.quick else 300


# %% [markdown]
# The client: one connection that stays open.


# %%
class Client:
    """Asks one server, as somebody whose token is given."""

    def __init__(self, port: int, given: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Authorization": f"Bearer {given or token('reader')}"}

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def seconds(self, size: int, times: int) -> float:
        """The median of so many requests, after some that warm up; every answer is looked at."""
        expected, taken = (200, body(size)), []
        for turn in range(times + 10):
            began = perf_counter()
            found = self.get(f"/bytes/{size}")
            if turn >= 10:
                taken.append(perf_counter() - began)
            if found != expected:
                raise ValueError(f"an answer of {len(found[1])} bytes, status {found[0]}, instead of {size} bytes")
        return median(taken)

    def first_and_last(self) -> tuple[float, float]:
        """Seconds to the first piece of an answer that comes bit by bit, and to its end."""
        began = perf_counter()
        self.connection.request("GET", f"/pieces/{PIECES}/{GAP_MS}", headers=self.headers)
        answer = self.connection.getresponse()
        whole = answer.read(1)
        first = perf_counter() - began
        whole += answer.read()
        if whole != body(PIECE * PIECES):
            raise ValueError("the pieces are not those of the server")
        return first, perf_counter() - began


# %% [markdown]
# One request by the number of gateways before the server, with a small answer and a large one.

# %%
running = []


def started(*words: object) -> int:
    process, port = start(*words)
    running.append(process)
    return port


try:
    server = port = started("server")
    small: dict[int, float] = {}
    for hops in range(4):
        port = started("gateway", port, MANY) if hops else server
        small[hops] = Client(port).seconds(SMALL, TIMES)
        ex.report("request", small[hops], unit="s", label="a request, 1 KiB in answer", hops=hops)
        if hops < 2:
            seconds = Client(port).seconds(LARGE, TIMES // 5)
            ex.report("large", seconds, unit="s", label="a request, 1 MiB in answer", hops=hops)
        else:
            line = small[0] + hops * (small[1] - small[0])
            ex.report("request-expected", line, unit="s", label="by formula", hops=hops)
    ex.report("hop", small[1] - small[0], unit="s", label="what the first gateway adds")

    # %% [markdown]
    # A new connection behind the gateway for each request; and an answer in pieces, passed on or gathered.

    # %%
    fresh = Client(started("gateway", server, MANY, "fresh")).seconds(SMALL, TIMES)
    ex.report("fresh", fresh, unit="s", label="a request, with a new connection behind the gateway")
    ways = {
        "direct": server,
        "passed-on": started("gateway", server, MANY),
        "gathered": started("gateway", server, MANY, "gather"),
    }
    for way, port in ways.items():
        client = Client(port)
        first, last = zip(*(client.first_and_last() for _ in range(3)), strict=True)
        ex.report("first-piece", median(first), unit="s", label=f"first piece, {way}", way=way)
        ex.report("last-piece", median(last), unit="s", label=f"last piece, {way}", way=way)

    # %% [markdown]
    # What is refused costs the server nothing: its own count stays.

    # %%
    LIMIT, SENT = 5, 12
    gate = started("gateway", server, LIMIT)
    before = int(Client(server).get("/answered")[1])
    stranger, reader = Client(gate, "reader.signed-by-nobody"), Client(gate)
    taken = []
    for _ in range(TIMES):
        began = perf_counter()
        status, _ = stranger.get(f"/bytes/{SMALL}")
        taken.append(perf_counter() - began)
        if status != 401:
            raise ValueError(f"a forged token was answered with {status}")
    ex.report("refused", median(taken), unit="s", label="a request with a forged token")
    statuses = [reader.get(f"/bytes/{SMALL}")[0] for _ in range(SENT)]
    if statuses != [200] * LIMIT + [429] * (SENT - LIMIT):
        raise ValueError(f"{SENT} requests with a limit of {LIMIT} were answered with {statuses}")
    reached = int(Client(server).get("/answered")[1]) - before
    if reached != LIMIT:
        raise ValueError(f"{reached} requests reached the server, {LIMIT} were let in")
    ex.report("asked", TIMES + SENT, unit="requests", label="sent to the gateway with a limit")
    ex.report("reached", reached, unit="requests", label="of them reached the server")
finally:
    for process in running:
        process.kill()
        process.wait()
