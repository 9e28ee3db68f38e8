"""Counting tokens without the model: all it takes is its tokenizer. Imports neither torch nor transformers."""

from collections.abc import Callable

from tokenizers import Tokenizer


class TokenCounter:
    """Tokens of a text as the model counts them, its special tokens included, never cut.

    `description` is what stands in a tokenizer.json. Any number of threads may share it; another process gets the
    description and makes its own.
    """

    def __init__(self, description: str) -> None:
        self.description = description
        self._tokenizer = uncut(description)

    def __call__(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)

    def __reduce__(self) -> tuple[Callable[[str], "TokenCounter"], tuple[str]]:
        return TokenCounter, (self.description,)


def uncut(description: str) -> Tokenizer:
    """A tokenizer that neither cuts nor pads, whatever its description says; many bundled ones say both."""
    tokenizer: Tokenizer = Tokenizer.from_str(description)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
