"""The door to what only admins may do."""

from typing import cast

from sqlalchemy import Engine

from workers.admin.administering import NO_ADMINS, NOT_AN_ADMIN, Administering
from workers.admin.admins import Admins
from workers.admin.audit import Audit


class OnlyInes:
    def may_administer(self, user_id: str) -> bool:
        return user_id == "U01INES"


def door(engine: Engine, channel_id: str = "C01ADMIN") -> Administering:
    return Administering(cast("Admins", OnlyInes()), Audit(engine, "T"), channel_id)


def test_who_may_is_not_refused_and_nothing_is_noted(engine: Engine) -> None:
    assert door(engine).refusal("U01INES", "remove", "wiki") is None
    assert Audit(engine, "T").latest() == []


def test_a_refusal_is_friendly_and_noted(engine: Engine) -> None:
    assert door(engine).refusal("U01MARCO", "remove", "wiki", channel_id="C1") == NOT_AN_ADMIN
    (entry,) = Audit(engine, "T").latest()
    assert (entry.user_id, entry.action, entry.subject, entry.outcome, entry.channel_id) == (
        *("U01MARCO", "remove", "wiki", "refused", "C1"),
    )


def test_where_there_are_no_admins_it_says_how_there_will_be(engine: Engine) -> None:
    assert door(engine, "").refusal("U01MARCO", "remove") == NO_ADMINS
