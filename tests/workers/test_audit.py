"""The audit, on both databases."""

from sqlalchemy import Engine

from workers.audit import Audit


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
