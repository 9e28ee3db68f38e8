"""The program git is ended when it takes too long or too much, and sees nothing of our environment."""

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from ingestion.sources.git_process import Git, GitFailed, Outgrown
from rag.errors import ConfigError
from tests.conftest import missing


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = Git(tmp_path / "git", most_bytes=1_000_000)
    try:
        git.prepare({})
    except ConfigError as error:
        missing("git", error)
    return git


def test_a_missing_or_an_old_program_is_named_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "old-git"
    old.write_text("#!/bin/sh\necho git version 2.36.9\n")
    old.chmod(0o755)
    for program in (str(old), "git-that-is-not-there"):
        with pytest.raises(ConfigError, match=r"need the program git, version 2\.37 or newer"):
            Git(tmp_path / "git", most_bytes=1000, program=program).prepare({})


def test_a_host_that_never_answers_is_given_up_with_all_that_was_started(git: Git) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/x.git"
        started = time.monotonic()
        with pytest.raises(GitFailed, match="takes too long"):
            git.run("ls-remote", "--", url, network=True, seconds=0.5)
        assert time.monotonic() - started < 5
    left = [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "git" in " ".join(child.cmdline())
    ]
    assert left == []


def test_output_beyond_the_limit_is_refused_or_cut(git: Git) -> None:
    assert git.run("version", most_output=3, cut=True) == b"git"
    with pytest.raises(Outgrown):
        git.run("version", most_output=3)
    assert git.run("version", most_output=1000).startswith(b"git version")


def test_a_folder_that_fills_up_ends_it(tmp_path: Path) -> None:
    filler = tmp_path / "filler"
    filler.write_text(
        "#!/bin/sh\n[ $1 = version ] && echo git version 2.40 && exit\nwhile :; do head -c 100000 /dev/zero >> grown; sleep 0.01; done\n"
    )
    filler.chmod(0o755)
    git = Git(tmp_path / "git", most_bytes=20_000_000, program=str(filler))
    git.prepare({})
    with pytest.raises(Outgrown):
        git.run("fill", most_growth=1_000_000)
    with pytest.raises(GitFailed) as refused:
        git.run("fill", seconds=60)
    assert not isinstance(refused.value, Outgrown)


def test_only_https_is_spoken_and_only_where_the_network_is_wanted(git: Git, tmp_path: Path) -> None:
    git.make("sha1")
    for url in (
        f"file://{tmp_path}",
        "ssh://git@127.0.0.1/x",
        "git://127.0.0.1/x",
        "http://127.0.0.1:1/x",
        "ext::sh -c id",
    ):
        with pytest.raises(GitFailed):
            git.run("ls-remote", "--", url, network=True)
        assert "not allowed" in (tmp_path / "git" / "complaint").read_text()
    with pytest.raises(GitFailed):
        git.run("ls-remote", "--", "https://127.0.0.1:1/x")
    assert "not allowed" in (tmp_path / "git" / "complaint").read_text()


def test_nothing_of_our_environment_is_handed_on(tmp_path: Path) -> None:
    teller = tmp_path / "teller"
    teller.write_text("#!/bin/sh\n[ $1 = version ] && echo git version 2.40 && exit\nenv; ulimit -v\n")
    teller.chmod(0o755)
    git = Git(tmp_path / "git", most_bytes=1_000_000, program=str(teller))
    git.prepare({"http.https://x.org/.extraHeader": "Authorization: s3cret"})
    said = git.run("tell").decode().split("\n")
    names = {line.partition("=")[0] for line in said if "=" in line} - {"PWD", "SHLVL", "_", "OLDPWD"}
    assert {name for name in names if not name.startswith("GIT_")} == {"PATH", "HOME", "LC_ALL"}
    assert f"PATH={os.defpath}" in said
    assert "2000000" in said
    assert "s3cret" not in "\n".join(said)
    assert "s3cret" in git.run("tell", network=True).decode()
