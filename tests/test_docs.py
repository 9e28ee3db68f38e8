"""What the documents say is what runs: settings, commands, the map."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from rag.settings import SECTIONS

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "workers", "ingestion", "rag", "sandbox", "evals")
COMPOSE_ONLY = {"REDIS_PASSWORD", "POSTGRES_PASSWORD", "QDRANT_API_KEY"}


def variables() -> dict[str, str]:
    """Every variable of the settings with its default as .env.example would write it."""
    found = {}
    for section in SECTIONS:
        for name, field in section.model_fields.items():
            default = "" if field.is_required() or field.default is None else str(field.default)
            found[f"{section.model_config.get('env_prefix', '')}{name}".upper()] = default
    return found


def test_env_example_lists_every_variable_with_its_default_and_no_other() -> None:
    lines = re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    listed = {name: value for name, value in lines if name not in COMPOSE_ONLY}
    expected = variables()
    assert listed.keys() == expected.keys()
    defaults = {name: value for name, value in listed.items() if not value.endswith("-your-token")}
    for name, value in defaults.items():
        assert expected[name] in (value, f"{value}.0"), name


def test_the_map_names_every_module_of_the_packages_it_maps() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for package in PACKAGES:
        assert f"`{package}/`" in text
    named = set(re.findall(r"`((?:bot|workers|ingestion|rag|sandbox|evals)/[\w/]+\.py)`", text))
    missing = [name for name in named if not (ROOT / name).is_file()]
    assert named
    assert missing == []


def test_the_map_is_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_make_targets_and_commands_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", text)) <= targets
    for module in set(re.findall(r"python -m ([a-z_.]+)", text)):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_relative_links_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {_normal(line.partition("==")[0]) for line in lines if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {_normal(re.split(r"[\[=<>]", requirement)[0]) for requirement in wanted}
    assert names - pinned == set()
    assert not [line for line in lines if "@" in line or "+" in line.partition("#")[0]]


def test_only_one_place_reads_the_environment() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    readers = {
        name
        for name in listed.stdout.split()
        if re.search(r"os\.(environ|getenv)", (ROOT / name).read_text())
    }
    assert {name for name in readers if not name.startswith(("tests/", "evals/", "examples/"))} <= {
        "rag/settings.py"
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
