"""How many tokens a text is, and how much of it fits. Pure.

Where the language model's tokenizer is known (LLM_TOKENIZER) that counts. Else an estimate on the safe side: byte-level
tokenizers make of English about 4.5 letters a token, of other European languages 3 to 4, of digits and signs one each at
most, and of other scripts seldom more than one for two bytes.
"""

import re
from collections.abc import Callable, Iterable

CountTokens = Callable[[str], int]

_LETTERS = re.compile(r"[A-Za-z ]+")
_LETTERS_A_TOKEN = 3


def estimated_tokens(text: str) -> int:
    """As many tokens as `text` hardly ever has; 0 for none."""
    letters = sum(len(run) for run in _LETTERS.findall(text))
    plain = sum(character < "\x80" for character in text)
    beyond = len(text.encode(errors="replace")) - plain
    return -(-letters // _LETTERS_A_TOKEN) + (plain - letters) + -(-beyond // 2)


def fitted(text: str, tokens: int, count_tokens: CountTokens) -> str:
    """The longest beginning of `text` that has at most so many tokens, cut between words where it can be."""
    if tokens <= 0 or not text:
        return ""
    if count_tokens(text) <= tokens:
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if count_tokens(text[:middle]) <= tokens:
            least = middle
        else:
            most = middle - 1
    cut = text[:least]
    between = least if text[least].isspace() else max(cut.rfind(" "), cut.rfind("\n"))
    shorter = cut[:between] if between > 0 else cut
    return shorter if count_tokens(shorter) <= tokens else ""


def total(texts: Iterable[str], count_tokens: CountTokens) -> int:
    """The tokens of the messages of a chat, with what stands between them."""
    return sum(count_tokens(text) + _BETWEEN_MESSAGES for text in texts)


_BETWEEN_MESSAGES = 6
"""Role and delimiters of one message; 3 or 4 at most services."""
