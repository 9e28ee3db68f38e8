"""A repository is read whole, cheaply and harmlessly: real repositories, served by git itself over TLS on loopback."""

import random
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from ssrfguard import Resolver

from ingestion.fetching import Fetcher
from ingestion.parsing import MAX_BYTES, DocumentEmpty
from ingestion.pipeline import sync
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import SyncReport
from ingestion.sources import Means, Original, Skipped, open_source
from ingestion.sources.git import GitRepository
from rag.database import open_database
from rag.errors import ConfigError, DocumentUnreadable, SourceUnavailable
from rag.settings import FetchSettings, GitSettings, Settings
from tests.conftest import missing
from tests.ingestion.fakes import Workbench
from tests.ingestion.sources.git_server import CodeHost, Upstream, certificate, serving

Open = Callable[..., GitRepository]


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        missing("git", FileNotFoundError("git"))
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def host(tmp_path: Path, ca_file: Path) -> Iterator[CodeHost]:
    with serving(tmp_path / "host", ca_file) as host:
        yield host


@pytest.fixture
def upstream(host: CodeHost) -> Upstream:
    return host.repository()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('database') / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def open_(tmp_path: Path, host: CodeHost, database: Engine) -> Open:
    """Opens the repository as a sync does: with an empty folder to work in, and what the last sync remembered."""
    syncs = iter(range(100))
    source_id = uuid.uuid4().hex

    def open_(
        location: str,
        *,
        trusted: str = "127.0.0.1",
        resolver: Resolver = socket.getaddrinfo,
        token: str | None = None,
        ca_file: Path | None = host.ca_file,
        most_bytes: int = 50_000_000,
        **options: str,
    ) -> GitRepository:
        settings = Settings(git=GitSettings(token=SecretStr(token) if token else None, ca_file=ca_file))
        scratch = tmp_path / f"sync{next(syncs)}"
        scratch.mkdir()
        means = Means(
            settings,
            Fetcher(FetchSettings(trusted_hosts=trusted), resolver=resolver),
            Memory(database, source_id),
            scratch,
        )
        options.setdefault("link", "gitlab")
        registered = RegisteredSource(source_id, "T1", "docs", "git", location, frozenset(), options)
        return GitRepository(registered, means, most_bytes=most_bytes)

    return open_


def originals(source: GitRepository) -> dict[str, Original]:
    return {found.id: found for found in source.originals() if isinstance(found, Original)}


def skipped(source: GitRepository) -> dict[str, str]:
    return {found.name: found.reason for found in source.originals() if isinstance(found, Skipped)}


def test_files_come_with_their_last_commit_and_a_link_to_it(
    open_: Open, host: CodeHost, upstream: Upstream
) -> None:
    first = upstream.commit({"README.md": "# One", "docs/a b.md": "# A"}, author="Ann")
    second = upstream.commit({"docs/a b.md": "# A, again"}, author="Bob Ünal")
    upstream.commit({"photo.png": b"\x89PNG"})
    found = originals(open_(upstream.url))
    assert [*found] == ["README.md", "docs/a b.md"]
    readme, page = found.values()
    assert readme.url == f"{host.url}/team/docs/-/blob/{first}/README.md"
    assert page.url == f"{host.url}/team/docs/-/blob/{second}/docs/a%20b.md"
    assert (readme.author, page.author) == ("Ann", "Bob Ünal")
    assert readme.updated_at and page.updated_at and (page.updated_at - readme.updated_at).days == 1
    assert page.by_line
    assert page.read() == b"# A, again"


@pytest.mark.parametrize("filters", [True, False])
def test_servers_with_and_without_filters_give_the_same_contents(
    open_: Open, host: CodeHost, filters: bool
) -> None:
    upstream = host.repository("team/other", filters=filters)
    first = upstream.commit({"a.md": "# A", "b.txt": "b"})
    head = upstream.commit({"c.md": "# C"})
    found = originals(open_(upstream.url))
    assert {name: it.read() for name, it in found.items()} == {"a.md": b"# A", "b.txt": b"b", "c.md": b"# C"}
    assert (first in found["a.md"].url) is filters  # else there is no history, and the head stands in for it
    assert head in found["c.md"].url


