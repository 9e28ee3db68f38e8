"""Relative links in Markdown made whole, so that they still lead somewhere once a passage is quoted. Pure."""

import re
from urllib.parse import urljoin, urlsplit

# Code comes first, so that what looks like a link in it is left alone. Every repetition is bounded: a page of a
# million backticks takes a moment, not a day.
_LINK = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`]{1,500}(?P=ticks)(?!`))"
    r"|(?P<before>\]\(\s{0,3}<?|^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]{1,3}<?)(?P<target>[^\s()<>]{1,2000})"
    r"(?=[ \t]*(?:[)>\"'\n]|\Z))",  # the end, or a title
    re.MULTILINE,
)


def resolve_links(markdown: str, url: str) -> str:
    """`markdown`, the links of which lead to the same places from anywhere as they do from `url`."""

    def whole(found: re.Match[str]) -> str:
        if found["code"]:
            return found["code"]
        return f"{found['before']}{_joined(url, found['target'])}"

    return _LINK.sub(whole, markdown)


def _joined(url: str, target: str) -> str:
    try:
        return target if urlsplit(target).scheme else urljoin(url, target)
    except ValueError:  # such as "http://[": left as it is
        return target
