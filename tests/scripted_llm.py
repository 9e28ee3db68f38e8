"""A language model on loopback that says what a test scripted, in OpenAI's chat completions protocol.

    with ScriptedLLM() as llm:
        llm.enqueue("Two weeks. [1]", Fault("status", status=429, retry_after="7"))
        … OpenAILLM(base_url=llm.base_url, …) …
    assert llm.requests[0].prompt.endswith("How long?")

A reply is text, a list of pieces (a stream sends each apart, and waits so many seconds where one is a number), a mapping or pydantic model (sent as JSON), or a fault.
Without a reply left it asks `default`, and without one answers status 500, so that a test notices.
"""

import json
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Literal, Self, cast

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong instead of, or in the middle of, a reply.

    `hang` answers after `seconds`; `cut` ends the connection half-way; `unfinished` ends a stream in form but without a
    last word; `reset` ends the connection before a reply. `status` answers with `status` and `code`.
    """

    kind: Literal[
        "status",
        "hang",
        "cut",
        "unfinished",
        "empty",
        "refusal",
        "filtered",
        "bad_json",
        "bad_encoding",
        "no_choices",
        "reset",
    ]
    status: int = 500
    code: str | None = None
    retry_after: str | None = None
    seconds: float = 0.0


Reply = str | list[str | float] | Mapping[str, Any] | BaseModel | Fault


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it came in."""

    path: str
    body: Mapping[str, Any]
    authorization: str | None

    @property
    def messages(self) -> list[Mapping[str, str]]:
        return list(self.body["messages"])

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n\n".join(message["content"] for message in self.messages)

    @property
    def streaming(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def schema_name(self) -> str | None:
        """The name of the JSON schema asked for by `response_format`."""
        wanted = self.body.get("response_format") or {}
        name: str | None = wanted.get("json_schema", {}).get("name")
        return name


class ScriptedLLM:
    """The server, running between `with` and its end. `requests` holds all calls in their order, `hung_up` how many clients
    went away before the end.
    """

    def __init__(self, default: Callable[[Request], Reply] | None = None) -> None:
        self.default = default
        self.requests: list[Request] = []
        self.hung_up = 0
        self._replies: deque[Reply] = deque()
        self._lock = Lock()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def enqueue(self, *replies: Reply) -> None:
        """Replies to the next requests, in this order."""
        with self._lock:
            self._replies.extend(replies)

    def take(self, request: Request) -> Reply:
        """The reply to a request, which is recorded."""
        with self._lock:
            self.requests.append(request)
            if self._replies:
                return self._replies.popleft()
        return self.default(request) if self.default else Fault("status", code="nothing_scripted")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._server.failures and error is None:
            raise self._server.failures[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for the last connection

    def __init__(self, llm: ScriptedLLM) -> None:
        self.llm = llm
        self.closing = Event()
        self.failures: list[BaseException] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps what a handler raised, unless the client merely went away."""
        error = sys.exception()
        if isinstance(error, ConnectionError):
            self.llm.hung_up += 1
        elif error is not None:
            self.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.close_connection = True
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, body, self.headers["Authorization"])
        server = cast("_Server", self.server)
        reply = server.llm.take(request)
        if isinstance(reply, Fault) and reply.kind == "hang":
            server.closing.wait(reply.seconds)
        if isinstance(reply, Fault) and reply.kind == "reset":
            self._reset()
        elif isinstance(reply, Fault) and reply.kind == "status":
            self._fail(reply)
        elif request.streaming:
            self._stream(reply)
        else:
            self._answer(reply)

    def log_message(self, *_: Any) -> None:
        """Says nothing: requests are recorded."""

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _fail(self, fault: Fault) -> None:
        content = json.dumps({"error": {"message": "as scripted", "type": "scripted", "code": fault.code}})
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        self._send(fault.status, content.encode(), headers)

    def _answer(self, reply: Reply) -> None:
        kind = reply.kind if isinstance(reply, Fault) else ""
        content = {
            "bad_json": b'{"choices": [{"mess',
            "bad_encoding": b'{"choices": [{"message": {"content": "\xff\xfe"}}]}',
        }.get(kind, json.dumps(_completion(reply)).encode())
        self._send(200, content, missing=len(content) // 2 if kind == "cut" else 0)

    def _send(
        self, status: int, content: bytes, headers: Mapping[str, str] | None = None, missing: int = 0
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content[: len(content) - missing])

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in _events(reply):
            data = b"data: " + event + b"\n\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        if not (isinstance(reply, Fault) and reply.kind == "cut"):
            self.wfile.write(b"0\r\n\r\n")


def _pieces(reply: Reply) -> Sequence[str | float]:
    if isinstance(reply, Fault):
        return [] if reply.kind in ("empty", "refusal", "filtered") else ["half ", "a reply"]
    if isinstance(reply, BaseModel):
        return [reply.model_dump_json()]
    if isinstance(reply, Mapping):
        return [json.dumps(reply)]
    return [reply] if isinstance(reply, str) else reply


def _refusal(reply: Reply) -> str | None:
    return "as scripted" if isinstance(reply, Fault) and reply.kind == "refusal" else None


def _finish_reason(reply: Reply) -> str:
    return "content_filter" if isinstance(reply, Fault) and reply.kind == "filtered" else "stop"


def _completion(reply: Reply) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": "".join(piece for piece in _pieces(reply) if isinstance(piece, str)),
        "refusal": _refusal(reply),
    }
    choice = {"index": 0, "message": message, "finish_reason": _finish_reason(reply)}
    no_choices = isinstance(reply, Fault) and reply.kind == "no_choices"
    return {"object": "chat.completion", "choices": None if no_choices else [choice]} | _ENVELOPE


def _events(reply: Reply) -> Iterator[bytes]:
    kind = reply.kind if isinstance(reply, Fault) else ""
    yield _event({"role": "assistant", "refusal": _refusal(reply)})
    for piece in _pieces(reply):
        if isinstance(piece, float):
            time.sleep(piece)
            continue
        yield _event({"content": piece})
    if kind == "bad_json":
        yield b'{"choices": [{"del'
    if kind == "bad_encoding":
        yield b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}'
    if kind not in ("cut", "unfinished"):
        yield _event({}, finish_reason=_finish_reason(reply))
        yield b"[DONE]"


def _event(delta: Mapping[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice]} | _ENVELOPE).encode()


_ENVELOPE = {"id": "chatcmpl-1", "created": 0, "model": "scripted"}