def test_an_unchanged_branch_costs_one_question(open_: Open, host: CodeHost, upstream: Upstream) -> None:
    upstream.commit({"a.md": "# A", "b.png": b"x", "c.md": "# C"})
    before = open_(upstream.url)
    listed = [*before.originals()]
    host.asked.clear()
    again = open_(upstream.url)
    assert [*again.originals()] == listed
    assert host.fetches == 1
    assert originals(again)["c.md"].read() == b"# C"  # nothing was fetched yet: it is now


def test_a_commit_elsewhere_leaves_versions_and_links_as_they_were(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"a.md": "# A", "b.md": "# B"})
    before = originals(open_(upstream.url))
    upstream.commit({"b.md": "# B, new"})
    after = originals(open_(upstream.url))
    assert after["a.md"] == before["a.md"]
    assert after["b.md"].version != before["b.md"].version
    assert after["b.md"].url != before["b.md"].url


def test_without_history_the_link_stays_at_the_commit_at_which_the_content_was_first_seen(
    open_: Open, host: CodeHost
) -> None:
    upstream = host.repository("team/plain", filters=False)
    upstream.commit({"a.md": "# A"})
    before = originals(open_(upstream.url))
    head = upstream.commit({"b.md": "# B"})
    after = originals(open_(upstream.url))
    assert after["a.md"] == before["a.md"]
    assert head in after["b.md"].url


def test_only_what_changed_is_fetched(open_: Open, host: CodeHost, upstream: Upstream) -> None:
    upstream.commit({f"{n:03}.md": f"# {n}" for n in range(8)})
    source = open_(upstream.url)
    for it in originals(source).values():
        it.read()
    upstream.commit({"003.md": "changed", "007.md": "changed"})
    source = open_(upstream.url)
    found = originals(source)
    host.asked.clear()
    assert found["003.md"].read() == found["007.md"].read() == b"changed"
    assert host.fetches == 1
    assert len(source._clone._missing) == 6


def test_a_rename_is_a_new_document_with_the_version_it_had(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"old.md": "# A"})
    before = originals(open_(upstream.url))
    upstream.commit({"old.md": None, "new.md": "# A"})
    after = originals(open_(upstream.url))
    assert [*after] == ["new.md"]
    assert after["new.md"].version == before["old.md"].version


def test_links_leave_a_history_that_was_rewritten(open_: Open, upstream: Upstream) -> None:
    lost = upstream.commit({"a.md": "# A"})
    assert lost in originals(open_(upstream.url))["a.md"].url
    kept = upstream.commit({"a.md": "# A", "b.md": "# B"}, parents=False)
    assert kept in originals(open_(upstream.url))["a.md"].url


def test_a_merge_leaves_each_file_with_the_commit_that_made_it(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"a.md": "# A", "b.md": "# B"})
    upstream.git("branch", "side", "main")
    side = upstream.commit({"b.md": "# B of the side"}, branch="side", author="Side")
    upstream.commit({"a.md": "# A of main"}, author="Main")
    tree = upstream.git("merge-tree", "--write-tree", "main", "side")
    merge = upstream.git("commit-tree", tree, "-m", "merge", "-p", "main", "-p", "side")
    upstream.git("update-ref", "refs/heads/main", merge)
    found = originals(open_(upstream.url))
    assert (found["a.md"].author, found["b.md"].author) == ("Main", "Side")
    assert side in found["b.md"].url


