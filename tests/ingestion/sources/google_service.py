"""A stand-in for Google on loopback: the token endpoint and as much of Drive's API as a source asks of it.

It is as strict as Google: a statement must be signed by the account's key and be meant for this endpoint, a call must
carry a token that was given, an address must ask for shared drives, too.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

EMAIL = "footnote@acme.iam.gserviceaccount.com"
FOLDER, SHORTCUT = "application/vnd.google-apps.folder", "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"

Reply = tuple[int, bytes, dict[str, str]]
Fault = tuple[int, str, dict[str, str]]
"""Status, the word by which Drive says why, headers."""


@cache
def private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def row(file_id: str, name: str, parent: str, media_type: str = DOCUMENT, **more: Any) -> dict[str, Any]:
    """A file as Drive keeps it; what it tells of it is chosen by `fields`."""
    return {
        "id": file_id, "name": name, "parents": [parent], "mimeType": media_type, "version": "7", "trashed": False,
        "modifiedTime": "2026-03-01T10:00:00.123Z", "lastModifyingUser": {"displayName": "Ines", "emailAddress": "ines@acme.example"},
        "webViewLink": f"https://drive.google.com/file/d/{file_id}/view", "capabilities": {"canDownload": True, "canEdit": False}, **more,
    }  # fmt: skip


@dataclass
class Google:
    """`contents`: of each file, exported or not. `faults`: for the next calls, by a part of the address."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    email: str = EMAIL
    lifetime: int = 3599
    page_size: int = 2
    incomplete: bool = False
    port: int = 0
    _given: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def key_file(self, folder: Path, **other: Any) -> Path:
        """The file that the console gives for the account."""
        path = folder / "key.json"
        key = {
            "type": "service_account", "project_id": "acme", "private_key_id": "k1", "private_key": pem(private_key()),
            "client_email": self.email, "client_id": "1", "token_uri": f"{self.url}token", "universe_domain": "googleapis.com", **other,
        }  # fmt: skip
        path.write_text(json.dumps(key))
        return path

    def asked(self, part: str) -> list[str]:
        return [call for call in self.calls if part in call]

    def file(self, file_id: str) -> dict[str, Any]:
        return next(one for one in self.rows if one["id"] == file_id)

    def withdraw_tokens(self) -> None:
        self._given.clear()

    def reply(self, url: str, authorization: str, sent: bytes) -> Reply:
        self.calls.append(url)
        for part, faults in self.faults.items():
            if part in url and faults:
                status, reason, headers = faults.pop(0)
                return status, refusal(status, reason), headers
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            return self._token(sent)
        if authorization.removeprefix("Bearer ") not in self._given:
            return 401, refusal(401, "authError"), {}
        return self._files(parts.path.removeprefix("/drive/v3/files").strip("/").split("/"), query)

    def _token(self, sent: bytes) -> Reply:
        asked = dict(parse_qsl(sent.decode()))
        assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        try:
            statement = jwt.decode(
                asked["assertion"], private_key().public_key(), algorithms=["RS256"], audience=f"{self.url}token",
                issuer=self.email, options={"require": ["iss", "scope", "aud", "exp", "iat"]},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            wrong = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return 400, json.dumps(wrong).encode(), {}
        self.statements.append({**jwt.get_unverified_header(asked["assertion"]), **statement})
        token = f"ya29.{len(self.statements)}"
        self._given.add(token)
        return (
            200,
            json.dumps({"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"}).encode(),
            {},
        )

    def _files(self, steps: list[str], query: dict[str, str]) -> Reply:
        match steps:
            case [""]:
                return self._listed(query)
            case [file_id, "export"] if self._is_shared(file_id):
                assert query["mimeType"].startswith("application/vnd.openxmlformats-officedocument.")
                return 200, self.contents[file_id], {}
            case [file_id] if self._is_shared(file_id):
                assert query["supportsAllDrives"] == "true"
                if query.get("alt") == "media":
                    return 200, self.contents[file_id], {}
                return 200, json.dumps(chosen(self.file(file_id), query["fields"])).encode(), {}
        return 404, refusal(404, "notFound"), {}

    def _listed(self, query: dict[str, str]) -> Reply:
        assert (query["includeItemsFromAllDrives"], query["supportsAllDrives"]) == ("true", "true")
        asked = re.fullmatch(r"'([\w-]+)' in parents and trashed = false", query["q"])
        assert asked
        if not self._is_shared(asked[1]):
            return 404, refusal(404, "notFound"), {}
        found = [one for one in self.rows if asked[1] in one["parents"] and not one["trashed"]]
        start, size = int(query.get("pageToken", "0")), min(self.page_size, int(query["pageSize"]))
        fields = re.search(r"files\((.*)\)$", query["fields"])
        assert fields
        answer: dict[str, Any] = {"files": [chosen(one, fields[1]) for one in found[start : start + size]]}
        if start + size < len(found):
            answer["nextPageToken"] = str(start + size)
        return 200, json.dumps({**answer, "incompleteSearch": self.incomplete}).encode(), {}

    def _is_shared(self, file_id: str) -> bool:
        return any(one["id"] == file_id for one in self.rows)


def chosen(one: dict[str, Any], fields: str) -> dict[str, Any]:
    """The fields that were asked for and no other, as Google does."""
    names = re.findall(r"(\w+)(?:\(([\w,]*)\))?", fields)
    picked = {name: (one[name], within) for name, within in names if name in one}
    return {
        name: {inner: value[inner] for inner in within.split(",") if inner in value} if within else value
        for name, (value, within) in picked.items()
    }


def refusal(status: int, reason: str) -> bytes:
    told = {
        "code": status,
        "message": "As told.",
        "errors": [{"domain": "global", "reason": reason, "message": "As told."}],
    }
    return json.dumps({"error": told}).encode()


@contextmanager
def serving(google: Google) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = (
            -1
        )  # headers and body in one piece: else the client's kernel waits 40 ms before it acknowledges

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body, headers = google.reply(self.path, self.headers.get("Authorization") or "", sent)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the standard library's

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - same

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    google.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
