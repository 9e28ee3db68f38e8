"""What would be found for a question, and why, on one screen; and a chunk as it is indexed. Pure."""

from collections.abc import Iterable, Sequence

from rag.domain import MEMBERS, PUBLIC, Answer, Chunk, Outcome
from rag.explaining import Candidate, Explanation, Fate
from workers.elements import (
    Block,
    Element,
    actions,
    bullets,
    button,
    channel_element,
    escaped,
    link_element,
    note,
    preformatted,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.rendering import Rendered, defused

SHOW_CHUNK = "playground_chunk"
"""Begins the action ids of the buttons, which end in their numbers."""

TRYING = "Looking what I would find…"
NOT_TOLD = "I could not find out who may read there. Please choose a person of this workspace, or a channel that I am in."
CAME_TO_NOTHING = "I could not try that just now. Please ask again in a few minutes."
CHUNK_GONE = "That chunk is not in the index any more, or not for those that you tried it for."
AS_INDEXED = "The chunks as they are indexed, for you alone:"
NOT_YOURS = "You may not read that chunk yourself, so I don't show it."
_HIDDEN = "a passage that not everybody in this channel may read"
NOTHING = "Nothing that they may read was found."

_MOST: dict[Fate, int] = {
    "used": 10,
    "below": 3,
    "copy": 3,
    "left out": 3,
    "not for them": 3,
    "not searched": 3,
}
"""Rows of each, at most: so many fit on a screen."""

_WHY: dict[Fate, str] = {
    "below": "dropped: not among the best {best}",
    "copy": "dropped: the same text as a better one",
    "left out": "dropped by a later step",
    "not for them": "not for them: you may read it, they may not",
    "not searched": "not searched there: its source is not set for that channel",
}
_READERS = {MEMBERS: "members", PUBLIC: "public"}
_QUESTION_CHARS, _TITLE_CHARS, _CHUNK_CHARS, _KEYS = 200, 80, 8000, 3
_HEADINGS = ("#", "meaning", "words", "fused", "final")


def explained(
    trial_id: str,
    question: str,
    told: Explanation,
    *,
    reader: Sequence[Element],
    seen_by: frozenset[str],
    best: int | None = None,
) -> Rendered:
    """The result of a trial. `reader`: for whom it was tried, as elements; `best`: how many passages are read at most.

    `seen_by`: the reader keys of all who see the message; passages that are for none of these have neither title nor link.
    """
    rows = _shown(told.candidates)
    number = best or len(told.used)
    head: list[Element] = [
        text_element("Tried for "),
        *reader,
        text_element(f": {shortened(defused(question), _QUESTION_CHARS)}"),
    ]
    parts = [section(head), section([text_element(_decision(told), {"bold": True})])]
    if how := _how(told):
        parts.append(section([text_element(how)]))
    if not rows:
        parts.append(section([text_element(NOTHING)]))
        return Rendered(_summary(told), [rich_text(parts)])
    parts += [
        preformatted([text_element(_table(rows))]),
        bullets([section(_line(place, one, number, seen_by)) for place, one in enumerate(rows, start=1)]),
    ]
    if rest := _rest(told.candidates, rows):
        parts.append(section([text_element(rest)]))
    return Rendered(_summary(told), [rich_text(parts), *_buttons(trial_id, rows)])


def chunk_shown(chunk: Chunk) -> Rendered:
    """A chunk with all of the text that is embedded and matched."""
    text = defused(chunk.indexed_text)
    cut = len(text) > _CHUNK_CHARS
    about = f", chunk {chunk.position} of its document, as indexed"
    parts = [
        section([_link(chunk), text_element(f"{about}; its beginning" if cut else about)]),
        preformatted([text_element(shortened(text, _CHUNK_CHARS))]),
        section([text_element("Read by "), *_keys(chunk.readers)]),
    ]
    return Rendered("A chunk as indexed", [rich_text(parts)])


def chunk_meant(value: str) -> tuple[str, str]:
    """The trial and the chunk of a button's value."""
    trial_id, _, point_id = value.partition(":")
    return trial_id, point_id


def _shown(candidates: Iterable[Candidate]) -> list[Candidate]:
    left = dict(_MOST)
    rows = []
    for one in candidates:
        if left[one.fate]:
            left[one.fate] -= 1
            rows.append(one)
    return rows


def _decision(told: Explanation) -> str:
    answer = told.answer
    if answer.outcome is Outcome.NEEDS_CLARIFICATION:
        return "I would ask back, or say hello: nothing is answered."
    says = "I would answer" if answer.outcome is Outcome.ANSWERED else "I would say that I found no answer"
    return f"{says}: {_because(answer, told.threshold)}."


def _because(answer: Answer, threshold: float | None) -> str:
    if threshold is None:
        found = answer.outcome is Outcome.ANSWERED
        return f"the language model {'found one in the passages' if found else 'found none in the passages'}"
    if not answer.passages and answer.outcome is Outcome.NOT_FOUND:
        return "nothing was found to answer from"
    than = "at least" if answer.confidence >= threshold else "below"
    return f"the confidence {answer.confidence:.2f} is {than} the threshold {threshold:.2f}"


def _how(told: Explanation) -> str:
    searches = "" if told.searches == 1 else f", in {told.searches} searches"
    steps = f", then changed by {', '.join(told.steps)}" if told.steps else ""
    said = f"searched for “{shortened(defused(told.text), _QUESTION_CHARS)}”{searches}{steps}"
    return f"{said[0].upper()}{said[1:]}."


def _summary(told: Explanation) -> str:
    return escaped(_decision(told))


def _table(rows: Sequence[Candidate]) -> str:
    """Scores, a line for each; behind those of a list the place in it."""
    cells = [_HEADINGS, *(_scores(place, one) for place, one in enumerate(rows, start=1))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.rjust, row, widths)).rstrip() for row in cells)


