"""Whose token goes to whom. Pure.

Anybody who may add a source chooses the host, so a token is never sent to a host that it was not made for.
"""

import base64
import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from ingestion.sources.code_hosts import Repository
from rag.errors import ConfigError

_FOR_HOST = re.compile(r"(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?|localhost:\d+)=(?P<token>\S+)")
_ISSUERS = {"gh": "github.com", "github_pat_": "github.com", "glpat-": "gitlab.com"}
"""Tokens that say themselves who made them. GitHub: ghp_, gho_, ghu_, ghs_ and github_pat_; GitLab: glpat-."""


def authorization(setting: SecretStr | None, repository: Repository) -> str | None:
    """The value of the header, where there is a token for the host of the repository.

    `setting` is one token of github.com or gitlab.com, or `host=token` for each host, with commas.
    Raises ConfigError when a token does not say whose it is.
    """
    tokens = (
        dict(map(_by_host, filter(None, re.split(r"[,\s]+", setting.get_secret_value())))) if setting else {}
    )
    token = tokens.get(urlsplit(repository.url).netloc)
    if token is None:
        return None
    return "Basic " + base64.b64encode(f"{repository.user}:{token}".encode()).decode()


def _by_host(entry: str) -> tuple[str, str]:
    if named := _FOR_HOST.fullmatch(entry):
        return named["host"].lower(), named["token"]
    for beginning, host in _ISSUERS.items():
        if entry.startswith(beginning):
            return host, entry
    raise ConfigError(
        "GIT_TOKEN must say which host it is for, as in git.example.org=TOKEN; see .env.example."
    )
