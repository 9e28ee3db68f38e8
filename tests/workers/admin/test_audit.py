"""The audit, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from workers.admin.audit import Audit, Chain, chain_of
from workers.admin.audit import audit as table


def test_entries_are_read_newest_first_and_by_team(engine: Engine) -> None:
    audit = Audit(engine, "T")
    audit.note(
        "U1", "audience", "wiki", channel_id="C1", before={"readers": ["public"]}, after={"readers": []}
    )
    audit.note("U2", "remove", "wiki", outcome="refused")
    Audit(engine, "T2").note("U3", "add", "theirs")
    entries = audit.latest()
    assert [(it.user_id, it.action, it.subject, it.outcome) for it in entries] == [
        ("U2", "remove", "wiki", "refused"),
        ("U1", "audience", "wiki", "done"),
    ]
    assert (entries[1].channel_id, entries[1].before, entries[1].after) == (
        *("C1", {"readers": ["public"]}),
        {"readers": []},
    )
    assert [it.user_id for it in audit.latest(1)] == ["U2"]


def test_a_long_subject_is_cut_and_not_lost(engine: Engine) -> None:
    audit = Audit(engine, "T")
    audit.note("U1", "add", "x" * 5000)
    assert audit.latest()[0].subject == "x" * 200


def filled(engine: Engine, number: int = 100) -> Audit:
    audit = Audit(engine, "T")
    Audit(engine, "T2").note("U9", "add", "theirs")
    for one in range(number):
        audit.note(
            f"U{one}",
            "audience",
            f"wiki {one} ü",
            before={"readers": ["public"]},
            after={"every_seconds": one / 7},
        )
    return audit


def test_what_was_written_is_found_as_it_was(engine: Engine) -> None:
    audit = filled(engine, 5)
    chain = audit.checked()
    assert (chain.entries, chain.broken_at) == (5, None)
    assert chain.newest == audit.latest(1)[0].hash
    assert Audit(engine, "T3").checked() == Chain(0, "", None)


def test_a_hundred_changes_behind_our_back_are_found(engine: Engine) -> None:
    audit = filled(engine)
    ids = [row.id for row in rows(engine)]
    changed = {
        "user_id": "U-somebody-else",
        "channel_id": "C0",
        "action": "add",
        "subject": "other",
        "outcome": "refused",
        "before": None,
        "after": {"every_seconds": 1},
        "at": 1.0,
        "previous": "0" * 64,
        "hash": "0" * 64,
    }
    found = 0
    for number, entry_id in enumerate(ids):
        column, value = [*changed.items()][number % len(changed)]
        with engine.connect() as connection:
            connection.execute(update(table).where(table.c.id == entry_id).values({column: value}))
            planted = connection.execute(select(table).where(table.c.team_id == "T").order_by(table.c.id))
            found += chain_of(planted).broken_at is not None
            connection.rollback()
    assert found == len(ids) == 100
    assert audit.checked().broken_at is None


def test_one_taken_out_or_put_in_between_is_found(engine: Engine) -> None:
    audit = filled(engine, 5)
    second = rows(engine)[1]
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.id == second.id))
    assert audit.checked().broken_at is not None
    with engine.begin() as connection:
        connection.execute(insert(table).values(**second._mapping))
    assert audit.checked().broken_at is None
    first = rows(engine)[0]
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.id == first.id))
    assert audit.checked().broken_at is not None


def test_many_at_once_write_one_chain(engine: Engine) -> None:
    def write(number: int) -> None:
        for one in range(5):
            Audit(engine, "T").note(f"U{number}", "add", f"{one}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    chain = Audit(engine, "T").checked()
    assert (chain.entries, chain.broken_at) == (20, None)


def rows(engine: Engine) -> list[Row[Any]]:
    with engine.connect() as connection:
        return [*connection.execute(select(table).where(table.c.team_id == "T").order_by(table.c.id))]
