"""The digest as it stands in the admin channel. Pure; what people wrote is text and never markup."""

from collections.abc import Iterator

from rag.domain import Outcome
from workers.admin.source_words import plain_words
from workers.elements import (
    Block,
    Element,
    actions,
    bullets,
    button,
    counted,
    link_element,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.feedback import REASONS
from workers.rendering import Rendered
from workers.reporting.digest import Complaint, Digest, Gap

ADD_SOURCE, WRITE_ANSWER = "digest_add_source", "digest_write_answer"

NOTHING = "Nobody asked me anything in the last seven days."

_QUESTION_CHARS, _TITLE_CHARS, _COMMENT_CHARS = 150, 80, 300


def digest_message(digest: Digest) -> Rendered:
    """Its buttons carry the id of the question that they stand under."""
    head = [text_element("The last seven days: ", {"bold": True}), *_numbers(digest)]
    if digest.is_empty:
        return Rendered(NOTHING, [rich_text([section([text_element(NOTHING)])])])
    blocks = [rich_text([section(head)]), *_gaps(digest), *_complaints(digest)]
    return Rendered(plain_words(head), blocks)


def _numbers(digest: Digest) -> list[Element]:
    answered = digest.outcomes.get(Outcome.ANSWERED.value, 0)
    missing = digest.outcomes.get(Outcome.NOT_FOUND.value, 0)
    said = [counted(digest.asked, "question")]
    if digest.asked:
        said += [f"{answered / digest.asked:.0%} answered", f"{missing:,} not in the documents"]
    if digest.good or digest.bad:
        said.append(f"{digest.good:,} found helpful, {digest.bad:,} not")
    return [text_element("  ·  ".join(said))]


def _gaps(digest: Digest) -> Iterator[Block]:
    if digest.gaps:
        yield _title("What the documents do not say")
    for gap in digest.gaps:
        yield rich_text([section(_gap(gap))])
        buttons = [button(ADD_SOURCE, "Add a source", gap.question_id)]
        if gap.url:
            buttons.append(button(WRITE_ANSWER, "Write an answer", gap.question_id))
        yield actions(buttons)
    if digest.hidden_gaps:
        yield _note(
            f"Not answered either: {counted(digest.hidden_gaps, 'question')} asked in private, which I do not repeat."
        )


def _gap(gap: Gap) -> list[Element]:
    times = f"  ·  {gap.times} times" if gap.times > 1 else ""
    near: list[Element] = []
    if gap.closest:
        near = [
            text_element("  ·  closest page: "),
            link_element(gap.closest.url, shortened(gap.closest.title, _TITLE_CHARS)),
        ]
    return [_question(gap.question, gap.url), text_element(times or "  ·  once"), *near]


def _complaints(digest: Digest) -> Iterator[Block]:
    if digest.complaints:
        yield _title("Not helpful")
        yield rich_text([bullets([section(_complaint(one)) for one in digest.complaints])])
    if digest.hidden_complaints:
        yield _note(
            f"Not helpful either: {counted(digest.hidden_complaints, 'answer')} given in private, which I do not repeat."
        )


def _complaint(one: Complaint) -> list[Element]:
    reason = REASONS.get(one.reason or "", "no reason given")
    comment = f": “{shortened(' '.join(one.comment.split()), _COMMENT_CHARS)}”" if one.comment else ""
    return [_question(one.question, one.url), text_element(f"  ·  {reason}{comment}")]


def _question(text: str, url: str) -> Element:
    return link_element(url, shortened(" ".join(text.split()), _QUESTION_CHARS))


def _title(text: str) -> Block:
    return rich_text([section([text_element(text, {"bold": True})])])


def _note(text: str) -> Block:
    return rich_text([section([text_element(text, {"italic": True})])])
