"""A web site on loopback that does what a test tells it, and remembers what it was asked."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request, and what it got. `body`: bytes of content that were sent."""

    path: str
    status: int
    body: int
    headers: dict[str, str]


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Behaviour = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """`pages` by path (with query). Content has an ETag unless `validators` is off; what is not there is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply | Behaviour] = {}
        self.asked: list[Asked] = []
        self.validators = True
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, without the site's own files."""
        own = ("/robots.txt", "/sitemap.xml")
        return [asked.path for asked in self.asked if not asked.path.endswith(own)]

    def html(
        self, path: str, text: str, *, links: tuple[str, ...] = (), head: str = "", **headers: str
    ) -> None:
        """A page with this text and these links."""
        anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
        page = f"<html><head><title>{text}</title>{head}</head><body><p>{text}</p><ul>{anchors}</ul></body></html>"
        self.put(path, page, **{"Content-Type": "text/html; charset=utf-8", **headers})

    def put(self, path: str, body: str | bytes, *, status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.pages[path] = Reply(
            content, status, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.pages[path] = Reply(b"", status, {"Location": to})

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        found = self.pages.get(request.path, Reply(b"not here", 404))
        if isinstance(found, Reply):
            self._send(request, found)
        else:
            self._note(request, 200, 0)
            found(request)

    def _send(self, request: BaseHTTPRequestHandler, reply: Reply) -> None:
        headers = dict(reply.headers)
        status, body = reply.status, reply.body
        if self.validators and status == 200:
            headers.setdefault("ETag", f'"{hashlib.sha256(body).hexdigest()[:16]}"')
            if request.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
        self._note(request, status, len(body))
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _note(self, request: BaseHTTPRequestHandler, status: int, body: int) -> None:
        self.asked.append(
            Asked(request.path, status, body, {k.lower(): v for k, v in request.headers.items()})
        )


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site, answering until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it would hold each reply back for 40 ms

        def do_GET(self) -> None:
            try:
                site.answer(self)
            except OSError:  # the client had enough
                self.close_connection = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join()
