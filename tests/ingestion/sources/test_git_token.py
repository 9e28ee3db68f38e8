"""A token goes to the host that it was made for, and to no other."""

import base64

import pytest
from pydantic import SecretStr

from ingestion.sources.code_hosts import repository_of
from ingestion.sources.git_token import authorization
from rag.errors import ConfigError


def sent(setting: str, location: str) -> str | None:
    value = authorization(
        SecretStr(setting), repository_of(location, link="gitea" if "corp" in location else "")
    )
    return base64.b64decode(value.removeprefix("Basic ")).decode() if value else None


@pytest.mark.parametrize(
    ("setting", "location", "expected"),
    [
        ("ghp_a", "https://github.com/o/r", "x-access-token:ghp_a"),
        ("github_pat_a", "https://github.com/o/r", "x-access-token:github_pat_a"),
        ("glpat-a", "https://gitlab.com/o/r", "oauth2:glpat-a"),
        ("glpat-a,ghp_b", "https://github.com/o/r", "x-access-token:ghp_b"),
        ("bitbucket.org=a=b=", "https://bitbucket.org/o/r", "x-token-auth:a=b="),
        ("git.corp:8443=a", "https://git.corp:8443/o/r", "git:a"),
        ("ghp_a", "https://gitlab.com/o/r", None),
        ("ghp_a", "https://github.com.evil.corp/o/r", None),
        ("github.com=a", "https://github.com:8443/o/r", None),
        ("github.com=a", "https://gist.github.com/o/r", None),
    ],
)
def test_a_token_is_for_one_host(setting: str, location: str, expected: str | None) -> None:
    assert sent(setting, location) == expected


def test_a_token_that_does_not_say_whose_it_is_is_sent_to_nobody() -> None:
    with pytest.raises(ConfigError, match="must say which host it is for") as refused:
        sent("s3cret", "https://github.com/o/r")
    assert "s3cret" not in str(refused.value)


def test_without_a_token_nothing_is_sent() -> None:
    assert authorization(None, repository_of("org/repo")) is None
