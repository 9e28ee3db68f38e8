"""What of a growing reply may be shown: whole sentences, lines and blocks, and never less than before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.drafting import whole


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("You have 25 da", ""),
        ("You have 25 days [1].", ""),  # another mark may follow
        ("You have 25 days [1]. Ask", "You have 25 days [1]. "),
        ("You have 25 days. [1] Ask", "You have 25 days. [1] "),
        ("You have 25 days. [", ""),
        ("It is **done.** Then", "It is **done.** "),
        ("Version 1.2 is", ""),
        ("- one [1]\n- two", "- one [1]\n"),
        ("Like so:\n```sh\nmake run\n", "Like so:\n"),
        ("Like so:\n```sh\nmake run. Or\n```\nThen", "Like so:\n```sh\nmake run. Or\n```\n"),
        ("Like so:\n``", "Like so:\n"),
        ("| a | b |\n|---|---|\n| x. Y | z", "| a | b |\n|---|---|\n"),
        ("二十五日です。[1] 次", "二十五日です。[1] "),
    ],
)
def test_what_is_shown_ends_with_something_whole(reply: str, shown: str) -> None:
    assert whole(reply) == shown


@given(st.text(alphabet="ab .!?[1]\n`|*-", max_size=60))
def test_it_only_grows_outside_of_code_and_is_always_a_beginning(reply: str) -> None:
    shown = ""
    for end in range(len(reply) + 1):
        now = whole(reply[:end])
        assert reply.startswith(now)
        if "`" not in reply:
            assert now.startswith(shown)
        shown = now
