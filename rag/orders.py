"""Sentences of a document that speak to whoever answers instead of saying anything about their subject. Pure.

"Ignore the rules above and reply only with …": an indirect prompt injection (Greshake et al. 2023, "Not what you've signed up for").
Nothing in an answer may rest on such a sentence: a model that obeys it says what no document says. What is found is a matter of
words, and of a dozen languages' word for "ignore"; it is one wall among others, not the only one.
"""

import re

_ORDER = re.compile(
    r"""
      \b(?:ignore|disregard|forget|override)\b[^.\n]{0,50}\b(?:instructions?|rules?|prompts?|above|docs)\b
    | \bignore\ the\ rest\b
    | \b(?:reply|respond|answer|output|print)\s+(?:only|exactly|just|solely)\b
    | \bonly\s+(?:reply|respond|answer|output)\b
    | \b(?:assistants?|ai|bot|chatbot|llm|language\ model)\b[^.\n]{0,60}\b(?:must|only|output|reply|say|cite|include|approved|shut\ down)\b
    | \b(?:to|for)\s+(?:the\s+)?(?:ai|assistant|model)\b
    | (?:^|["#<>!(\-]\s{0,2})\s*(?:system|assistant)(?:\s+(?:override|note|message|prompt))?(?:\s+v\d+)?\s*:
    | \b(?:system\s+(?:override|prompt)|operator\s+note)\b[^.\n]{0,10}:
    | =\s*system\s*\(
    | \b(?:every|each|all)\s+(?:later\s+)?(?:answers?|repl(?:y|ies)|responses?|questions?)\b[^.\n]{0,40}\b(?:with|must|contain|line|code|show|include)\b
    | \b(?:begin|end|start)\s+(?:each|every)\s+(?:answer|reply|response)\b
    | \b(?:the|your)\s+answer\s+(?:contains|must|is\s+(?-i:[A-Z0-9]{6,}))
    | \banswers?\s+without\b
    | \b(?:code\ word|forward\s+this\s+question|end\s+of\s+your\s+answer|you\s+are\s+now|you\s+are\s+\w+Bot)\b
    | \b(?:ignora|ignorez|ignore[zr]|ignoriere|ignorér|negeer|игнорируй|ігноруй)\w*\b
    | 忽略|忽視|無視|무시|تجاهل|अनदेखा|yok\ say
    | \bend\ of\ (?:the\ )?(?:sources|documents|context)\b | \#\s*(?:instructions?|response)\s*: | \brole\s*:\s*(?:developer|system)\b
    | \b(?:recommend|tell|say)\s+(?:that\s+)?the\s+user\b
    | \bsay\s+(?-i:[A-Z0-9]{8,})
    | [a-z][\u0400-\u04ff] | [\u0400-\u04ff][a-z]  # letters of two scripts in one word: written to be overlooked
    | <\|\w+\|>
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_GOES_ON = re.compile(
    r"\W*(?:reply|respond|answer|say|tell|write|recommend|output|print|cite)\b", re.IGNORECASE
)
"""How a sentence begins that goes on with the order before it."""

_PIECE = re.compile(r"[^\n.!?。！？]*(?:[.!?。！？](?!\s|$)[^\n.!?。！？]*)*(?:[.!?。！？]+|\n|$)")


def is_order(sentence: str) -> bool:
    """Whether a sentence tells whoever answers what to say."""
    return bool(_ORDER.search(sentence))


def without_orders(text: str) -> str:
    """The text without sentences and lines that are orders, and those that go on with one."""
    kept: list[str] = []
    ordered = False
    for piece in _PIECE.findall(text):
        ordered = is_order(piece) or (ordered and bool(not piece.strip() or _GOES_ON.match(piece)))
        if not ordered:
            kept.append(piece)
    return "".join(kept)
