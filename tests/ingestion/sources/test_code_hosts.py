"""What people paste is understood, what is no https address of a repository is refused, and links land on the file."""

import os
from pathlib import Path

import pytest

from ingestion.sources.code_hosts import repository_of
from rag.errors import ConfigError

SHARED = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).parents[4] / "shared")  # noqa: TID251 - test data


@pytest.mark.parametrize(
    ("pasted", "url", "place"),
    [
        ("https://github.com/org/repo", "https://github.com/org/repo.git", ""),
        ("https://github.com/org/repo.git", "https://github.com/org/repo.git", ""),
        ("https://github.com/org/repo/", "https://github.com/org/repo.git", ""),
        ("https://github.com/org/repo?tab=readme-ov-file#install", "https://github.com/org/repo.git", ""),
        ("  HTTPS://GitHub.com/Org/Repo ", "https://github.com/Org/Repo.git", ""),
        ("github.com/org/repo", "https://github.com/org/repo.git", ""),
        ("org/repo", "https://github.com/org/repo.git", ""),
        ("org/repo.github.io", "https://github.com/org/repo.github.io.git", ""),
        ("https://github.com/org/repo/tree/main/docs/a%20b", "https://github.com/org/repo.git", "main/docs/a b"),
        ("https://github.com/org/repo/blob/main/README.md", "https://github.com/org/repo.git", "main/README.md"),
        ("https://github.com/org/repo/wiki", "https://github.com/org/repo.wiki.git", ""),
        ("https://github.com/org/repo/wiki/Home", "https://github.com/org/repo.wiki.git", ""),
        ("https://github.com/org/repo.wiki.git", "https://github.com/org/repo.wiki.git", ""),
        ("https://gitlab.com/a/b/c/repo", "https://gitlab.com/a/b/c/repo.git", ""),
        ("https://gitlab.com/a/b/repo/-/tree/main/docs?ref_type=heads", "https://gitlab.com/a/b/repo.git", "main/docs"),
        ("https://gitlab.example.org:8443/a/repo.git", "https://gitlab.example.org:8443/a/repo.git", ""),
        ("https://codeberg.org/org/repo/src/branch/main/docs", "https://codeberg.org/org/repo.git", "main/docs"),
        ("https://bitbucket.org/org/repo/src/main/docs/", "https://bitbucket.org/org/repo.git", "main/docs"),
        ("https://git.sr.ht/~user/repo/tree/main/item/docs", "https://git.sr.ht/~user/repo", "main/docs"),
        ("https://git.sr.ht/~user/repo", "https://git.sr.ht/~user/repo", ""),
        ("https://dev.azure.com/org/project/_git/repo", "https://dev.azure.com/org/project/_git/repo", ""),
        ("https://dev.azure.com/org/my%20project/_git/repo", "https://dev.azure.com/org/my%20project/_git/repo", ""),
        (
            "https://dev.azure.com/org/project/_git/repo?path=/docs&version=GBmain",
            "https://dev.azure.com/org/project/_git/repo",
            "main/docs",
        ),
    ],
)  # fmt: skip
def test_what_people_paste_is_understood(pasted: str, url: str, place: str) -> None:
    repository = repository_of(pasted)
    assert (repository.url, repository.place) == (url, place)


@pytest.mark.parametrize(
    ("pasted", "link", "expected", "by_line"),
    [
        ("org/repo", "", "https://github.com/org/repo/blob/c0ffee/a%20b/%C3%BC%23.md", True),
        ("https://github.com/org/repo/wiki", "", "https://github.com/org/repo/wiki/%C3%BC%23/c0ffee", False),
        ("https://gitlab.com/a/b/repo", "", "https://gitlab.com/a/b/repo/-/blob/c0ffee/a%20b/%C3%BC%23.md", True),
        (
            "https://codeberg.org/o/r",
            "",
            "https://codeberg.org/o/r/src/commit/c0ffee/a%20b/%C3%BC%23.md?display=source",
            True,
        ),
        ("https://bitbucket.org/o/r", "", "https://bitbucket.org/o/r/src/c0ffee/a%20b/%C3%BC%23.md", False),
        ("https://git.sr.ht/~u/r", "", "https://git.sr.ht/~u/r/tree/c0ffee/item/a%20b/%C3%BC%23.md", False),
        (
            "https://dev.azure.com/o/p/_git/r",
            "",
            "https://dev.azure.com/o/p/_git/r?path=/a%20b/%C3%BC%23.md&version=GCc0ffee",
            False,
        ),
        ("https://code.example.org/o/r", "github", "https://code.example.org/o/r/blob/c0ffee/a%20b/%C3%BC%23.md", True),
        (
            "https://code.example.org/o/r",
            "https://view.example.org/r/{commit}/{path}",
            "https://view.example.org/r/c0ffee/a%20b/%C3%BC%23.md",
            False,
        ),
    ],
)  # fmt: skip
def test_links_open_the_file_at_the_commit(pasted: str, link: str, expected: str, by_line: bool) -> None:
    repository = repository_of(pasted, link=link)
    assert repository.link("c0ffee", "a b/ü#.md") == expected
    assert repository.by_line is by_line


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("git@github.com:org/repo.git", "give the address as https://github.com/org/repo."),
        ("ssh://git@github.com/org/repo", "give the address as https://github.com/org/repo."),
        ("http://github.com/org/repo", "over https only"),
        ("git://github.com/org/repo", "over https only"),
        ("https://user:secret@github.com/org/repo", "must not hold a user name or password"),
        ("https://org@dev.azure.com/org/project/_git/repo", "must not hold a user name or password"),
        ("https://github.com/org", "not the address of a repository"),
        ("https://github.com/org/repo/issues/3", "not the address of a repository"),
        ("https://github.com/org/../repo", "not the address of a repository"),
        ("https://github.com/org/%2e%2e", "not the address of a repository"),
        ("https://github.com/org/re%0apo", "not the address of a repository"),
        ("https://github.com/org/re po", "a character that no address has"),
        ("https://github.com\\@example.org/org/repo", "must not hold a user name"),
        ("https://github.com:99999/org/repo", "not an address"),
        ("https://[::1/org/repo", "not an address"),
        ("https://-oProxyCommand=id/org/repo", "no host that can be asked"),
        ("https://code.example.org/org/repo", "set the option link"),
        ("docs/../../etc", "over https only"),
        ("", "over https only"),
    ],
)
def test_all_else_is_refused_in_words_that_help(pasted: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as refused:
        repository_of(pasted)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("link", ["gopher", "{commit}", "ftp://x/{commit}/{path}", "https://x/{commit}"])
def test_a_link_that_makes_no_sense_is_refused(link: str) -> None:
    with pytest.raises(ConfigError, match="option link"):
        repository_of("https://code.example.org/org/repo", link=link)


def hostile_addresses() -> list[str]:
    path = SHARED / "security" / "ssrf_urls.txt"
    if not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]
    return [row[2] for row in rows if row[0] == "block" and row[1] in {"git", "scheme", "parser"}]


@pytest.mark.skipif(not hostile_addresses(), reason="the lists of hostile addresses are not here")
def test_every_hostile_address_is_refused() -> None:
    taken = []
    for address in hostile_addresses():
        for link in ("gitlab", "https://view.example.org/{commit}/{path}"):
            try:
                taken.append((address, repository_of(address, link=link)))
            except ConfigError:
                continue
    assert taken == []
