"""One page has one address however it is written, and belongs to a source or not by that address alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.web.addresses import Scope, folder, looks_like_folder, memory_key, normalised

BASE = "https://docs.example.com/guide/start"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://docs.example.com/a#part", "https://docs.example.com/a"),
        ("HTTPS://Docs.Example.COM:443/a", "https://docs.example.com/a"),
        ("https://docs.example.com", "https://docs.example.com/"),
        ("https://docs.example.com?", "https://docs.example.com/"),
        ("https://docs.example.com:8443/a", "https://docs.example.com:8443/a"),
        ("https://docs.example.com/a/../b/./c", "https://docs.example.com/b/c"),
        ("https://docs.example.com/%7euser/%c3%a9", "https://docs.example.com/~user/%C3%A9"),
        ("https://docs.example.com/é x", "https://docs.example.com/%C3%A9%20x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        (
            "https://docs.example.com/a?utm_source=x&id=1&UTM_Medium=y&fbclid=z",
            "https://docs.example.com/a?id=1",
        ),
        ("https://docs.example.com/a?b=2&a=1", "https://docs.example.com/a?b=2&a=1"),
        ("sibling", "https://docs.example.com/guide/sibling"),
        ("../top", "https://docs.example.com/top"),
        ("?page=2", "https://docs.example.com/guide/start?page=2"),
        ("//other.example/x", "https://other.example/x"),
        ("  /spaces  ", "https://docs.example.com/spaces"),
        ("http://docs.example.com/old", "https://docs.example.com/old"),
        ("http://other.example/old", "http://other.example/old"),
        ("mailto:a@example.com", None),
        ("javascript:void(0)", None),
        ("file:///etc/passwd", None),
        ("https://user:secret@docs.example.com/", None),
        ("https://docs.example.com:99999/", None),
        ("https://docs.example.com/" + "x" * 3000, None),
    ],
)
def test_an_address_has_one_spelling(url: str, expected: str | None) -> None:
    assert normalised(url, BASE) == expected


@given(st.text(max_size=60))
def test_any_text_is_an_address_that_stays_as_it_is_or_none(text: str) -> None:
    once = normalised(text, BASE)
    if once is not None:
        assert normalised(once) == once
        assert once.isascii() and "#" not in once


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("https://x.example/docs", True),
        ("https://x.example/docs/", True),
        ("https://x.example/docs/a/b", True),
        ("https://x.example/docs?page=2", True),
        ("https://x.example/docs/a.PDF", True),
        ("https://x.example/docs/a.PNG", False),
        ("https://x.example/docs/app.js", False),
        ("https://x.example/docs-old/", False),
        ("https://x.example/", False),
        ("http://x.example/docs/", False),
        ("https://x.example.evil.example/docs/", False),
        ("https://x.example:8443/docs/", False),
    ],
)
def test_what_lies_below_the_prefix_is_held(url: str, held: bool) -> None:
    assert Scope("https://x.example/docs").holds(url) is held


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/", "https://x.example/"),
        ("https://x.example/docs", "https://x.example/docs"),
        ("https://x.example/docs/v1.2", "https://x.example/docs/v1.2"),
        ("https://x.example/docs/index.html", "https://x.example/docs/"),
        ("https://x.example/w/index.php?title=Home", "https://x.example/w/"),
    ],
)
def test_the_folder_of_an_address_is_what_it_has_below_it(url: str, expected: str) -> None:
    assert folder(url) == expected
    assert looks_like_folder(url) is (url == expected)


def test_keys_of_long_addresses_are_short_and_differ() -> None:
    one, other = (memory_key("page", f"https://x.example/{'x' * 900}{n}") for n in (1, 2))
    assert one != other and max(len(one), len(other)) <= 500