def test_what_is_no_document_is_skipped_with_a_reason(open_: Open, upstream: Upstream) -> None:
    long = "x" * 490 + ".md"
    upstream.commit(
        {
            "link.md": "/etc/passwd", "module.md": "", "photo.PNG": "x", "LICENSE": "MIT", "Makefile": "all:",
            "line\nbreak.md": "x", "caf\udce9.md": "x", long: "x", ".github/a.md": "x", ".hidden.md": "x",
            "A.md": "upper", "a.md": "lower",
        },
        modes={"link.md": "120000", "module.md": "160000"},
    )  # fmt: skip
    source = open_(upstream.url)
    assert {name: it.read() for name, it in originals(source).items()} == {
        "A.md": b"upper",
        "LICENSE": b"MIT",
        "a.md": b"lower",
    }
    assert skipped(source) == {
        "link.md": "symbolic links are not followed",
        "module.md": "submodules are not entered",
        "photo.PNG": ".png files are not read",
        "Makefile": "files without an ending are not read",
        "line\nbreak.md": "the file name holds control characters",
        "caf\udce9.md": "the file name is not valid Unicode",
        long: "the path is longer than 480 characters",
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        pytest.param({"folder": "docs"}, ["docs/a.md", "docs/drafts/b.md"], id="folder"),
        pytest.param(
            {"folder": "/docs/", "exclude": "drafts/"}, ["docs/a.md"], id="exclude, from the folder on"
        ),
        pytest.param({"include": "*.txt, /docs/*.md"}, ["docs/a.md", "notes.txt"], id="include"),
        pytest.param({"folder": "docs/a.md"}, ["docs/a.md"], id="one file"),
        pytest.param({"branch": "release/2"}, ["new.md"], id="branch"),
        pytest.param({"branch": "v1"}, ["README.md", "docs/a.md", "docs/drafts/b.md", "notes.txt"], id="tag"),
    ],
)
def test_branch_folder_and_patterns_narrow_it(
    open_: Open, upstream: Upstream, options: dict[str, str], found: list[str]
) -> None:
    upstream.commit({"README.md": "x", "docs/a.md": "x", "docs/drafts/b.md": "x", "notes.txt": "x"})
    upstream.git("tag", "-a", "v1", "-m", "one", "main")
    upstream.commit({"new.md": "x"}, branch="release/2")
    assert [*originals(open_(upstream.url, **options))] == found


def test_the_address_of_a_folder_in_a_branch_with_slashes_is_understood(
    open_: Open, host: CodeHost, upstream: Upstream
) -> None:
    upstream.commit({"docs/guide/a.md": "x", "b.md": "x"}, branch="release/2")
    assert [*originals(open_(f"{host.url}/team/docs/-/tree/release/2/docs/guide"))] == ["docs/guide/a.md"]


def test_other_options_list_anew(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"a.md": "x", "b.txt": "x"})
    assert [*originals(open_(upstream.url))] == ["a.md", "b.txt"]
    assert [*originals(open_(upstream.url, exclude="*.txt"))] == ["a.md"]
    assert [*originals(open_(upstream.url))] == ["a.md", "b.txt"]


def test_repositories_with_longer_object_names_are_read(open_: Open, host: CodeHost) -> None:
    upstream = host.repository("team/long")
    shutil.rmtree(upstream.folder)
    upstream.folder.mkdir()
    upstream.git("init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha256")
    upstream.git("config", "uploadpack.allowFilter", "true")
    upstream.commit({"a.md": "# A"})
    assert originals(open_(upstream.url))["a.md"].read() == b"# A"


def test_contents_in_large_file_storage_are_not_taken_for_documents(open_: Open, upstream: Upstream) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    upstream.commit({"handbook.md": pointer})
    with pytest.raises(DocumentEmpty, match="is stored in Git LFS, which is not fetched"):
        originals(open_(upstream.url))["handbook.md"].read()


def test_reading_stops_just_after_the_limit(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"large.txt": b"x" * (MAX_BYTES + 1000), "small.txt": b"x"})
    found = originals(open_(upstream.url))
    assert len(found["large.txt"].read()) == MAX_BYTES + 1
    assert found["small.txt"].read() == b"x"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "does not exist or needs a token: check the address, or set GIT_TOKEN"),
        (403, "may not be read with the token that is set"),
        (302, "has moved: give the address it has now"),
        (429, "asks for a pause"),
        (503, "does not answer"),
    ],
)
def test_what_a_host_refuses_is_said_in_a_sentence(
    open_: Open, host: CodeHost, upstream: Upstream, status: int, sentence: str
) -> None:
    host.status, host.location = status, "https://127.0.0.1:1"
    with pytest.raises(SourceUnavailable, match=sentence):
        originals(open_(upstream.url))


def test_a_branch_a_folder_or_a_repository_that_is_gone_is_unavailable(
    open_: Open, host: CodeHost, upstream: Upstream
) -> None:
    with pytest.raises(SourceUnavailable, match="is empty: nothing was ever committed"):
        originals(open_(upstream.url))
    upstream.commit({"a.md": "x"})
    with pytest.raises(SourceUnavailable, match="There is no branch next in the repository"):
        originals(open_(upstream.url, branch="next"))
    with pytest.raises(SourceUnavailable, match="There is no folder docs in the repository"):
        originals(open_(upstream.url, folder="docs"))
    with pytest.raises(SourceUnavailable, match="does not exist or needs a token"):
        originals(open_(f"{host.url}/team/none.git"))


