"""A model provider on this machine: answers as it is told, over HTTP, in the provider's own streaming protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.real.wire import Event, Protocol, Say, chat_completions, messages, responses

PROTOCOLS: dict[str, Protocol] = {
    "/v1/chat/completions": chat_completions,
    "/v1/responses": responses,
    "/v1/messages": messages,
}


@dataclass(frozen=True)
class Refuse:
    """Answer with an HTTP error."""

    status: int = 500
    message: str = "The server had an error"


@dataclass(frozen=True)
class Break:
    """Begin to answer, and close the connection after `after` events."""

    say: Say
    after: int


Answer = Say | Refuse | Break
Script = Callable[[dict[str, Any]], Answer]


@dataclass
class Provider:
    """A running server: `url` without the `/v1`, and the bodies of the requests it got."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serving(script: Script) -> Iterator[Provider]:
    """A provider that answers each request as `script` says for its body."""
    provider = Provider("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            provider.requests.append(body)
            answer = script(body)
            if isinstance(answer, Refuse):
                self._refuse(answer)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            say, most = (answer.say, answer.after) if isinstance(answer, Break) else (answer, None)
            for n, event in enumerate(PROTOCOLS[self.path](say, body["model"])):
                if n == most:
                    return  # without the chunk that says it is all
                self._chunk(encode(event))
            self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def _refuse(self, answer: Refuse) -> None:
            error = {"type": "error", "error": {"type": "api_error", "message": answer.message}}
            text = json.dumps(error).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def encode(event: Event) -> bytes:
    """An event as it goes over the wire."""
    name, data = event
    if not data:
        return b"data: [DONE]\n\n"
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()
