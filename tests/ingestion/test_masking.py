"""Secrets go, whole and wherever they stand; what only looks like one stays; no text makes it slow.

The samples are put together from parts, so that no scanner takes this file for a leak.
"""

import json
import os
import random
import re
import string
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.masking import RULES, mask
from ingestion.masking.rules import Rule

SHARED = Path(os.environ.get("FOOTNOTE_SHARED", Path(__file__).parents[3] / "shared"))  # noqa: TID251 - data of the tests alone
HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook"

SURROUNDINGS = {
    "alone": "{}",
    "sentence": "Please use {} for staging, and tell nobody.",
    "end of a sentence": "For staging we use {}.",
    "parentheses": "(for staging: {})",
    "env": "DEBUG=1\nVALUE={}\nPORT=80\n",
    "yaml": "service:\n  value: {}\n  port: 80\n",
    "quoted yaml": 'service:\n  value: "{}"\n  port: 80\n',
    "json": '{{"value": "{}", "port": 80}}',
    "code": "```sh\nrun {}\n```",
    "inline code": "Run `run {}` once.",
    "table": "| name | value |\n|---|---|\n| staging | {} |\n",
    "emphasis": "Use **{}** here",
}


def samples() -> list[dict[str, str]]:
    file = SHARED / "security" / "secrets_samples.jsonl"
    if not file.exists():
        return []
    rows = map(json.loads, file.read_text().splitlines())
    return [{**row, "text": "".join(row["parts"]), "core": max(row["parts"], key=len)} for row in rows]


def characters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """A token as a service would draw it, the same each time."""
    return "".join(random.Random(count).choices(alphabet, k=count))  # noqa: S311 - no secret


HEX = characters(32, "0123456789abcdef")


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.skipif(not samples(), reason="the shared samples are not here")
def test_the_shared_samples(surroundings: str) -> None:
    for sample in samples():
        text = SURROUNDINGS[surroundings].format(sample["text"])
        masked, removed = mask(text)
        if sample["expect"] == "keep":
            assert (masked, removed) == (text, Counter()), sample["id"]
        else:
            assert sample["core"] not in masked and removed.total() == 1, sample["id"]
            assert masked.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("kind", "before", "secret", "after"),
    [
        ("GitHub token", "git clone https://", "ghp" + "_" + characters(36), "@github.com/acme/x"),
        ("Slack token", "export BOT=", "xoxb" + "-123456789012-1234567890123-" + characters(24), "\n"),
        ("AWS access key", "id ", "AK" + "IA" + "QWERTZUIOP234567", " is ours"),
        ("Stripe key", "stripe ", "sk" + "_live_" + characters(24), ""),
        ("API key", "DeepSeek: ", "sk" + "-" + HEX, ""),
        ("SendGrid key", "mail ", "SG" + "." + characters(22) + "." + characters(43), ""),
        ("Telegram token", "https://api.telegram.org/bot", "1234567890" + ":AA" + characters(33), "/getMe"),
        ("npm token", "//registry.npmjs.org/:_authToken=", "npm" + "_" + characters(36), "\n"),
        ("Notion token", "NOTION=", "ntn" + "_" + characters(46), ""),
        ("password", "postgresql://app:", "s3cr3t", "@db.corp.example:5432/app"),
        ("password", "redis://:", "hunter2", "@cache.corp.example"),
        ("password", "Wi-Fi password: ", "Sommer2024!", " (guests: other)"),
        ("password", "Login **password:** `", "Sommer2024!", "`."),
        ("password", "the root password is ", "Winter-2031", ", sorry"),
        ("password", "DB_PASS=", "f00bar", "\n"),
        ("password", "spring.datasource.password=", "f00!bar", "\n"),
        ("password", '"db_password": "', "f,00|bar", '"'),
        ("password", "| Admin password | ", "c0ffee#Pot", " | both floors |"),
        ("password", "Passcode: ", "483920", ""),
        ("password", "contraseña: ", "Verano2031", ""),
        ("password", "machine x.example login bot password ", "f00bar", "\n"),
        ("password", "curl -u admin:", "f00bar", " https://x.example/"),
        ("password", "mysqldump --password=", "f00bar", " app"),
        ("password", "Authorization: Basic ", "YWRtaW46aHVudGVyMg==", ""),
        ("key", "AWS_SECRET_ACCESS_KEY=", characters(40, string.ascii_letters + string.digits + "+/"), "\n"),
        ("key", "  apiKey: '", characters(24), "'"),
        ("key", 'config["client_secret"] = "', characters(30), '"'),
        ("key", "x-api-key: ", HEX, "\n"),
        ("key", "https://api.example/v1?api_key=", characters(32), "&page=2"),
        ("key", "run --token ", characters(24), " now"),
        ("key", "signing key is ", characters(24), "."),
        ("key in an address", "https://", characters(24), "@git.corp.example/x.git"),
        (
            "signature in an address",
            "https://x.blob.core.windows.net/a?sv=2024&sig=",
            characters(43) + "%3D",
            "",
        ),
    ],
)
def test_a_secret_goes_and_the_rest_of_the_line_stays(
    kind: str, before: str, secret: str, after: str
) -> None:
    assert mask(f"{before}{secret}{after}") == (f"{before}[removed: {kind}]{after}", Counter({kind: 1}))