def test_a_host_that_is_down_or_not_who_it_says_is_unavailable(open_: Open, upstream: Upstream) -> None:
    with pytest.raises(SourceUnavailable, match="does not answer"):
        originals(open_("https://127.0.0.1:1/team/docs.git"))
    with pytest.raises(SourceUnavailable, match=r"certificate is not known here \(see GIT_CA_FILE\)"):
        originals(open_(upstream.url, ca_file=None))


def test_a_private_address_is_refused_before_anything_is_sent(
    open_: Open, host: CodeHost, upstream: Upstream
) -> None:
    with pytest.raises(SourceUnavailable, match="may not be fetched"):
        originals(open_(upstream.url, trusted=""))
    assert host.asked == []


def test_git_connects_to_the_address_that_was_checked(
    open_: Open, host: CodeHost, upstream: Upstream
) -> None:
    """The name is known to our resolver only: git would not find it by itself."""

    def resolver(name: str, port: int, *_: object, **__: object) -> list[Any]:
        answers.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    answers: list[str] = []
    upstream.commit({"a.md": "x"})
    location = upstream.url.replace("127.0.0.1", "code.example.")
    found = originals(open_(location, trusted="code.example", resolver=resolver))
    assert found["a.md"].read() == b"x"
    assert answers == ["code.example"]
    with pytest.raises(SourceUnavailable, match="may not be fetched"):
        originals(open_(location, trusted="", resolver=resolver))


def test_the_token_goes_to_its_host_and_nowhere_else(
    open_: Open, host: CodeHost, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.commit({"a.md": "x"})
    host.token = "Basic b2F1dGgyOnMzY3JldA=="  # oauth2:s3cret
    netloc = host.url.removeprefix("https://")
    with pytest.raises(SourceUnavailable, match="needs a token"):
        originals(open_(upstream.url, token="git.example.org=s3cret"))
    assert host.authorizations == {None}
    assert (
        originals(open_(upstream.url, token=f"git.example.org=other,{netloc}=s3cret"))["a.md"].read() == b"x"
    )
    with pytest.raises(SourceUnavailable) as refused:
        originals(open_(upstream.url, token=f"{netloc}=wrong"))
    assert "wrong" not in str(refused.value)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and "host" not in path.parts]
    assert not [path for path in left if b"s3cret" in path.read_bytes() or b"czNjcmV0" in path.read_bytes()]


def test_a_repository_that_is_too_large_is_cut_off(open_: Open, host: CodeHost) -> None:
    upstream = host.repository("team/huge", filters=False)
    upstream.commit({"a.md": "x", "b.bin": _noise(6_000_000)})
    with pytest.raises(SourceUnavailable, match="larger than can be taken in"):
        originals(open_(upstream.url, most_bytes=2_000_000))


def test_large_files_that_are_no_documents_are_not_even_fetched(open_: Open, upstream: Upstream) -> None:
    upstream.commit({"a.md": "x", "b.bin": _noise(6_000_000)})
    assert originals(open_(upstream.url, most_bytes=2_000_000))["a.md"].read() == b"x"


def test_one_content_that_is_too_large_to_fetch_does_not_keep_the_others(
    open_: Open, upstream: Upstream
) -> None:
    upstream.commit({"a.md": "# A", "b.md": _noise(6_000_000), "c.md": "# C", "d.md": "# D"})
    source = open_(upstream.url)
    found = originals(source)
    source._clone._batch_bytes = 3_000_000
    assert (found["a.md"].read(), found["c.md"].read(), found["d.md"].read()) == (b"# A", b"# C", b"# D")
    said = ""
    try:
        assert len(found["b.md"].read()) == 6_000_000, "it had come whole before anybody looked"
    except DocumentUnreadable as refused:
        said = str(refused)
    assert said in {"", "is larger than 3 MB"}


def test_a_tree_of_endless_trees_ends(open_: Open, upstream: Upstream) -> None:
    """Ten files in ten folders in ten folders, ten times over: a few kilobytes, and more paths than there is memory."""
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=b"x")
    inner = upstream.git(
        "mktree", stdin="".join(f"100644 blob {blob}\tf{n}.md\n" for n in range(10)).encode()
    )
    for _ in range(9):
        inner = upstream.git(
            "mktree", stdin="".join(f"040000 tree {inner}\td{n}\n" for n in range(10)).encode()
        )
    upstream.git("update-ref", "refs/heads/main", upstream.git("commit-tree", inner, "-m", "bomb"))
    with pytest.raises(SourceUnavailable, match="larger than can be taken in"):
        originals(open_(upstream.url))


