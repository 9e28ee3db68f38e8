"""A stand-in for a language model, on loopback: copies what the documents it is shown begin with, a few words at a time.

It knows nothing and understands nothing. It is there to see how an answer grows, and how soon, in OpenAI's chat completions
protocol: `with Writer() as writer: … LLM_BASE_URL=writer.base_url …`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self, cast

_DOCUMENT = re.compile(r"<document [^\n]*>\n(.*?)\n</document>", re.DOTALL)
_SENTENCE = re.compile(r"^[A-Z][^\n|*#\[\]]{30,200}?[.!?](?=\s|$)", re.MULTILINE)
_SENTENCES = 4
_WORDS = re.compile(r"\S+\s*")


class Writer:
    """The server, between `with` and its end. `thinking_seconds` pass before the first word, `word_seconds` between two.

    `write` makes the reply of a prompt.
    """

    def __init__(
        self,
        write: Callable[[str], str] | None = None,
        *,
        thinking_seconds: float = 0.3,
        word_seconds: float = 0.03,
    ) -> None:
        self.write = write or written
        self.thinking_seconds = thinking_seconds
        self.word_seconds = word_seconds
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def written(prompt: str) -> str:
    """What is answered: a sentence each of the documents in the prompt, with their marks."""
    sentences = (
        f"{match[0]} [{number}]"
        for number, text in enumerate(_DOCUMENT.findall(prompt), start=1)
        for match in list(_SENTENCE.finditer(text))[:2]
    )
    return " ".join(dict.fromkeys([*sentences][:_SENTENCES])) or "The documents do not say."


class _Server(ThreadingHTTPServer):
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = "\n\n".join(message["content"] for message in body["messages"])
        text = cast("_Server", self.server).writer.write(prompt)
        self.send_response(200)
        if not body.get("stream"):
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            message = {"role": "assistant", "content": text}
            self.wfile.write(_envelope({"index": 0, "message": message, "finish_reason": "stop"}))
            return
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in self._events(text):
            self.wfile.write(b"data: " + event + b"\n\n")

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _events(self, text: str) -> Iterator[bytes]:
        writer = cast("_Server", self.server).writer
        time.sleep(writer.thinking_seconds)
        for word in _WORDS.findall(text):
            yield _envelope({"index": 0, "delta": {"content": word}, "finish_reason": None})
            time.sleep(writer.word_seconds)
        yield _envelope({"index": 0, "delta": {}, "finish_reason": "stop"})
        yield b"[DONE]"


def _envelope(choice: dict[str, Any]) -> bytes:
    return json.dumps({"id": "written", "created": 0, "model": "writer", "choices": [choice]}).encode()
