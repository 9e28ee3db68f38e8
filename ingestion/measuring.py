"""How many tokens a text takes, counted word by word where the tokenizer allows it: each word only once.

Tokenizers that cut at white space first (WordPiece, as of BERT's family) make of a text what they make of its words. For
these, counting a text again costs a look-up a word; for others every count runs the tokenizer.
"""

from collections.abc import Callable
from functools import lru_cache

_LONGEST_TOKEN = 16
"""Characters that a token may stand for on average, so that no chunk is a million characters of "one token"."""

_MOST_WORDS = 100_000  # remembered
_PROBE = "The quick (brown) fox's 12.5% – über naïve_code `x = y[0]`\n\n| a | b |\n- 日本語 テスト\n\n한국어 https://x.org/a?b=c"


class Ruler:
    """Lengths of texts in the model's tokens, without the special ones that it puts around each."""

    def __init__(self, count_tokens: Callable[[str], int]) -> None:
        self.count_tokens = count_tokens
        self.special = count_tokens("")
        self._words: dict[str, int] = {}
        self.adds_up = self._exactly(_PROBE) == sum(map(self._exactly, _PROBE.split()))

    def measure(self, text: str) -> int:
        """Tokens of the text; more where single tokens stand for very long words, as some tokenizers make them."""
        tokens = sum(map(self._word, text.split())) if self.adds_up else self._exactly(text)
        return max(tokens, len(text) // _LONGEST_TOKEN)

    def _exactly(self, text: str) -> int:
        return self.count_tokens(text) - self.special

    def _word(self, word: str) -> int:
        tokens = self._words.get(word)
        if tokens is None:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            tokens = self._words[word] = self._exactly(word)
        return tokens


@lru_cache(maxsize=4)
def ruler(count_tokens: Callable[[str], int]) -> Ruler:
    """The ruler of a tokenizer, with what it remembers of other documents."""
    return Ruler(count_tokens)
