"""The files that come with a question: what is read of them, what is said of those that cannot be read, what is tried again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.formats import bundled_counter
from ingestion.confined import ConfinedReader, Limits
from rag.domain import Answer, Citation, Outcome
from rag.errors import Transient
from rag.ports import Embedder
from rag.settings import FetchSettings, Settings, SlackSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.fakes import WordEmbedder
from tests.ingestion.making import compound, saved, unzipped, word, zipped
from workers.asked import File, Incoming
from workers.attachments import MOST_FILES, TOO_MANY, Attached, SlackAttachments
from workers.rendering import render
from workers.slack.client import slack_client
from workers.slack.pacing import LocalPace

MANIFEST = Path(__file__).parent.parent.parent / "manifest.json"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class Counted(WordEmbedder):
    """One whose counting can be sent to another process."""

    counter = bundled_counter()


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(manifest=MANIFEST) as server:
        yield server


@pytest.fixture(scope="module")
def attachments(server: SandboxServer) -> SlackAttachments:
    slack = SlackSettings(bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url)
    settings = Settings(slack=slack, fetch=FetchSettings(max_megabytes=1))
    return SlackAttachments(slack_client(slack, LocalPace()), settings, Counted(), reader=hurried)


def hurried(embedder: Embedder) -> ConfinedReader:
    return ConfinedReader(bundled_counter(), embedder.max_tokens, limits=Limits(seconds=10, megabytes=200))


def sent(sandbox: Sandbox, name: str, content: bytes, *, channel: str = "general") -> File:
    return File(sandbox.upload("marco", name, content, channel=channel)[1], name)


def asked(*files: File) -> Incoming:
    return Incoming("T01FERNWAY", "C01GENERAL", "1.1", "1.1", "U01MARCO", "what does it say?", files=files)


def test_a_text_and_a_document_are_read(sandbox: Sandbox, attachments: SlackAttachments) -> None:
    document = word()
    document.add_paragraph("The turbine costs 4,200 euros.")
    files = (
        sent(sandbox, "notes.txt", b"Brandt delivers on Friday."),
        sent(sandbox, "offer.docx", saved(document)),
    )
    read = attachments.read(asked(*files))
    assert [(chunk.title, chunk.text) for chunk in read.chunks] == [
        ("notes.txt", "Brandt delivers on Friday."),
        ("offer.docx", "The turbine costs 4,200 euros."),
    ]
    assert read.chunks[0].url == f"{sandbox.url}/files/U01MARCO/{files[0].id}/notes.txt"
    assert read.unread == ()
    assert {chunk.readers for chunk in read.chunks} == {frozenset()}, "no search finds them"


def test_nothing_is_asked_of_slack_for_a_question_without_files(
    sandbox: Sandbox, attachments: SlackAttachments
) -> None:
    assert attachments.read(asked()) == Attached()


def zip_bomb() -> bytes:
    return zipped({**unzipped(saved(word())), "word/document.xml": bytes(90_000_000)})


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("photo.png", PNG, "is an image"),
        ("photo", PNG, "is a picture: needs OCR"),
        ("talk.mp4", b"\0\0\0\x18ftyp" * 9, "is a video"),
        ("big.txt", b"x" * 1_000_001, "is larger than 1 MB"),
        ("all.zip", zipped({"a.txt": "a"}), "is an archive: archives are not opened"),
        ("bomb.docx", zip_bomb(), "inflates to more than 100 times its size"),
        ("pay.xlsx", compound({"EncryptedPackage": b"x"}), "is password-protected"),
        ("thing.bin", bytes(range(256)) * 20, "looks like a binary file, not text"),
        ("empty.txt", b"  \n", "is empty"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_reason_and_the_rest_is_read(
    sandbox: Sandbox, attachments: SlackAttachments, name: str, content: bytes, reason: str
) -> None:
    files = (sent(sandbox, name, content), sent(sandbox, "notes.txt", b"Brandt delivers."))
    read = attachments.read(asked(*files))
    assert read.unread == (f"I could not read `{name}`: it {reason}.",)
    assert [chunk.text for chunk in read.chunks] == ["Brandt delivers."]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_external": True}, "Google Drive"),
        ({"mode": "quip"}, "canvases"),
        ({"url_private_download": "https://evil.example/a.txt"}, "outside of Slack"),
    ],
)
def test_what_is_not_in_slack_is_not_fetched(
    sandbox: Sandbox, attachments: SlackAttachments, fields: dict[str, object], reason: str
) -> None:
    file = sent(sandbox, "plan.txt", b"x")
    sandbox.change_file(file.id, **fields)
    read = attachments.read(asked(file))
    assert read.chunks == ()
    assert reason in read.unread[0]


def test_a_file_that_says_it_is_small_is_cut_off(sandbox: Sandbox, attachments: SlackAttachments) -> None:
    file = sent(sandbox, "big.txt", b"x" * 1_000_001)
    sandbox.change_file(file.id, size=10)
    assert "is larger than 1 MB" in attachments.read(asked(file)).unread[0]


def test_a_file_that_is_gone_is_said(sandbox: Sandbox, attachments: SlackAttachments) -> None:
    file = sent(sandbox, "notes.txt", b"x")
    sandbox.delete_file(file.id)
    assert "is no longer there" in attachments.read(asked(file)).unread[0]


def test_without_the_right_to_read_files_the_question_is_answered_all_the_same(
    sandbox: Sandbox, server: SandboxServer, attachments: SlackAttachments
) -> None:
    file = sent(sandbox, "notes.txt", b"x")
    app = next(iter(server.platform.workspace.apps.values()))
    scopes, app.scopes = app.scopes, (app.scopes or frozenset()) - {"files:read"}
    read = attachments.read(asked(file))
    app.scopes = scopes
    assert "was not given to me by Slack" in read.unread[0]


@pytest.mark.parametrize("fault", ["error", "http", "rate_limited", "reset"])
def test_a_slack_that_fails_is_asked_again_later(
    sandbox: Sandbox, attachments: SlackAttachments, fault: str
) -> None:
    file = sent(sandbox, "notes.txt", b"Brandt delivers.")
    sandbox.fault(fault, "files.info")
    with pytest.raises(Transient):
        attachments.read(asked(file))
    assert attachments.read(asked(file)).chunks[0].text == "Brandt delivers."


def test_only_so_many_are_read(sandbox: Sandbox, attachments: SlackAttachments) -> None:
    files = [sent(sandbox, f"{number}.txt", b"words") for number in range(MOST_FILES + 1)]
    read = attachments.read(asked(*files))
    assert [chunk.title for chunk in read.chunks] == [file.name for file in files[:MOST_FILES]]
    assert read.unread == (TOO_MANY,)


@pytest.mark.parametrize(
    "name",
    [
        "[1]",
        "[pay](https://evil.example)",
        "<!channel>.png",
        "`x` <@U1> https://evil.example.png",
        "a\n\n# b.png",
        "n" * 500,
    ],
)
def test_a_name_is_no_markup(sandbox: Sandbox, attachments: SlackAttachments, name: str) -> None:
    file = sent(sandbox, "photo.png", PNG)
    read = attachments.read(asked(File(file.id, name)))
    cited = Citation(1, "leave.md", "Leave", (), "https://x.example/leave.md")
    shown = render(read.told(Answer("25 days [1].", Outcome.ANSWERED, (cited,))))
    first, *_ = shown.blocks[0]["elements"]
    links = [part for part in first["elements"] if part["type"] != "text"]
    assert [link["text"] for link in links] == ["[1]"]
    assert "<" not in shown.text
    assert len(read.unread[0]) < 200
