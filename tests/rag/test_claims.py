"""A reply in claims, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claims import taken_apart

REPLY = """\
Yes. You have **25 days** [1]. They expire on 31 March. [2]

Do this:

1. Open Pennywise [1]
2. Press *New claim* [1], then wait for it.

```sh
pip install pennywise
```
[3]

| City | Rate |
|---|---|
| Leeds | £38 [1] |
| London | £50 [2] |

## Elsewhere

Somebody said so [4]."""


def test_every_claim_comes_with_its_marks() -> None:
    claims = taken_apart(REPLY).claims
    assert [(claim.said, claim.marks) for claim in claims] == [
        ("You have 25 days.", (1,)),
        ("They expire on 31 March.", (2,)),
        ("Open Pennywise", (1,)),
        ("Press New claim, then wait for it.", (1,)),
        ("```sh\npip install pennywise\n```", (3,)),
        ("Leeds £38", (1,)),
        ("London £50", (2,)),
        ("Somebody said so.", (4,)),
    ]
    assert [claim.code for claim in claims].count(True) == 1


def kept(reply: str, *places: int) -> str:
    apart = taken_apart(reply)
    return apart.rebuilt({place: apart.claims[place].marks or (9,) for place in places})


def test_all_that_stands_stays_in_its_form() -> None:
    rebuilt = kept(REPLY, *range(8))
    assert rebuilt.startswith("Yes. You have **25 days** [1]. They expire on 31 March [2].")
    for line in ("Do this:", "1. Open Pennywise [1]", "```sh\npip install pennywise\n```\n\n[3]", "|---|---|", "| Leeds | £38 [1] |"):  # fmt: skip
        assert line in rebuilt
    assert "## Elsewhere\n\nSomebody said so [4]." in rebuilt


@pytest.mark.parametrize(
    ("places", "gone"),
    [
        ((0,), ["31 March", "Do this", "pip", "City", "Elsewhere"]),
        ((7,), ["Yes.", "25 days", "Do this", "|"]),
        ((3,), ["Open Pennywise", "Yes.", "pip"]),
        ((5,), ["London", "Elsewhere", "Do this"]),
        ((), ["Yes", "Do", "Leeds", "#", "|"]),
    ],
)
def test_what_introduces_nothing_goes_with_what_it_introduced(
    places: tuple[int, ...], gone: list[str]
) -> None:
    rebuilt = kept(REPLY, *places)
    assert [text for text in gone if text in rebuilt] == []
    assert bool(rebuilt) == bool(places)


def test_a_claim_without_a_mark_gets_the_one_it_is_given() -> None:
    assert kept("25 days a year", 0) == "25 days a year [9]"


@given(st.text(alphabet=st.sampled_from("ab1 .|#`-[]\n:*"), max_size=120))
def test_any_reply_can_be_taken_apart_and_nothing_stays_of_what_is_unsupported(reply: str) -> None:
    apart = taken_apart(reply)
    assert apart.rebuilt({}) == ""
    whole = apart.rebuilt(dict.fromkeys(range(len(apart.claims)), (1,)))
    assert bool(whole) == bool(apart.claims)
