"""What the addresses of code hosts mean, and the links to files on them. Pure.

The shapes are those of the hosts' own pages (2026). Lines: GitHub, Gitea and Forgejo write `#L10-L20`, GitLab writes
`#L10-20` and reads both (its `line_highlighter.js`); Bitbucket (`#lines-10:20`), sourcehut (`#L10-20`) and Azure DevOps
(in the query) do not read that shape, so links there open the file at its top. Gitea shows lines of a page that it could
render only when asked for the source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from rag.errors import ConfigError


@dataclass(frozen=True, slots=True)
class CodeHost:
    """One kind of code host. `repository` matches the path of a pasted address, with the groups `name` and, where it
    points into the tree, `place`; `clone` and `file` are templates; `user` goes with a token.
    """

    kind: str
    repository: re.Pattern[str]
    clone: str
    file: str
    by_line: bool
    user: str = "git"


@dataclass(frozen=True, slots=True)
class Repository:
    """`url` is cloned. `place` is what an address says of branch and folder, `a/b/c`: where the one ends and the other
    begins only the repository's branches tell. `file` is the template of links to files.
    """

    url: str
    place: str
    file: str
    by_line: bool
    user: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.url.split("/")[:3])

    def link(self, commit: str, path: str) -> str:
        """Opens the file as it was at the commit."""
        page = path.rpartition("/")[2].rpartition(".")[0]
        values = {"commit": commit, "path": quote(path), "page": quote(page)}
        return re.sub(r"\{(commit|path|page)\}", lambda found: values[found[1]], self.file)


def _host(
    kind: str, repository: str, *, clone: str, file: str, by_line: bool = False, user: str = "git"
) -> CodeHost:
    return CodeHost(kind, re.compile(repository), clone, file, by_line, user)


_TWO = r"/(?P<name>[^/]+/[^/]+?)(?:\.git)?"

_GITHUB_WIKI = _host(
    "github-wiki",
    r"/(?P<name>[^/]+/[^/]+?)(?:/wiki(?:/.*)?|\.wiki\.git)/?",
    clone="{origin}/{name}.wiki.git",
    file="{origin}/{name}/wiki/{page}/{commit}",
    user="x-access-token",
)
_GITHUB = _host(
    "github",
    rf"{_TWO}(?:/(?:tree|blob)/(?P<place>.+?))?/?",
    clone="{origin}/{name}.git",
    file="{origin}/{name}/blob/{commit}/{path}",
    by_line=True,
    user="x-access-token",
)
_GITLAB = _host(
    "gitlab",
    r"/(?P<name>(?:(?!-/)[^/]+/)+(?!-/)[^/]+?)(?:\.git)?(?:/-/(?:tree|blob)/(?P<place>.+?))?/?",
    clone="{origin}/{name}.git",
    file="{origin}/{name}/-/blob/{commit}/{path}",
    by_line=True,
    user="oauth2",
)
_GITEA = _host(
    "gitea",
    rf"{_TWO}(?:/src/(?:branch|tag)/(?P<place>.+?))?/?",
    clone="{origin}/{name}.git",
    file="{origin}/{name}/src/commit/{commit}/{path}?display=source",
    by_line=True,
)
_BITBUCKET = _host(
    "bitbucket",
    rf"{_TWO}(?:/src/(?P<place>.+?))?/?",
    clone="{origin}/{name}.git",
    file="{origin}/{name}/src/{commit}/{path}",
    user="x-token-auth",
)
_AZURE = _host(
    "azure",
    r"/(?P<name>[^/]+/(?:[^/]+/)?_git/[^/]+?)/?",
    clone="{origin}/{name}",
    file="{origin}/{name}?path=/{path}&version=GC{commit}",
)
_SOURCEHUT = _host(
    "sourcehut",
    r"/(?P<name>~[^/]+/[^/]+?)(?:/tree/(?P<place>.+?))?/?",
    clone="{origin}/{name}",
    file="{origin}/{name}/tree/{commit}/item/{path}",
)
_UNKNOWN = _host("", r"/(?P<name>.+?)/?", clone="{origin}/{name}", file="")

_KINDS = {
    host.kind: host for host in (_GITHUB_WIKI, _GITHUB, _GITLAB, _GITEA, _BITBUCKET, _AZURE, _SOURCEHUT)
}
_KNOWN = {
    "github.com": _GITHUB,
    "gitlab.com": _GITLAB,
    "bitbucket.org": _BITBUCKET,
    "codeberg.org": _GITEA,
    "gitea.com": _GITEA,
    "dev.azure.com": _AZURE,
    "git.sr.ht": _SOURCEHUT,
}
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.)[\w.-]+")
_SSH = re.compile(r"(?:ssh://)?git@(?P<host>[A-Za-z0-9.-]+\.[A-Za-z]+)[:/](?P<name>[\w./~-]+)")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_ODD = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029]")


def repository_of(location: str, *, link: str = "") -> Repository:
    """What people paste for a repository: its https address, the page of a branch, folder or file in it, or `org/repo`
    for GitHub. `link` is the kind of host (`gitlab`, `gitea`, …) or a template of links to files, with `{commit}` and
    `{path}`: needed for hosts that are not known by name.

    Raises ConfigError for everything else, in words that say what to give instead.
    """
    address = _split(_spelled_out(location.strip()))
    origin = _origin(address)
    host = _host_of(address, link)
    path = unquote(address.path)
    found = host.repository.fullmatch(path)
    if not found or _ODD.search(path.replace(" ", "")) or {"", ".", ".."} & set(path.strip("/").split("/")):
        raise ConfigError(
            "This is not the address of a repository; give it as in https://github.com/org/repo."
        )
    name = quote(found["name"], safe="/~")
    return Repository(
        url=_filled(host.clone, origin, name),
        place=_place(host, found, address),
        file=_filled(link if "{" in link else host.file, origin, name),
        by_line=host.by_line and "{" not in link,
        user=host.user,
    )


def _spelled_out(location: str) -> str:
    if ssh := _SSH.fullmatch(location):
        name = ssh["name"].removesuffix(".git").strip("/")
        raise ConfigError(
            f"Repositories are fetched over https only; give the address as https://{ssh['host']}/{name}."
        )
    if location.partition("/")[0].lower() in _KNOWN:
        return f"https://{location}"
    return f"https://github.com/{location}" if _SHORT.fullmatch(location) else location


def _split(location: str) -> SplitResult:
    try:
        address = urlsplit(location)
        _ = address.port
    except ValueError:
        raise ConfigError("This is not an address; give it as in https://github.com/org/repo.") from None
    if address.scheme != "https" or not address.hostname:
        raise ConfigError(
            "Repositories are fetched over https only; give the address as in https://github.com/org/repo."
        )
    if "@" in address.netloc:
        raise ConfigError(
            "The address must not hold a user name or password: take out what stands before the @, and set GIT_TOKEN."
        )
    if _ODD.search(location):
        raise ConfigError("The address of the repository holds a character that no address has.")
    return address


def _origin(address: SplitResult) -> str:
    """Written anew, so that git's parser has nothing to read in another way than ours did."""
    host = (address.hostname or "").rstrip(
        "."
    )  # with the dot, it would be another name than the one it is held to
    try:
        host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ConfigError("The address of the repository has no host that can be asked.")
    return f"https://{host}" + (f":{address.port}" if address.port not in {None, 443} else "")


