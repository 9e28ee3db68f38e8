"""Addresses of pages: one spelling for each, and which of them belong to a source. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import httpx2

_LONGEST = 2_000  # characters
_LONGEST_KEY = 400  # characters
_LAST_PORT = 65_535
_FILE = re.compile(r"/[^/]*\.[A-Za-z]{2,5}$")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_NOISE = re.compile(r"(?:utm_\w+|[gfy]clid|fbclid|msclkid|mc_[ce]id|_ga|phpsessid|jsessionid)", re.IGNORECASE)
"""Parameters that say where a visitor came from or who it is, not which page is meant."""

_ASSET = re.compile(
    r"\.(?:7z|avif?|bmp|bz2|css|dmg|eot|exe|gif|gz|ico|iso|jar|jpe?g|js|map|mov|mp[34]|msi|og[gv]|otf|png|svg|tar|tgz"
    r"|tiff?|ttf|wasm|wav|web[mp]|webmanifest|whl|woff2?|xz|zip)$",
    re.IGNORECASE,
)
"""What pages link to and nobody reads."""


def normalised(url: str, base: str | None = None) -> str | None:
    """The one spelling of an address, with `base` for a relative one; None when it is not one of http or https.

    Fragment, default port and tracking parameters are dropped, percent-encoding is as RFC 3986 §6.2.2 wants it, names
    are in lower case and in ASCII, dot segments resolved. A page of `base`'s own host is under https where `base` is: sites
    forget old addresses in their links and sitemaps.
    """
    try:
        whole = httpx2.URL(base).join(url.strip()) if base else httpx2.URL(url.strip())
        if base and whole.port is None and base.startswith(f"https://{whole.host}/"):
            whole = whole.copy_with(scheme="https")
        address = _spelled(whole) if _leads_to_pages(whole) else None
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        return None
    return address if address and len(address) <= _LONGEST else None


def _leads_to_pages(url: httpx2.URL) -> bool:
    return (
        url.scheme in {"http", "https"}
        and bool(url.host)
        and not url.userinfo
        and (url.port or 0) <= _LAST_PORT
    )


def _spelled(url: httpx2.URL) -> str:
    path, _, query = url.raw_path.decode("ascii").partition("?")
    parameters = [part for part in query.split("&") if part and not _NOISE.fullmatch(part.partition("=")[0])]
    address = f"{url.scheme}://{url.netloc.decode('ascii')}{_recoded(path) or '/'}"
    return f"{address}?{_recoded('&'.join(parameters))}" if parameters else address


def _recoded(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        letter = chr(int(match[1], 16))
        return letter if _UNRESERVED.fullmatch(letter) else match[0].upper()

    return re.sub(r"%([0-9A-Fa-f]{2})", one, text)


@dataclass(frozen=True, slots=True)
class Scope:
    """The pages of a source: those at `prefix` and below it, with a path that one of `include` and none of `exclude`
    matches (globs, in which * stands for slashes, too; without `include`, all do).
    """

    prefix: str
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def reaches(self, url: str) -> bool:
        """Whether `url` lies at the prefix or below it, whatever the globs say."""
        below = self.prefix if self.prefix.endswith("/") else f"{self.prefix}/"
        return url == self.prefix or url.startswith((below, f"{self.prefix}?"))

    def holds(self, url: str) -> bool:
        path = urlsplit(url).path
        return (
            self.reaches(url)
            and not _ASSET.search(path)
            and (not self.include or any(fnmatchcase(path, glob) for glob in self.include))
            and not any(fnmatchcase(path, glob) for glob in self.exclude)
        )


def origin(url: str) -> str:
    """`https://docs.example.com:8443` of any address there."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def folder(url: str) -> str:
    """What an address has below it: itself, unless it ends as a file does; then the folder that the file lies in."""
    page = url.partition("?")[0]
    return _FILE.sub("/", page)


def looks_like_folder(url: str) -> bool:
    return folder(url) == url


def memory_key(kind: str, url: str) -> str:
    """The key under which something about `url` is remembered; long addresses are cut, and told apart by a hash."""
    if len(url) <= _LONGEST_KEY:
        return f"{kind}:{url}"
    return f"{kind}:{url[:_LONGEST_KEY]}{hashlib.sha256(url.encode()).hexdigest()}"
