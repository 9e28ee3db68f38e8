"""What admins read on the home tab below what everybody does: health, sources, insights, failures, settings. Pure."""

from collections.abc import Iterator

from bot.admin.adding_form import new_button
from bot.admin.channel_replies import in_home, picker
from bot.home_blocks import DIVIDER, header, listing, named
from workers.admin.insights import Complaint, Insights
from workers.admin.overseeing import Overview
from workers.admin.source_words import listed
from workers.admin.standing import Standing
from workers.elements import (
    Block,
    Element,
    actions,
    date_element,
    link_element,
    note,
    section,
    shortened,
    text_element,
)
from workers.feedback import REASONS

_QUESTION_CHARS, _REASON_CHARS = 150, 150
_MOST_RUNS, _MOST_CHANNELS = 5, 15


def admin_blocks(found: Overview) -> Iterator[Block]:
    """About sixty blocks at most; a view takes a hundred."""
    yield DIVIDER
    yield header("For admins")
    yield named("Health")
    if found.standing:
        yield listing(*(section([*_stands(one)]) for one in found.standing))
    yield named("Sources")
    yield from listed(found.sources, found.latest).blocks
    yield actions([new_button()])
    yield from _insights(found.insights)
    yield from _failures(found)
    yield named("Channels with settings of their own")
    if not found.channels:
        yield note("None: every channel is as everywhere.")
    yield from in_home(found.channels, found.names, most=_MOST_CHANNELS)
    if len(found.channels) > _MOST_CHANNELS:
        yield note(f"and {len(found.channels) - _MOST_CHANNELS} more")
    yield actions([picker()])


def _stands(one: Standing) -> Iterator[Element]:
    yield text_element(one.name, {"bold": True})
    if not one.works:
        yield text_element("  ·  does not work", {"bold": True})
    yield text_element(f"  ·  {shortened(one.said, _REASON_CHARS)}")


def _failures(found: Overview) -> Iterator[Block]:
    """By the kind of fault, and the sources that could not be read the last time."""
    lines = [section([*line]) for line in (*_faults(found), *_failed_runs(found))]
    yield named(f"What failed in the last {found.failures.days} days")
    yield listing(*lines) if lines else note("Nothing.")


def _faults(found: Overview) -> Iterator[list[Element]]:
    if found.failures.apologies:
        yield [
            text_element("questions that ended in an apology: "),
            text_element(str(found.failures.apologies)),
        ]
    for one in found.failures.faults:
        times = "once" if one.times == 1 else f"{one.times} times"
        yield [
            text_element(f"tried again for {shortened(one.name, _REASON_CHARS)}, {times}, last "),
            date_element(one.last_at),
        ]


def _failed_runs(found: Overview) -> Iterator[list[Element]]:
    failed = [run for run in found.latest.values() if run.state == "failed"]
    for run in sorted(failed, key=lambda run: run.requested_at, reverse=True)[:_MOST_RUNS]:
        why = shortened(run.error or "no reason is known", _REASON_CHARS)
        at = [date_element(run.finished_at)] if run.finished_at else []
        yield [text_element(run.source_name, {"bold": True}), text_element(f"  ·  {why}  ·  "), *at]


def _insights(found: Insights) -> Iterator[Block]:
    """How it goes, and what is missing."""
    yield named(f"The last {found.days} days")
    outcomes = "  ·  ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in sorted(found.outcomes.items())
    )
    yield note(
        f"{found.asked} asked{f'  ·  {outcomes}' if outcomes else ''}  ·  {found.good} found helpful, {found.bad} not"
    )
    if found.gaps:
        yield named("What the documents do not say")
        yield listing(
            *(
                section([text_element(shortened(gap.question, _QUESTION_CHARS)), *_times(gap.times)])
                for gap in found.gaps
            )
        )
    if found.complaints:
        yield named("Not helpful")
        yield listing(*(section([*_complaint(one)]) for one in found.complaints))
    if found.hidden:
        yield note(f"{found.hidden} more, asked where not all admins can read")
    if found.grounds:
        yield named("What answers rest on")
        yield listing(
            *(
                section([link_element(ground.url, ground.title or ground.url), *_times(ground.answers)])
                for ground in found.grounds
            )
        )


def _times(count: int) -> list[Element]:
    return [text_element(f"  ·  {count} times")] if count > 1 else []


def _complaint(complaint: Complaint) -> Iterator[Element]:
    yield text_element(shortened(complaint.question, _QUESTION_CHARS) or "(nothing)")
    said = [REASONS.get(complaint.reason or "", ""), shortened(complaint.comment or "", _QUESTION_CHARS)]
    if reason := ": ".join(filter(None, said)):
        yield text_element(f"  ·  {reason}", {"italic": True})
