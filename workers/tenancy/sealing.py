"""Tokens at rest: sealed with a key of the operator's, bound to the workspace that they are of.

Fernet (AES-128-CBC and HMAC-SHA256; https://github.com/fernet/spec) seals text, yet does not say for whom. The workspace's id is
sealed in with its token, so that a row copied over another one's opens to nothing.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from rag.errors import ConfigError

_MALFORMED = "SLACK_TOKEN_KEY is malformed: make one with `python -m bot key`; see .env.example."


class Seal:
    """By `keys` with commas or spaces between them: the first one seals, all of them open. Raises ConfigError when one is no key."""

    def __init__(self, keys: str) -> None:
        try:
            made = [Fernet(key) for key in keys.replace(",", " ").split()]
            self._fernet = MultiFernet(made)
        except ValueError:
            raise ConfigError(_MALFORMED) from None

    def sealed(self, team_id: str, token: str) -> str:
        """The token as it is kept."""
        return self._fernet.encrypt(f"{team_id}\n{token}".encode()).decode()

    def opened(self, team_id: str, sealed: str) -> str:
        """The token. Raises ConfigError where none of the keys opens it, or it is another workspace's."""
        try:
            whose, _, token = self._fernet.decrypt(sealed.encode()).decode().partition("\n")
        except InvalidToken:
            whose = token = ""
        if whose != team_id:
            raise ConfigError(
                f"SLACK_TOKEN_KEY does not open what is kept of workspace {team_id}: add the key that was used before, "
                "or have the app installed there again."
            )
        return token


def new_key() -> str:
    """A fresh one."""
    return Fernet.generate_key().decode()