def test_names_that_lead_out_of_the_tree_are_refused(open_: Open, upstream: Upstream) -> None:
    blob = bytes.fromhex(upstream.git("hash-object", "-w", "--stdin", stdin=b"x"))
    evil = upstream.git(
        "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=b"100644 ..\0" + blob
    )
    tree = upstream.git("mktree", stdin=f"040000 tree {evil}\tdocs\n".encode())
    upstream.git("update-ref", "refs/heads/main", upstream.git("commit-tree", tree, "-m", "evil"))
    with pytest.raises(SourceUnavailable, match="holds damaged objects"):
        originals(open_(upstream.url))


def test_nothing_of_a_repository_becomes_a_file_or_a_command(
    open_: Open, upstream: Upstream, tmp_path: Path
) -> None:
    trap = tmp_path / "trapped"
    upstream.commit(
        {
            "a.md": "# A $Id$",
            ".gitattributes": "*.md filter=evil diff=evil ident text eol=crlf",
            ".gitconfig": f'[core]\n\tfsmonitor = touch {trap}\n[filter "evil"]\n\tsmudge = touch {trap}\n',
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = file://{tmp_path}\n',
            "hooks/post-checkout": f"#!/bin/sh\ntouch {trap}\n",
            "x": "",
            "out": "/etc/passwd",
        },
        modes={"x": "160000", "out": "120000", "hooks/post-checkout": "100755"},
    )
    upstream.git("config", "core.fsmonitor", f"touch {trap}")
    source = open_(upstream.url)
    assert {name: it.read() for name, it in originals(source).items()} == {"a.md": b"# A $Id$"}
    assert not trap.exists()
    made = {path.name for path in (tmp_path / "sync0" / "git").rglob("*")}
    assert made.isdisjoint(
        {"a.md", ".gitattributes", ".gitconfig", ".gitmodules", "hooks", "post-checkout", "out"}
    )


def test_an_author_of_any_shape_is_borne(open_: Open, upstream: Upstream) -> None:
    upstream.now = 4_000_000_000
    upstream.commit({"a.md": "x"}, author="  :100644 Ann: \u2028Bob  \t ")
    (found,) = originals(open_(upstream.url)).values()
    assert found.author == "100644 Ann: Bob"
    assert found.updated_at and found.updated_at.year == 2096


def test_a_sync_embeds_what_is_new_and_nothing_else(
    open_: Open, upstream: Upstream, workbench: Workbench
) -> None:
    registered = workbench.catalogue.add_source("docs", kind="git", location="-", readers=["members"])

    def synced() -> SyncReport:
        return sync(
            open_(upstream.url),
            registered,
            catalogue=workbench.catalogue,
            reader=workbench.reader,
            embedder=workbench.embedder,
            index=workbench.index,
            progress=lambda _: None,
        )

    upstream.commit({"a.md": "# A\n\nOne.", "b.md": "# B\n\nTwo.", "x.png": "x"})
    first = synced()
    assert (first.added, first.embedded, sum(first.skipped.values())) == (2, 2, 1)
    again = synced()
    assert (again.unchanged, again.embedded, again.skipped) == (2, 0, first.skipped)
    upstream.commit({"a.md": None, "renamed.md": "# A\n\nOne.", "y.png": "y"})
    moved = synced()
    assert (moved.added, moved.unchanged, moved.deleted, moved.embedded) == (1, 1, 1, 0)


def test_a_repository_is_opened_by_its_kind(tmp_path: Path, database: Engine) -> None:
    means = Means(Settings(git=GitSettings()), Fetcher(FetchSettings()), Memory(database, "S1"), tmp_path)
    registered = RegisteredSource("S1", "T1", "docs", "git", "https://github.com/org/repo", frozenset())
    assert isinstance(open_source(registered, means), GitRepository)
    with pytest.raises(ConfigError, match="over https only"):
        open_source(replace(registered, location="git@github.com:org/repo.git"), means)


def _noise(size: int) -> bytes:
    """Bytes that do not compress."""
    return random.Random(1).randbytes(size)  # noqa: S311 - noise, no secret
