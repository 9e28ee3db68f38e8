"""Files shared in a channel: listed to the last page, downloaded with a token that nobody but Slack ever sees."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingestion.fetching import FetchRefused
from ingestion.sources.slack_download import is_slacks
from rag.errors import ConfigError, DocumentUnreadable, SourceGone, SourceUnavailable
from rag.settings import Settings, SlackSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.ingestion.sources.slack_scene import Scene, Stage, stage

ADMIN = "footnote-admin"
SLACK = "https://slack.com/api/"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    manifest = Path(__file__).parent.parent.parent.parent / "manifest.json"
    with SandboxServer(manifest=manifest) as server:
        yield server


@pytest.fixture(scope="module")
def there(server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(server, tmp_path_factory.mktemp("slack")) as built:
        yield built


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    server.client.reset()
    return server.client


@pytest.fixture
def files(there: Stage, sandbox: Sandbox) -> Scene:
    return Scene(there, kind="slack_files", location="C01ADMIN", readers=frozenset({"channel:C01ADMIN"}))


class Elsewhere(ThreadingHTTPServer):
    """Another host, which writes down who comes with what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Stranger)
        self.tokens: list[str | None] = []


class _Stranger(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# Not from Slack")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_file_is_a_document(files: Scene, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"# Travel\n\nBook trains.", channel=ADMIN, text="new!")

    kept = files.sync()

    assert kept.texts == {file_id: "# Travel\n\nBook trains."}
    original = kept.originals[file_id]
    assert (original.name, original.author) == ("travel.md", "ines")
    assert original.media_type in ("text/markdown", "application/octet-stream")
    assert original.url == f"{sandbox.url}/files/U01INES/{file_id}/travel.md"
    assert files.sync().read == []


def test_a_changed_file_is_read_again_and_a_deleted_one_is_gone(files: Scene, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    _, other = sandbox.upload("ines", "old.md", b"Old.", channel=ADMIN)
    files.sync()
    sandbox.change_file(file_id, content=b"Book nothing.")
    sandbox.delete_file(other)
    assert files.sync().texts == {file_id: "Book nothing."}
    sandbox.delete_file(file_id)
    kept = files.sync()
    assert kept.texts == {} and kept.skipped


def test_every_page_of_many_files_is_listed_and_other_channels_are_not(
    files: Scene, sandbox: Sandbox
) -> None:
    for number in range(120):
        sandbox.upload("ines", f"{number}.txt", b"x", channel=ADMIN)
    sandbox.upload("ines", "general.txt", b"x", channel="general")
    kept = files.sync()
    assert sorted(original.name for original in kept.originals.values()) == sorted(
        f"{number}.txt" for number in range(120)
    )
    assert kept.calls.count("files.list") == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_external": True, "mode": "external"}, "Google Drive"),
        ({"mode": "tombstone"}, "deleted"),
        ({"mode": "hidden_by_limit"}, "free plan"),
        ({"mode": "quip"}, "canvases"),
        ({"mode": "list"}, "lists"),
        ({"file_access": "access_denied"}, "may not see"),
    ],
)
def test_what_is_no_file_of_ours_is_passed_over_with_its_reason(
    files: Scene, sandbox: Sandbox, fields: dict[str, object], reason: str
) -> None:
    _, file_id = sandbox.upload("ines", "plan.txt", b"x", channel=ADMIN)
    sandbox.change_file(file_id, **fields)
    kept = files.sync()
    assert kept.texts == {}
    assert reason in kept.skipped["plan.txt"]


def test_a_file_too_large_is_not_even_asked_for(files: Scene, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "big.txt", b"x" * 1_000_001, channel=ADMIN)
    assert files.sync().failed == {file_id: "is larger than 1 MB"}


def test_a_file_larger_than_it_says_is_cut_off(files: Scene, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "big.txt", b"x" * 1_000_001, channel=ADMIN)
    sandbox.change_file(file_id, size=10)
    assert files.sync().failed == {file_id: "is larger than 1 MB"}


def test_a_sign_in_page_is_not_taken_for_the_file(there: Stage, sandbox: Sandbox) -> None:
    """What Slack gives to a token without the scope files:read, with status 200."""
    sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    files = Scene(there, kind="slack_files", location="C01ADMIN", readers=frozenset({"channel:C01ADMIN"}))
    [found] = list(files.source().originals())
    app = next(iter(there.server.platform.workspace.apps.values()))
    scopes, app.scopes = app.scopes, frozenset()
    with pytest.raises(SourceUnavailable, match=r"sign-in page.*files:read"):
        found.read()  # type: ignore[union-attr]
    app.scopes = scopes


def test_a_page_that_somebody_shared_is_a_file(files: Scene, sandbox: Sandbox) -> None:
    page = b"<!doctype html><title>Leave</title><p>25 days"
    _, file_id = sandbox.upload("ines", "leave.html", page, channel=ADMIN)
    assert files.sync().texts == {file_id: page.decode()}


def test_a_missing_scope_is_said(there: Stage, sandbox: Sandbox, files: Scene) -> None:
    app = next(iter(there.server.platform.workspace.apps.values()))
    scopes, app.scopes = app.scopes, (app.scopes or frozenset()) - {"files:read"}
    with pytest.raises(ConfigError, match=r"lacks the scope files:read.*manifest\.json"):
        files.sync()
    app.scopes = scopes


def test_a_redirect_out_of_slack_gets_no_token_and_gives_no_document(
    files: Scene, sandbox: Sandbox, elsewhere: Elsewhere
) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    sandbox.change_file(file_id, redirect=f"http://127.0.0.1:{elsewhere.server_port}/travel.md")
    assert files.sync().failed == {file_id: "has its content outside of Slack"}
    assert elsewhere.tokens == [None]