def _host_of(address: SplitResult, link: str) -> CodeHost:
    host = (address.hostname or "").removeprefix("www.")
    if "{" in link:
        if not (link.startswith(("https://", "http://")) and {"{commit}", "{path}"} <= set(_fields(link))):
            raise ConfigError("The option link must be an address with {commit} and {path} in it.")
        return _KNOWN.get(host, _UNKNOWN)
    known = _KINDS.get(link) if link else _KNOWN.get(host) or _guessed(host)
    if known is None:
        kinds = ", ".join(kind for kind in _KINDS if "-" not in kind)
        raise ConfigError(
            f"Where people open the files of this repository is not known: set the option link to the kind of its host "
            f"({kinds}) or to an address with {{commit}} and {{path}} in it."
        )
    if known is _GITHUB and _GITHUB_WIKI.repository.fullmatch(address.path):
        return _GITHUB_WIKI
    return known


def _guessed(host: str) -> CodeHost | None:
    """A host of one's own usually says in its name what runs there."""
    labels = set(host.split("."))
    marks = {"github": _GITHUB, "gitlab": _GITLAB, "gitea": _GITEA, "forgejo": _GITEA}
    return next((kind for mark, kind in marks.items() if mark in labels), None)


def _fields(template: str) -> list[str]:
    return re.findall(r"\{\w+\}", template)


def _filled(template: str, origin: str, name: str) -> str:
    return template.replace("{origin}", origin).replace("{name}", name)


def _place(host: CodeHost, found: re.Match[str], address: SplitResult) -> str:
    if host is _AZURE:
        query: Mapping[str, list[str]] = parse_qs(address.query)
        branch = query.get("version", [""])[0]
        folder = query.get("path", [""])[0].strip("/")
        return f"{branch.removeprefix('GB')}/{folder}".rstrip("/") if branch.startswith("GB") else ""
    place = found.groupdict().get("place") or ""
    return place.replace("/item/", "/", 1) if host is _SOURCEHUT else place
