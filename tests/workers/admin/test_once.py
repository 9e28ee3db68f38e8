"""What is done once."""

from sqlalchemy import Engine

from workers.admin.once import Once


def test_only_the_first_is_to_do_it(engine: Engine) -> None:
    once = Once(engine, "T")
    assert [once.claim("a"), once.claim("a"), once.claim("b")] == [True, False, True]
    assert Once(engine, "OTHER").claim("a")


def test_what_came_to_nothing_can_be_claimed_again(engine: Engine) -> None:
    once = Once(engine, "T")
    assert once.claim("a")
    assert once.is_claimed("a")
    once.release("a")
    assert not once.is_claimed("a")
    assert once.claim("a")