@pytest.mark.parametrize(
    "text",
    [
        "Set SLACK_BOT_TOKEN=xoxb-your-token and start.",
        "api_key: <your-api-key>",
        "API_KEY=changeme",
        "the key AKIAIOSFODNN7EXAMPLE of the AWS manual",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "password: ${DB_PASSWORD}",
        "password: {{ vault_password }}",
        "password: %(db_password)s",
        "password = os.environ['DB_PASSWORD1']",
        "password=getpass()",
        "password: DB_PASSWORD_V2",
        "postgres://user:password@localhost/app",
        "postgres://user:<password>@localhost/app",
        'curl -u "apikey:{apikey}" https://x.example',
        "Password: at least 12 characters, changed every 90-days",
        "Password: 12-character minimum",
        "password: string",
        "Passwords are hashed with argon2id. Password hash: sha256",
        "| Password | Type1 | required |\n|---|---|---|",
        "The password is case-sensitive.",
        "Forgot your password? See https://id.corp.example/reset2",
        "password_policy: Level3",
        "max_tokens: 4096",
        "tokenizer: all-MiniLM-L6-v2",
        "secret: my-app-secret-2031",
        "token_url=https://id.corp.example/oauth2/v2.0/token",
        "tokens: see auth/tokens_v2.py",
        "The secretary: Dr. Jones2, room 14",
        "key: 3f2b8c1e-5a47-4d7e-9f10-2b6c7d8e9f01",
        "cursor token=3f2b8c1e-5a47-4d7e-9f10-2b6c7d8e9f01",
        "https://maps.example/?searchToken=5902rmnmjz5fivko9172xs74c&page=2",
        "commit 9ee8595b835c77b4f04cfb54b40b5d446f985a35",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "part number SK-4711-0815-AB12, order AP1234567890",
        "call +49 30 901820 or +1 (900) 555-0142",
        "IBAN DE89 3704 0044 0532 0130 00",
        "mailto:jo@corp.example and https://corp.example/@jo",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtVb2x1bWUgb2YgdGhlIGtleSBpcyBoZXJl user@host",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
        "Paste it between -----BEGIN RSA PRIVATE KEY----- and -----END RSA PRIVATE KEY-----, dots included.",
        "![](data:image/png;base64," + characters(400) + ")",
        "At 10:30: password reset; 11:00: token expiry talk",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert mask(text) == (text, Counter())


def test_a_private_key_goes_whole_also_where_its_end_is_missing() -> None:
    lines = "\n".join(characters(64) for _ in range(5))
    for begin, end in (("RSA ", "RSA "), ("", ""), ("ENCRYPTED ", "ENCRYPTED ")):
        head, tail = f"-----BEGIN {begin}PRIVATE" + " KEY-----", f"-----END {end}PRIVATE" + " KEY-----"
        masked, removed = mask(f"before\n{head}\n{lines}\n{tail}\nafter")
        assert masked == "before\n[removed: private key]" + "\n" * 7 + "after" and removed.total() == 1
        cut, _ = mask(f"before\n{head}\n{lines}\n\nand prose without any stop after it")
        assert characters(64) not in cut and "and prose without any stop" in cut


def test_markdown_escapes_do_not_hide_a_token() -> None:
    token = "ghp" + "\\_" + characters(36)
    assert mask(f"it is {token}.")[0] == "it is [removed: GitHub token]."


def test_the_counter_names_kinds_and_never_values() -> None:
    token = "glpat" + "-" + characters(20)
    _, removed = mask(f"{token} and {token} and password: hunter22")
    assert removed == {"GitLab token": 2, "password": 1}


@given(st.lists(st.sampled_from(
    ["password", ": ", "=", " is ", "hunter22", "token", "secret_key", '"', "`", "|", " ", "\n", "https://", "a:", "@x.example",
     "AKIA" + "QWERTZUIOP234567", "ghp_" + "a1B2" * 9, "eyJ" + "a1B2" * 4, ".", "-----BEGIN PRIVATE" + " KEY-----", "]", "[removed: key]",
     "A1b2C3d4E5f6G7h8", "Bearer ", "curl -u ", "--", "?sig=", "x" * 9, "\\", "_", "é", "İ"]
), max_size=25).map("".join))  # fmt: skip
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    masked, _ = mask(text)
    assert mask(masked) == (masked, Counter())
    assert masked.count("\n") == text.count("\n")


BEGINNINGS = (
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN A B C ", "Private-Lines: 9 ", "://", "://a:b", "password:", "password ", "password is a",
    "token=", 'token="', "secret-", "-eyJaaaaaaaaa.", " xoxb-", "1234567890:AA", "sk-", ".SG.", "sl.", "aaaaaaaaaaaaaa.atlasv1.", "aaa1Q~",
    "login a password ", " -u a:", "Bearer ", "?sig=a", "--token=", "a", "1", "_", "\\_", " ", "\n", '"', "| password |", "access key", "a.",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}: {rule.words[0]}")
def test_no_text_makes_a_rule_slow(rule: Rule) -> None:
    """30 kB built to make it go back and forth: a pattern that is not linear would take far longer."""
    started = time.process_time()
    for beginning in BEGINNINGS:
        for filling in ("", "a"):
            rule.applied(((beginning + filling) * 30_000)[:30_000], Counter())
    assert time.process_time() - started < 3


def test_nothing_in_the_handbook_is_taken_for_a_secret() -> None:
    pages = [path.read_text() for path in sorted(HANDBOOK.rglob("*.md"))]
    assert len(pages) > 30
    assert sum((mask(page)[1] for page in pages), Counter()) == {}


def test_kinds_are_words_that_a_reader_understands() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[\w. -]{3,30}", rule.kind)
        assert all(word == word.lower() for word in rule.words) and rule.words