def test_an_address_out_of_slack_is_not_asked_at_all(
    files: Scene, sandbox: Sandbox, elsewhere: Elsewhere
) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    sandbox.change_file(
        file_id, url_private_download=f"http://127.0.0.1:{elsewhere.server_port}/files-pri/travel.md"
    )
    assert files.sync().failed == {file_id: "has its content outside of Slack"}
    assert elsewhere.tokens == []


def test_a_private_channel_s_files_are_for_its_members(there: Stage, sandbox: Sandbox) -> None:
    with pytest.raises(SourceUnavailable, match="is private"):
        Scene(there, kind="slack_files", location="C01ADMIN").sync()


def single(there: Stage, file_id: str) -> Scene:
    return Scene(there, kind="slack_file", location=file_id)


def test_one_file_is_a_source(there: Stage, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    sandbox.upload("ines", "other.md", b"Nobody's.", channel=ADMIN)
    scene = single(there, file_id)
    assert scene.sync().texts == {file_id: "Book trains."}
    assert scene.sync().read == []
    sandbox.change_file(file_id, content=b"Book nothing.")
    scene.heard("0")
    assert scene.sync().texts == {file_id: "Book nothing."}
    assert scene.notes.changes() == []


def test_one_file_that_was_deleted_is_gone(there: Stage, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    _, buried = sandbox.upload("ines", "old.md", b"Old.", channel=ADMIN)
    sandbox.delete_file(file_id)
    sandbox.change_file(buried, mode="tombstone")
    for one in (file_id, buried):
        with pytest.raises(SourceGone, match="deleted in Slack"):
            single(there, one).sync()


def test_one_file_that_the_bot_may_not_see_any_more_is_gone(there: Stage, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    scene = single(there, file_id)
    scene.sync()
    sandbox.leave("footnote", ADMIN)
    with pytest.raises(SourceGone):
        scene.sync()


def test_one_file_while_slack_is_away_is_not_gone(there: Stage, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    sandbox.fault("error", "files.info", count=1)
    with pytest.raises(SourceUnavailable):
        single(there, file_id).sync()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"user_team": "T0OTHER"}, "another organisation"),
        ({"is_external": True, "mode": "external"}, "Google Drive"),
        ({"file_access": "access_denied"}, "may not see"),
    ],
)
def test_one_file_that_is_no_document_says_why(
    there: Stage, sandbox: Sandbox, fields: dict[str, object], reason: str
) -> None:
    _, file_id = sandbox.upload("ines", "travel.md", b"Book trains.", channel=ADMIN)
    sandbox.change_file(file_id, **fields)
    kept = single(there, file_id).sync()
    assert kept.texts == {}
    assert reason in kept.skipped["travel.md"]


def test_files_of_a_channel_that_the_bot_has_left_are_gone(files: Scene, sandbox: Sandbox) -> None:
    sandbox.leave("footnote", ADMIN)
    with pytest.raises(SourceGone):
        files.sync()


def test_without_a_token_the_setting_is_named(there: Stage, tmp_path: Path) -> None:
    scene = Scene(there, kind="slack_files")
    scene.stage = Stage.__new__(Stage)
    vars(scene.stage).update(vars(there) | {"settings": Unset(fetch=there.settings.fetch)})
    with pytest.raises(ConfigError, match="SLACK_BOT_TOKEN"):
        scene.source()


class Unset(Settings):
    """Settings of a machine that has no Slack tokens."""

    @property
    def slack(self) -> SlackSettings:  # type: ignore[override]
        raise ConfigError("SLACK_BOT_TOKEN is missing; see .env.example.")


@pytest.mark.parametrize(
    ("url", "api_url", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.md", SLACK, True),
        ("https://fernway.slack.com/files-pri/T1-F1/a.md", SLACK, True),
        ("https://slack.com/files-pri/T1-F1/a.md", SLACK, True),
        ("https://files.slack.com:443/a.md", SLACK, True),
        ("http://files.slack.com/a.md", SLACK, False),
        ("https://files.slack.com.evil.example/a.md", SLACK, False),
        ("https://evilslack.com/a.md", SLACK, False),
        ("https://files.slack.com@evil.example/a.md", SLACK, False),
        ("https://evil.example/?files.slack.com", SLACK, False),
        ("https://evil.example#.slack.com", SLACK, False),
        ("https://evil.example\\.slack.com/a.md", SLACK, False),
        ("https://files.slack.com:8443/a.md", SLACK, False),
        ("https://files.slack.com:x/a.md", SLACK, False),
        ("https://user:word@files.slack.com/a.md", SLACK, False),
        ("https://127.0.0.1/a.md", SLACK, False),
        ("//files.slack.com/a.md", SLACK, False),
        ("", SLACK, False),
        ("http://127.0.0.1:8910/files-pri/a.md", "http://127.0.0.1:8910/api/", True),
        ("http://127.0.0.1:8911/files-pri/a.md", "http://127.0.0.1:8910/api/", False),
        ("http://127.0.0.1/files-pri/a.md", "http://127.0.0.1:8910/api/", False),
        ("https://files.slack.com/a.md", "http://127.0.0.1:8910/api/", False),
    ],
)
def test_where_the_token_may_go(url: str, api_url: str, ours: bool) -> None:
    assert is_slacks(url, api_url) is ours


def test_what_may_not_be_fetched_is_a_fault_of_the_document() -> None:
    assert issubclass(FetchRefused, DocumentUnreadable)
