"""The commands, in this process with a small model and in processes of their own with the real one."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingestion.__main__ import COMMANDS
from ingestion.arguments import parser
from ingestion.catalogue import Catalogue
from ingestion.display import Display
from ingestion.performing import perform
from ingestion.runs import Runs
from ingestion.working import NobodyWorks, follow
from ingestion.workshop import Workshop, held
from rag.database import open_database
from rag.domain import Audience
from rag.errors import ConfigError
from rag.settings import IndexSettings, Settings, StorageSettings
from tests.ingestion.fakes import Workbench
from tests.ingestion.tooling import tools_of

ROOT = Path(__file__).parent.parent.parent


class BenchShop(Workshop):
    """A workshop with the parts of a test; `busy`: as if another process held the index."""

    def __init__(self, workbench: Workbench, folder: Path, *, busy: bool = False) -> None:
        settings = Settings()
        settings.storage = StorageSettings(data_dir=folder)
        settings.index = IndexSettings(url=None)
        super().__init__(settings)
        self.workbench = workbench
        self.catalogue = workbench.catalogue
        self.runs = workbench.runs
        self.tools = None if busy else tools_of(workbench, folder)


@pytest.fixture
def shop(workbench: Workbench, tmp_path: Path) -> BenchShop:
    return BenchShop(workbench, tmp_path)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "leave.md").write_text("# Leave\n\nThirty days a year.")
    return docs


def do(shop: Workshop, *words: str) -> int:
    arguments = parser().parse_args(words)
    return COMMANDS[arguments.command](arguments, shop, Display(as_json=arguments.json))


def test_a_source_from_first_to_last(shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(shop, "status") == 0
    assert capsys.readouterr().out == "No sources yet: python -m ingestion add FOLDER-OR-ADDRESS\n"

    (docs / "photo.png").write_bytes(b"png")
    assert do(shop, "add", str(docs), "--base-url", "https://x.org", "--readers", "public,channel:C123") == 0
    assert capsys.readouterr().out.startswith("docs: 1 added, 1 skipped; 1 chunks, 1 embedded in ")

    (docs / "bad.txt").write_bytes(b"%PDF-1.7\0broken")
    assert do(shop, "sync", "docs") == 1
    said = capsys.readouterr()
    assert said.out.startswith("docs: 1 unchanged, 1 skipped, 1 failed; 1 chunks, 0 embedded in ")
    assert said.err == "  bad.txt: is damaged or incomplete\n"

    assert do(shop, "status", "--json") == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert source["readers"] == ["channel:C123", "public"]
    assert (source["documents"], source["chunks"], source["unreadable"]) == (2, 1, 1)
    assert source["last_run"]["report"]["failed_count"] == 1

    assert do(shop, "remove", "docs", "--yes") == 0
    assert capsys.readouterr().out == "docs: removed\n"
    assert do(shop, "sync", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"runs": []}


def test_a_source_can_be_registered_alone(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert do(shop, "add", str(docs), "--name", "Handbook", "--no-sync") == 0
    assert capsys.readouterr().out == "Handbook: registered. Index it with: python -m ingestion sync\n"
    assert do(shop, "status") == 0
    shown = capsys.readouterr().out.split("\n")[1].split()
    assert (shown[:5], shown[-1]) == (["Handbook", "0", "0", "0", "never"], "none")


def test_adding_the_same_folder_again_takes_over_what_is_said_of_it(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(shop, "add", str(docs), "--base-url", "https://x.org")
    embedded = len(shop.workbench.embedder.embedded)
    assert do(shop, "add", str(docs), "--base-url", "https://y.org", "--readers", "public") == 0
    (source,) = shop.catalogue.sources()
    assert (source.readers, source.options["base_url"]) == ({"public"}, "https://y.org")
    assert len(shop.workbench.embedder.embedded) == embedded, "new readers and links embed nothing"
    (docs.parent / "other").mkdir()
    with pytest.raises(ConfigError, match="called docs already"):
        do(shop, "add", str(docs.parent / "other"), "--name", "docs")


def test_a_failed_sync_says_why(shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    do(shop, "add", str(docs), "--no-sync")
    docs.rename(docs.with_name("gone"))
    capsys.readouterr()
    assert do(shop, "sync") == 1
    assert capsys.readouterr().out == f"docs: failed. The folder {docs} is not there.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["http://github.com/acme/x"], "over https only", id="not https"),
        pytest.param(["https://acme.atlassian.net/wiki/spaces/HR"], "CONFLUENCE_API_TOKEN is missing", id="no token"),
        pytest.param(["https://example.org", "--option", "depth=many"], "depth of the source", id="no number"),
        pytest.param(["https://example.org", "--option", "branch=main"], "has no option branch", id="no option"),
        pytest.param(["C0123ABCD"], "SLACK_BOT_TOKEN is missing", id="no Slack"),
        pytest.param([""], "is not an address", id="nothing"),
    ],
)  # fmt: skip
def test_what_could_never_be_opened_is_not_registered(
    shop: BenchShop, words: list[str], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        do(shop, "add", *words)
    assert shop.catalogue.sources() == []


def test_who_may_read_changes_without_embedding(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(shop, "add", str(docs))
    embedded = len(shop.workbench.embedder.embedded)
    capsys.readouterr()
    assert do(shop, "audience", "docs", "channel:C0123") == 0
    assert capsys.readouterr().out == "docs: audience changed\n"
    question = ("thirty days", shop.workbench.embedder.embed_query("thirty days"))
    found = {
        readers: shop.workbench.index.search(
            *question, audience=Audience("T1", frozenset({readers})), limit=5
        )
        for readers in ("members", "channel:C0123")
    }
    assert not found["members"].dense and found["channel:C0123"].dense
    assert len(shop.workbench.embedder.embedded) == embedded


def test_the_schedule_is_changed_and_shown(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(shop, "add", str(docs), "--every", "2h")
    (docs / "bad.txt").write_bytes(b"%PDF-1.7\0broken")
    do(shop, "sync")
    capsys.readouterr()
    assert do(shop, "status", "docs") == 0
    shown = capsys.readouterr().out
    assert "read by members; synced every 2 h" in shown
    assert "bad.txt: is damaged or incomplete" in shown
    assert do(shop, "schedule", "docs", "off") == 0
    assert capsys.readouterr().out == "docs: synced only when asked.\n"


def test_a_source_names_the_people_who_know_the_rest(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(shop, "add", str(docs))
    capsys.readouterr()
    assert do(shop, "people", "docs", "C0123") == 0
    assert capsys.readouterr().out == "docs: what it does not say is asked in C0123.\n"
    do(shop, "status", "docs")
    assert "what it does not say is asked in C0123" in capsys.readouterr().out
    assert do(shop, "people", "docs", "none") == 0
    assert capsys.readouterr().out == "docs: names nobody to be asked.\n"
    with pytest.raises(SystemExit):
        do(shop, "people", "docs", "#hr")
    assert "neither a channel's id" in capsys.readouterr().err


def test_what_was_half_removed_is_removed_by_a_sync(
    shop: BenchShop, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(shop, "add", str(docs))
    (source,) = shop.catalogue.sources()
    shop.catalogue.retire(source.id)
    capsys.readouterr()
    assert do(shop, "sync") == 0
    assert capsys.readouterr().out == "docs: removed\n"
    assert shop.catalogue.sources() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["add", "nowhere"], "nowhere is not a folder.", id="no folder"),
        pytest.param(["add", ".", "--name", "a\nb"], "a name of at most 200", id="no name"),
        pytest.param(
            ["sync", "wiki"], "There is no source called wiki. There are: none yet.", id="no source"
        ),
    ],
)
def test_what_the_operator_must_change_is_a_sentence(
    shop: BenchShop, words: list[str], sentence: str
) -> None:
    with (
        held(shop.settings.storage.data_dir / "index" / "footnote"),
        pytest.raises(ConfigError, match=sentence),
    ):
        do(shop, *words)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["add", "docs", "--readers", "everybody"], id="no reader"),
        pytest.param(["add", "docs", "--readers", ","], id="no readers"),
        pytest.param(["add", "docs", "--base-url", "x.org"], id="no address"),
        pytest.param([], id="no command"),
    ],
)
def test_what_cannot_be_understood_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parser().parse_args(words)
    assert refused.value.code == 2


@contextmanager
def bot(workbench: Workbench) -> Iterator[None]:
    """What the bot does beside answering: it performs the runs that wait."""
    done = threading.Event()
    tools = tools_of(workbench, Path(workbench.engine.url.database or ".").parent)

    def work() -> None:
        while not done.wait(0.02):
            for run in workbench.runs.waiting():
                perform(run.id, owner="bot", tools=tools)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join()


def test_work_is_left_to_the_bot_that_holds_the_index(
    workbench: Workbench, tmp_path: Path, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with bot(workbench):
        assert do(BenchShop(workbench, tmp_path, busy=True), "add", str(docs)) == 0
    assert capsys.readouterr().out.startswith("docs: 1 added; 1 chunks, 1 embedded in ")


def test_when_nobody_works_it_says_so(shop: BenchShop, docs: Path) -> None:
    do(shop, "add", str(docs), "--no-sync")
    (source,) = shop.catalogue.sources()
    run = shop.runs.request(source.id, "sync", "U1")
    with pytest.raises(NobodyWorks, match="nobody has taken it up"):
        follow(run, shop.runs, lambda _: None, patience_seconds=0)
    assert [it.id for it in shop.runs.waiting()] == [run.id]


def test_a_held_index_is_noticed_without_loading_the_model(tmp_path: Path) -> None:
    settings = Settings()
    settings.storage = StorageSettings(data_dir=tmp_path)
    settings.index = IndexSettings(url=None)
    with held(tmp_path / "index" / "footnote"), Workshop(settings) as workshop:
        assert workshop.tools is None


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command on an installation of its own."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}  # noqa: TID251
    environment = inherited | {"DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}

    def run(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ingestion", *words],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def test_the_operator_gets_a_sentence_and_code_2(start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("remove", "wiki")
    assert process.communicate() == ("", "There is no source called wiki. There are: none yet.\n")
    assert process.returncode == 2


def test_an_interrupted_sync_goes_on_later(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, docs: Path
) -> None:
    for number in range(1000):
        (docs / f"{number}.md").write_text(f"# Page {number}\n\nIts own words, number {number}.")
    process = start("add", "docs")
    engine = open_database(f"sqlite:///{tmp_path / 'data' / 'footnote.db'}")
    catalogue, runs = Catalogue(engine, "default"), Runs(engine, "default")
    wait = threading.Event()
    while process.poll() is None and not any(status.documents for status in catalogue.overview()):
        wait.wait(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (out, err.splitlines()[-1]) == ("", "Interrupted; the next sync goes on from here.")
    assert process.returncode == 130
    assert [it.action for it in runs.waiting()] == ["sync"]
    (status,) = catalogue.overview()
    assert 0 < status.documents < 1001
    engine.dispose()
