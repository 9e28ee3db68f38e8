"""How parts stand: each looked at, none waited for."""

from threading import Event
from time import monotonic

from rag.errors import ConfigError, IndexUnavailable
from workers.admin.standing import Standing, standing


def test_what_works_says_how_and_what_does_not_says_why() -> None:
    def away() -> str:
        raise IndexUnavailable("the index does not answer")

    def wrong() -> str:
        raise ConfigError("LLM_MODEL is missing.")

    def broken() -> str:
        raise KeyError("what somebody asked")

    found = standing({"a": lambda: "fine", "b": away, "c": wrong, "d": broken})
    assert found == [
        Standing("a", works=True, said="fine"),
        Standing("b", works=False, said="the index does not answer"),
        Standing("c", works=False, said="LLM_MODEL is missing."),
        Standing("d", works=False, said="KeyError"),
    ]
    assert standing({}) == []


def test_what_hangs_holds_up_nobody() -> None:
    ends = Event()

    def hangs() -> str:
        ends.wait(20)
        return ""

    began = monotonic()
    slow, slower, quick = standing({"a": hangs, "b": hangs, "c": lambda: "fine"}, seconds=0.3)
    assert monotonic() - began < 2
    assert (slow.works, slower.works, quick.works) == (False, False, True)
    assert "no answer within" in slow.said
    ends.set()
