"""A code host on loopback: `git http-backend` behind TLS, with a certificate of its own making."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.conftest import missing

_AUTHOR = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann Author",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "PATH": os.defpath,
}


def certificate(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file."""
    target = folder / "certificate.pem"
    if shutil.which("openssl") is None:
        missing("openssl", FileNotFoundError("openssl"))
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:code.example"]
    files = ["-keyout", target, "-out", folder / "cert"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        *subject,
        *files,
    ]
    subprocess.run(command, check=True, capture_output=True)
    target.write_bytes(target.read_bytes() + (folder / "cert").read_bytes())
    return target


@dataclass
class CodeHost:
    """What is served, and what was asked. `status`: answered to everything instead. `token`: needed to read."""

    folder: Path
    ca_file: Path
    url: str = ""
    token: str = ""
    status: int = 0
    location: str = ""
    asked: list[str] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)

    def repository(self, name: str = "team/docs", *, filters: bool = True) -> "Upstream":
        """A new, empty repository of that name; `filters`: whether the server can leave contents out."""
        folder = self.folder / f"{name}.git"
        folder.mkdir(parents=True)
        upstream = Upstream(folder, f"{self.url}/{name}.git")
        upstream.git("init", "--quiet", "--bare", "--initial-branch=main")
        upstream.git("config", "uploadpack.allowFilter", str(filters).lower())
        upstream.git("config", "uploadpack.allowAnySHA1InWant", "true")
        return upstream

    @property
    def fetches(self) -> int:
        """How many times objects (or lists of branches, which are asked for in the same way) were asked for."""
        return sum(path.endswith("/git-upload-pack") for path in self.asked)


@dataclass
class Upstream:
    """A bare repository on the server, written to without a work tree, so that any name and mode can be in it."""

    folder: Path
    url: str
    now: int = 1_700_000_000

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        """What git prints."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            input=stdin,
            env={
                **_AUTHOR,
                "GIT_DIR": str(self.folder),
                "GIT_INDEX_FILE": str(self.folder / "scratch-index"),
                **environment,
            },
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def commit(
        self,
        files: dict[str, str | bytes | None],
        *,
        branch: str = "main",
        author: str = "Ann Author",
        modes: dict[str, str] | None = None,
        parents: bool = True,
    ) -> str:
        """Write (None: remove) these files onto the branch; the new commit's id. A day passes with each."""
        self.now += 86_400
        old = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") if parents else ""
        self.git("read-tree", old or "--empty")
        for path, content in files.items():
            self.git(
                "update-index", "-z", "--index-info", stdin=self._line(path, content, (modes or {}).get(path))
            )
        tree = self.git("write-tree")
        when = f"{self.now} +0000"
        new = self.git(
            *("commit-tree", tree, "-m", "a change", *(["-p", old] if old else [])),
            GIT_AUTHOR_NAME=author,
            GIT_AUTHOR_DATE=when,
            GIT_COMMITTER_DATE=when,
        )
        self.git("update-ref", f"refs/heads/{branch}", new)
        return new

    def _line(self, path: str, content: str | bytes | None, mode: str | None) -> bytes:
        name = path.encode("utf-8", "surrogateescape")
        if content is None:
            return b"0 " + b"0" * 40 + b"\t" + name + b"\0"
        if mode == "160000":
            return b"160000 " + b"1" * 40 + b"\t" + name + b"\0"
        data = content.encode() if isinstance(content, str) else content
        blob = self.git("hash-object", "-w", "--stdin", stdin=data)
        return f"{mode or '100644'} {blob}\t".encode() + name + b"\0"


@contextmanager
def serving(folder: Path, ca_file: Path) -> Iterator[CodeHost]:
    """A code host over `folder`."""
    host = CodeHost(folder, ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(host))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host.url = f"https://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield host
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(host: CodeHost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = self.headers.get("Authorization")
            host.asked.append(self.path)
            host.authorizations.add(given)
            if refusal := host.status or (host.token and given != host.token and 401):
                self.send_response(int(refusal))
                self.send_header("Location", host.location + self.path)
                self.send_header("WWW-Authenticate", "Basic")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status, headers, content = _cgi(host.folder, self, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _cgi(folder: Path, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body as `git http-backend` answers the request."""
    path, _, query = request.path.partition("?")
    environment = {
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env={**_AUTHOR, **environment}, capture_output=True, check=False
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
    status = int(headers.pop("Status", "200").split()[0])
    return status, {**headers, "Content-Length": str(len(content))}, content
