"""What people paste is taken for what it is."""

from pathlib import Path

import pytest

from ingestion.kinds import KINDS, Proposal, checked_options, in_words, interval, recognise
from rag.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://docs.example.com/guide/", Proposal("web", "https://docs.example.com/guide/", "docs.example.com/guide")),
        ("https://example.com/sitemap.xml", Proposal("web", "https://example.com/sitemap.xml", "example.com")),
        ("<https://example.com>", Proposal("web", "https://example.com", "example.com")),
        ("https://github.com/acme/docs", Proposal("git", "https://github.com/acme/docs", "acme/docs")),
        ("https://gitlab.com/acme/docs.git", Proposal("git", "https://gitlab.com/acme/docs.git", "acme/docs")),
        ("https://git.corp.example/team/wiki.git", Proposal("git", "https://git.corp.example/team/wiki.git", "team/wiki")),
        ("https://github.com/features/actions", Proposal("web", "https://github.com/features/actions", "github.com/features/actions")),
        ("https://github.com/acme", Proposal("web", "https://github.com/acme", "github.com/acme")),
        ("https://acme.atlassian.net/wiki/spaces/ENG/overview", Proposal("confluence", "https://acme.atlassian.net/wiki/spaces/ENG/overview", "Confluence ENG")),
        ("https://wiki.corp.example/display/HR/Home", Proposal("confluence", "https://wiki.corp.example/display/HR/Home", "Confluence HR")),
        ("https://www.notion.so/acme/Team-Handbook-0123456789abcdef0123456789abcdef", Proposal("notion", "https://www.notion.so/acme/Team-Handbook-0123456789abcdef0123456789abcdef", "Team Handbook")),
        ("https://drive.google.com/drive/folders/1AbCdEf_gHiJ-k2?usp=sharing", Proposal("google_drive", "https://drive.google.com/drive/folders/1AbCdEf_gHiJ-k2?usp=sharing", "Google Drive 1AbCdEf_gH")),
        ("https://drive.google.com/drive/u/0/folders/0AKx3Uk9PVAabc", Proposal("google_drive", "https://drive.google.com/drive/u/0/folders/0AKx3Uk9PVAabc", "Google Drive 0AKx3Uk9PV")),
        ("https://docs.google.com/document/d/1AbCdEf_gHiJ-k2/edit#heading=h.1", Proposal("google_drive", "https://docs.google.com/document/d/1AbCdEf_gHiJ-k2/edit#heading=h.1", "Google Drive 1AbCdEf_gH")),
        ("https://docs.google.com/spreadsheets/u/1/d/1AbCdEf_gHiJ-k2", Proposal("google_drive", "https://docs.google.com/spreadsheets/u/1/d/1AbCdEf_gHiJ-k2", "Google Drive 1AbCdEf_gH")),
        ("https://docs.google.com/presentation/d/1AbCdEf_gHiJ-k2/edit", Proposal("google_drive", "https://docs.google.com/presentation/d/1AbCdEf_gHiJ-k2/edit", "Google Drive 1AbCdEf_gH")),
        ("https://docs.google.com/document/d/e/2PACX-1vAbCdEfGh/pub", Proposal("web", "https://docs.google.com/document/d/e/2PACX-1vAbCdEfGh/pub", "docs.google.com/document/d/e/2PACX-1vAbCdEfGh/pub")),
        ("https://drive.google.com.evil.example/drive/folders/1AbCdEf_gHiJ-k2", Proposal("web", "https://drive.google.com.evil.example/drive/folders/1AbCdEf_gHiJ-k2", "drive.google.com.evil.example/drive/folders/1AbCdEf_gHiJ-k2")),
        ("C0123ABCD", Proposal("slack_channel", "C0123ABCD", "C0123ABCD")),
        ("<#C0123ABCD|help-desk>", Proposal("slack_channel", "C0123ABCD", "C0123ABCD")),
        ("https://acme.slack.com/archives/C0123ABCD/p1700000000000100", Proposal("slack_channel", "C0123ABCD", "C0123ABCD")),
    ],
)  # fmt: skip
def test_a_link_is_recognised(text: str, expected: Proposal) -> None:
    assert recognise(text) == expected


def test_a_path_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "COMPANY").mkdir()
    assert recognise(str(tmp_path / "COMPANY")) == Proposal("folder", str(tmp_path / "COMPANY"), "COMPANY")


@pytest.mark.parametrize(
    "text", ["", "nowhere/at/all", "ftp://example.com/x", "javascript:alert(1)", "file:///etc"]
)
def test_what_is_nothing_of_the_kind_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a"):
        recognise(text)


def test_a_given_kind_goes_before_what_it_looks_like() -> None:
    assert recognise("https://github.com/acme/docs", kind="web").kind == "web"
    assert recognise("C0123ABCD", kind="slack_files").kind == "slack_files"
    assert recognise("F0123ABCD", kind="slack_file") == Proposal("slack_file", "F0123ABCD", "F0123ABCD")
    with pytest.raises(ConfigError, match="by its id"):
        recognise("https://example.com/travel.md", kind="slack_file")
    with pytest.raises(ConfigError, match="no kind ftp"):
        recognise("https://example.com", kind="ftp")


def test_options_are_those_of_the_kind() -> None:
    assert checked_options("git", {"branch": "main"}) == {"branch": "main"}
    with pytest.raises(
        ConfigError, match="A folder has no option branch; it takes base_url, exclude, include"
    ):
        checked_options("folder", {"branch": "main"})


@pytest.mark.parametrize(
    ("text", "seconds", "words"),
    [
        ("30m", 1800.0, "every 30 min"),
        ("6h", 21600.0, "every 6 h"),
        ("1 day", 86400.0, "every 1 d"),
        ("90 min", 5400.0, "every 90 min"),
        ("off", None, "only when asked"),
    ],
)
def test_intervals_are_read_and_said(text: str, seconds: float | None, words: str) -> None:
    assert interval(text) == seconds
    assert in_words(seconds) == words


@pytest.mark.parametrize("text", ["", "often", "0m", "-5h", "5s", "99999d", "h"])
def test_other_intervals_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no interval"):
        interval(text)


def test_every_kind_has_an_interval_of_a_minute_or_more() -> None:
    assert all(kind.every_seconds >= 60 for kind in KINDS.values())
