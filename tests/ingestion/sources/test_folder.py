"""What a folder lists, what it passes over and what it refuses."""

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine

from ingestion.fetching import Fetcher
from ingestion.parsing import MAX_BYTES
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means, Original, Skipped, Unlisted, open_source
from ingestion.sources.folder import Folder
from ingestion.sources.selection import Selection
from rag.errors import ConfigError, SourceUnavailable
from rag.settings import FetchSettings, Settings


def put(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"# {path}")


def originals(folder: Folder) -> list[Original]:
    return [found for found in folder.originals() if isinstance(found, Original)]


def test_files_are_listed_in_order_and_read_when_asked(tmp_path: Path) -> None:
    put(tmp_path, "b.md", "a/z.txt", "a/b/page.HTML", "c.markdown", ".hidden.md", ".git/x.md")
    folder = Folder(tmp_path)
    found = originals(folder)
    assert [it.id for it in found] == ["a/b/page.HTML", "a/z.txt", "b.md", "c.markdown"]
    assert folder.count() == 4
    assert found[2].read() == b"# b.md"
    assert found[2].updated_at is not None


def test_what_is_no_document_is_skipped_with_a_reason(tmp_path: Path) -> None:
    put(tmp_path, "photo.PNG", "Makefile")
    assert [*Folder(tmp_path).originals()] == [
        Skipped("Makefile", "files without an ending are not read"),
        Skipped("photo.PNG", ".png files are not read"),
    ]


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        pytest.param("https://x.org/docs", "https://x.org/docs/a%20b/caf%C3%A9%231.md", id="no slash"),
        pytest.param("https://x.org/docs/", "https://x.org/docs/a%20b/caf%C3%A9%231.md", id="slash"),
    ],
)
def test_urls_are_the_base_and_the_quoted_path(tmp_path: Path, base_url: str, url: str) -> None:
    put(tmp_path, "a b/café#1.md")
    assert [it.url for it in originals(Folder(tmp_path, base_url=base_url))] == [url]


def test_without_a_base_the_url_is_the_files_own(tmp_path: Path) -> None:
    put(tmp_path, "a b.md")
    assert [it.url for it in originals(Folder(tmp_path))] == [(tmp_path / "a b.md").as_uri()]


def test_the_version_changes_with_the_content_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    (before,) = originals(Folder(tmp_path))
    assert originals(Folder(tmp_path)) == [before]
    (tmp_path / "a.md").write_text("more than it was")
    assert originals(Folder(tmp_path))[0].version != before.version


def test_links_are_followed_to_files_inside_only(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "real/a.md", ".data/b.md")
    put(tmp_path, "secret.md")
    (root / "inside.md").symlink_to(root / ".data" / "b.md")
    (root / "outside.md").symlink_to(tmp_path / "secret.md")
    (root / "nowhere.md").symlink_to(root / "gone.md")
    (root / "round.md").symlink_to(root / "round.md")
    (root / "linked").symlink_to(root / "real")
    (root / "linked.md").symlink_to(root / "real")
    found = [*Folder(root).originals()]
    assert [it.id for it in found if isinstance(it, Original)] == ["inside.md", "real/a.md"]
    assert {it.name: it.reason.split(":")[0] for it in found if isinstance(it, Skipped)} == {
        "linked": "files without an ending are not read",
        "linked.md": "only files are read",
        "nowhere.md": "links that lead nowhere are not followed",
        "outside.md": "links that lead out of the folder are not followed",
        "round.md": "links that lead nowhere are not followed",
    }


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (found,) = Folder(tmp_path).originals()
    assert isinstance(found, Skipped)


def test_names_that_are_no_text_are_skipped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    (found,) = Folder(tmp_path).originals()
    assert isinstance(found, Skipped)
    assert found.reason == "the file name is not valid Unicode"


def test_reading_stops_just_after_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(MAX_BYTES * 3)
    assert len(originals(Folder(tmp_path))[0].read()) == MAX_BYTES + 1


def test_a_file_that_vanished_cannot_be_read_right_now(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    (found,) = originals(Folder(tmp_path))
    (tmp_path / "a.md").unlink()
    with pytest.raises(SourceUnavailable, match="cannot be read: no such file"):
        found.read()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="is not there"):
        next(Folder(tmp_path / "gone").originals())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_hides_what_is_in_it(tmp_path: Path) -> None:
    put(tmp_path, "closed/a.md")
    (tmp_path / "closed").chmod(0)
    found = [*Folder(tmp_path).originals()]
    (tmp_path / "closed").chmod(0o700)
    assert found == [Unlisted("closed/", "the folder cannot be read: permission denied")]


def test_what_is_swapped_for_a_link_after_listing_leads_nowhere(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a.md", "docs/b.md", "docs/deep/c.md")
    put(tmp_path, "secret/a.md", "secret/b.md", "secret/deep/c.md")
    file, in_folder, deep = originals(Folder(root))
    (root / "a.md").unlink()
    (root / "a.md").symlink_to(tmp_path / "secret" / "a.md")
    (root / "docs").rename(tmp_path / "away")
    (root / "docs").symlink_to(tmp_path / "secret")
    for found in (file, in_folder, deep):
        with pytest.raises(SourceUnavailable, match="cannot be read"):
            found.read()


def test_a_file_swapped_for_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    (found,) = originals(Folder(tmp_path))
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(SourceUnavailable, match="it is no file any more"):
        found.read()


def test_reading_leaves_nothing_open(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c/d.md")
    (found,) = originals(Folder(tmp_path))
    before = psutil.Process().num_fds()
    for _ in range(20):
        found.read()
    (tmp_path / "a/b/c/d.md").unlink()
    with pytest.raises(SourceUnavailable):
        found.read()
    assert psutil.Process().num_fds() == before


def test_a_date_that_no_calendar_has_is_no_date(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    os.utime(tmp_path / "a.md", (2**40, 2**40))
    (found,) = originals(Folder(tmp_path))
    assert (
        found.updated_at is None or found.updated_at.year > 2100
    )  # file systems differ in the last day they keep


def test_include_and_exclude_choose_files_and_folders(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "a.txt", "docs/b.md", "drafts/c.md", "drafts/deep/d.md")
    found = [*Folder(tmp_path, selection=Selection("*.md", "drafts/")).originals()]
    assert [it.id for it in found if isinstance(it, Original)] == ["a.md", "docs/b.md"]
    assert [it for it in found if isinstance(it, Skipped)] == [
        Skipped("a.txt", "left out by include or exclude"),
        Skipped("drafts", "folders left out by exclude"),
    ]


def test_a_source_is_opened_by_its_kind(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md")
    engine = create_engine("sqlite://")
    means = Means(Settings(), Fetcher(FetchSettings()), Memory(engine, "1"), tmp_path)
    options = {"base_url": "https://x.org", "exclude": "b.*"}
    registered = RegisteredSource("1", "T1", "docs", "folder", str(tmp_path), frozenset(), options)
    found = open_source(registered, means).originals()
    assert [it.url for it in found if isinstance(it, Original)] == ["https://x.org/a.md"]
    with pytest.raises(ConfigError, match="unknown kind gopher"):
        open_source(replace(registered, kind="gopher"), means)
    engine.dispose()