def _scores(place: int, one: Candidate) -> tuple[str, ...]:
    return (
        str(place),
        _ranked(one.meaning, one.meaning_rank),
        _ranked(one.words, one.words_rank),
        _score(one.fused),
        _score(one.score),
    )


def _ranked(score: float | None, rank: int | None) -> str:
    return f"{_score(score)} #{rank}" if rank else _score(score)


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


def _line(place: int, one: Candidate, best: int, seen_by: frozenset[str]) -> list[Element]:
    is_seen = bool(one.chunk.readers & seen_by)
    line = [
        text_element(f"{place}  ", {"bold": True}),
        _link(one.chunk) if is_seen else text_element(_HIDDEN),
    ]
    if one.readers:
        line += [text_element("  ·  read by "), *_keys(one.readers)]
    if why := _WHY.get(one.fate, "").format(best=best):
        line.append(text_element(f"  ·  {why}", {"italic": True}))
    return line


def _link(chunk: Chunk) -> Element:
    path = [chunk.title, *(heading for heading in chunk.heading_path if heading != chunk.title)]
    label = shortened(defused(" › ".join(filter(None, path)) or chunk.document_id), _TITLE_CHARS)
    return link_element(chunk.url, label)


def _keys(readers: Iterable[str]) -> list[Element]:
    ordered = sorted(readers, key=lambda key: (key not in _READERS, key))
    found: list[Element] = []
    for reader in ordered[:_KEYS]:
        if found:
            found.append(text_element(", "))
        known = _READERS.get(reader)
        found.append(text_element(known) if known else channel_element(reader.removeprefix("channel:")))
    return [*found, text_element(" and more")] if len(ordered) > _KEYS else found or [text_element("nobody")]


def _rest(candidates: Sequence[Candidate], rows: Sequence[Candidate]) -> str:
    more = len(candidates) - len(rows)
    return f"And {more:,} more that were dropped." if more else ""


def _buttons(trial_id: str, rows: Sequence[Candidate]) -> list[Block]:
    """One for each chunk that those may read for whom it was tried."""
    shown = [
        button(f"{SHOW_CHUNK}_{place}", str(place), f"{trial_id}:{one.chunk.point_id}")
        for place, one in enumerate(rows, start=1)
        if one.readers
    ]
    return [note(AS_INDEXED), actions(shown)] if shown else []
