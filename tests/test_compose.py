"""docker-compose.yml and the Dockerfile say what the code knows, and give a container no more than it needs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from rag.settings import SECTIONS

_ROOT = Path(__file__).parent.parent
_COMPOSE_TEXT = (_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
_SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(_COMPOSE_TEXT)["services"]
_NETWORKS: dict[str, dict[str, Any]] = yaml.safe_load(_COMPOSE_TEXT)["networks"]
_DOCKERFILE = (_ROOT / "Dockerfile").read_text(encoding="utf-8")

_APP = ["bot", "worker", "beat"]
_STORES = ["redis", "qdrant", "postgres"]
_VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
_OF_THE_BOT = {"SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET"}
_OF_A_MODE = {
    "SLACK_APP_TOKEN",
    "SLACK_BOT_TOKEN",
    "SLACK_TOKEN_KEY",
    *_OF_THE_BOT,
}  # some of them are needed; which ones, the bot says itself
_SECRETS = {"REDIS_PASSWORD", "POSTGRES_PASSWORD", "QDRANT_API_KEY", *_OF_A_MODE}


def _variables_of(section: type[BaseSettings]) -> set[str]:
    prefix = section.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper() for name in section.model_fields}


def _environment(service: str) -> dict[str, str]:
    return {name: str(value) for name, value in _SERVICES[service]["environment"].items()}


def test_there_are_the_services_of_the_distributed_mode() -> None:
    assert sorted(_SERVICES) == sorted(_APP + _STORES)


@pytest.mark.parametrize("service", _APP)
def test_every_variable_of_the_application_is_a_setting(service: str) -> None:
    known = set().union(*(_variables_of(section) for section in SECTIONS))

    assert set(_environment(service)) - known == set()


def test_every_setting_of_the_dockerfile_is_known() -> None:
    known = set().union(*(_variables_of(section) for section in SECTIONS))

    assert "DATA_DIR" in known
    assert "DATA_DIR=/data" in _DOCKERFILE


def test_every_variable_taken_from_outside_is_in_the_example() -> None:
    example = (_ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s*(\w+)=", example, flags=re.MULTILINE))

    assert {found["name"] for found in _VARIABLE.finditer(_COMPOSE_TEXT)} - named == set()


def test_no_secret_has_a_default() -> None:
    required = {
        found["name"] for found in _VARIABLE.finditer(_COMPOSE_TEXT) if found["rest"].startswith(":?")
    }

    assert required == _SECRETS - _OF_A_MODE
    empty = {found["name"] for found in _VARIABLE.finditer(_COMPOSE_TEXT) if found["rest"] == ":-"}
    assert empty >= _OF_A_MODE


def test_secrets_reach_only_those_who_need_them() -> None:
    used = {
        name: {found["name"] for found in _VARIABLE.finditer(yaml.safe_dump(service))} & _SECRETS
        for name, service in _SERVICES.items()
    }

    assert used == {
        "bot": {*_OF_A_MODE, "REDIS_PASSWORD", "POSTGRES_PASSWORD"},
        "worker": _SECRETS - _OF_THE_BOT,
        "beat": {"REDIS_PASSWORD"},
        "redis": {"REDIS_PASSWORD"},
        "qdrant": {"QDRANT_API_KEY"},
        "postgres": {"POSTGRES_PASSWORD"},
    }


@pytest.mark.parametrize("service", _APP)
def test_the_command_is_a_module_that_starts(service: str) -> None:
    python, *arguments = _SERVICES[service]["command"]

    assert python == "python"
    assert _exit_code([*arguments, "--help"]) == 0


@pytest.mark.parametrize("service", _APP)
def test_the_health_check_is_a_command_that_starts(service: str) -> None:
    kind, python, *arguments = _SERVICES[service]["healthcheck"]["test"]

    assert (kind, python) == ("CMD", "python")
    assert _exit_code([*arguments, "--help"]) == 0
    assert "HEARTBEAT_FILE" in _environment(service)
    assert _environment(service)["HEARTBEAT_FILE"].startswith("/tmp/")  # noqa: S108 - a tmpfs of the container


@pytest.mark.parametrize("service", _APP + _STORES)
def test_a_container_can_do_no_more_than_it_must(service: str) -> None:
    described = _SERVICES[service]

    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert "cap_add" not in described
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in described
    assert not {"0", "root"} & set(str(described["user"]).split(":"))
    assert not any("docker.sock" in volume for volume in described.get("volumes", []))


@pytest.mark.parametrize("service", _APP + _STORES)
def test_a_container_comes_back_and_says_how_it_is(service: str) -> None:
    described = _SERVICES[service]

    assert described["restart"] == "unless-stopped"
    assert described["healthcheck"]["test"]
    assert described["logging"]["options"]["max-size"]


@pytest.mark.parametrize("service", _APP + _STORES)
def test_nothing_is_published(service: str) -> None:
    assert "ports" not in _SERVICES[service]
    assert _SERVICES[service].get("network_mode") is None


@pytest.mark.parametrize("service", _STORES)
def test_the_stores_are_pinned_and_out_of_reach(service: str) -> None:
    assert _SERVICES[service]["networks"] == ["stores"]
    assert _NETWORKS["stores"] == {"internal": True}
    assert re.search(r":v?\d+\.\d+", _SERVICES[service]["image"])


@pytest.mark.parametrize("service", _APP)
def test_an_app_waits_for_the_stores_that_it_uses(service: str) -> None:
    waits = _SERVICES[service]["depends_on"]
    urls = " ".join(_environment(service).values())

    assert set(waits) == {store for store in _STORES if f"{store}:" in urls.replace("redis://", "")}
    assert all(wait == {"condition": "service_healthy"} for wait in waits.values())


def test_redis_keeps_what_it_was_told() -> None:
    command = " ".join(_SERVICES["redis"]["command"])

    assert "--appendonly yes --appendfsync everysec --maxmemory-policy noeviction" in command
    assert "requirepass $$REDIS_PASSWORD" in command


def test_the_image_has_its_own_user_and_no_build_tools() -> None:
    last_stage = _DOCKERFILE.split("\nFROM ")[-1]

    assert "USER 10001:10001" in last_stage
    assert "HF_HUB_OFFLINE=1" in last_stage
    assert not re.search(r"build-essential|gcc|pip install", last_stage)
    assert "install --quiet --no-cache-dir --disable-pip-version-check -c constraints.txt ." in _DOCKERFILE


def test_the_image_holds_the_application_and_nothing_else() -> None:
    lines = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert let_in >= {"bot", "workers", "ingestion", "rag", "migrations", "pyproject.toml", "constraints.txt"}
    assert "manifest.json" in let_in  # `python -m bot manifest`
    assert let_in <= {path.name for path in _ROOT.iterdir()}
    assert not {".env", "tests", "sandbox", "evals", "data", ".git"} & let_in


def _exit_code(arguments: list[str]) -> int:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=_ROOT, capture_output=True, timeout=60, check=False
    )
    return done.returncode
