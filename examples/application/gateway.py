"""A server that answers and a gateway in front of it, each a process: `python gateway.py server`, or `gateway …`.

Both are made with the standard library alone. The gateway does the least that is asked of one: it knows who asks by a
signed token, counts the requests of each, and passes what it lets in to the server behind it.
"""

from __future__ import annotations

import hmac
import http.client
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

KEY = b"a key that protects nothing"
PIECE = 32


def token(client: str) -> str:
    return f"{client}.{hmac.new(KEY, client.encode(), 'sha256').hexdigest()}"


@cache  # made once: it is the way that is timed, not the making
def body(size: int) -> bytes:
    """Bytes that differ along the way, so that a lost or doubled part is seen."""
    return (b"".join(b"%07d\n" % number for number in range(size // 8 + 1)))[:size]


class Handler(BaseHTTPRequestHandler):
    """What both have in common: connections stay open, small packets leave at once, nothing is printed."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Silent."""

    def send_whole(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_pieces(self, pieces: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


class Server(Handler):
    """Answers `/bytes/COUNT` at once, `/pieces/COUNT/MILLISECONDS` bit by bit, `/answered` with its count of both."""

    answered: ClassVar[int] = 0

    def do_GET(self) -> None:
        what, *numbers = self.path.strip("/").split("/")
        if what == "answered":
            self.send_whole(200, str(Server.answered).encode())
            return
        Server.answered += 1
        if what == "pieces":
            self.send_pieces(self._pieces(int(numbers[0]), int(numbers[1]) / 1000))
        else:
            self.send_whole(200, body(int(numbers[0])))

    def _pieces(self, count: int, seconds: float) -> Iterator[bytes]:
        whole = body(PIECE * count)
        for number in range(count):
            time.sleep(seconds)
            yield whole[PIECE * number : PIECE * (number + 1)]


class Gateway(Handler):
    """Refuses, or passes on. `kept`: connections behind it stay open; `streams`: answers flow through."""

    behind: ClassVar[int] = 0
    limit: ClassVar[int] = 0
    kept: ClassVar[bool] = True
    streams: ClassVar[bool] = True
    asked: ClassVar[Counter[str]] = Counter()

    def setup(self) -> None:
        super().setup()
        self.upstream = http.client.HTTPConnection("127.0.0.1", Gateway.behind)

    def finish(self) -> None:
        self.upstream.close()
        super().finish()

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        client = given.partition(".")[0]
        if not hmac.compare_digest(given, token(client)):
            self.send_whole(401, b"")
            return
        Gateway.asked[client] += 1
        if Gateway.asked[client] > Gateway.limit:
            self.send_whole(429, b"")
            return
        self._pass_on(given)

    def _pass_on(self, given: str) -> None:
        self.upstream.request("GET", self.path, headers={"Authorization": f"Bearer {given}"})
        answer = self.upstream.getresponse()
        if answer.chunked and Gateway.streams:
            self.send_pieces(iter(lambda: answer.read1(), b""))
        else:
            self.send_whole(answer.status, answer.read())
        if not Gateway.kept:
            self.upstream.close()  # the next request opens it again


def start(*words: object) -> tuple[subprocess.Popen[bytes], int]:
    """The process of a server, or of a gateway, and the port that it listens at."""
    command = [sys.executable, __file__, *map(str, words)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def main(kind: str, behind: str = "0", limit: str = "0", *how: str) -> None:
    Gateway.behind, Gateway.limit = int(behind), int(limit)
    Gateway.kept, Gateway.streams = "fresh" not in how, "gather" not in how
    with ThreadingHTTPServer(("127.0.0.1", 0), Server if kind == "server" else Gateway) as listening:
        listening.daemon_threads = True
        print(listening.server_port, flush=True)
        listening.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
