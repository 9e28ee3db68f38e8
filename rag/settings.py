"""The settings, the only reader of the environment (and of `.env` in the working folder).

Each section is read when it is first used, so that a command demands only what it needs: an ingestion run needs no
Slack token. `.env.example` lists every variable; a test keeps the two in step.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import ConfigError


def _prefixed(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=prefix, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )


def _app_token(token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    """Needed to open a socket, and for nothing else."""
    if info.data.get("mode") == "socket" and token is None:
        raise PydanticCustomError("missing", "is missing")
    if token is not None and not token.get_secret_value().startswith("xapp-"):
        raise ValueError("must start with xapp-")
    return token


def _bot_token(token: SecretStr, info: ValidationInfo) -> SecretStr:
    """That of one workspace; where there may be several, each has its own, and this one would be nobody's."""
    given = token.get_secret_value()
    if not info.data.get("client_id"):
        if not given:
            raise PydanticCustomError("missing", "is missing")
        if not given.startswith("xoxb-"):
            raise ValueError("must start with xoxb-")
    elif given:
        raise ValueError("must be empty beside SLACK_CLIENT_ID: each workspace has a token of its own")
    return token


def _client_id(client_id: str, info: ValidationInfo) -> str:
    """Apps in several workspaces are sent events by HTTP alone."""
    if client_id and info.data.get("mode") == "socket":
        raise ValueError("needs SLACK_MODE=http")
    return client_id


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _broker(url: str) -> str:
    if not url.startswith(("memory://", "redis://", "rediss://", "redis+socket://")):
        raise ValueError("must start with memory:// or redis://")
    return url


def _names(listed: str) -> tuple[str, ...]:
    """Names with commas or spaces between them; none for `none`."""
    return tuple(name for name in listed.replace(",", " ").split() if name != "none")


class SlackSettings(BaseSettings):
    model_config = _prefixed("SLACK_")

    mode: Literal["socket", "http"] = "socket"
    client_id: Annotated[str, AfterValidator(_client_id)] = ""
    bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] = Field(
        default=SecretStr(""), validate_default=True
    )
    app_token: Annotated[SecretStr | None, AfterValidator(_app_token)] = Field(
        default=None, validate_default=True
    )
    api_url: Annotated[str, AfterValidator(_with_slash)] = "https://slack.com/api/"
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    @property
    def is_for_several(self) -> bool:
        """Whether whoever may can install the app in their workspace."""
        return bool(self.client_id)


class TenancySettings(BaseSettings):
    """Whether there may be several workspaces, for those who need no token to know."""

    model_config = _prefixed("SLACK_")

    client_id: str = ""

    @property
    def is_for_several(self) -> bool:
        return bool(self.client_id)


class SlackOAuthSettings(BaseSettings):
    """How workspaces get in where there may be several. The secret is the bot's alone, the key is the workers', too."""

    model_config = _prefixed("SLACK_")

    client_secret: SecretStr | None = None
    token_key: SecretStr


class SlackHttpSettings(BaseSettings):
    """Where Slack's requests come in, in http mode; a section of its own, since only the bot needs the secret."""

    model_config = _prefixed("SLACK_")

    signing_secret: SecretStr
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=3000, ge=0, le=65535)


class StorageSettings(BaseSettings):
    """Where this installation keeps its things, and under which tenant."""

    model_config = _prefixed("")

    data_dir: Path = Path("data")
    database_url: str = ""
    team_id: str = Field(default="default", min_length=1, max_length=64)
    retention_days: int = Field(default=180, ge=0, le=36_500)

    @model_validator(mode="after")
    def _default_database(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data_dir / 'footnote.db'}")
        return self


class JobSettings(BaseSettings):
    model_config = _prefixed("")

    broker_url: Annotated[str, AfterValidator(_broker)] = "memory://"
    worker_threads: int = Field(default=4, ge=1, le=64)
    question_attempts: int = Field(default=4, ge=1, le=20)
    question_lease_seconds: float = Field(default=15, ge=1)
    question_budget_seconds: float = Field(default=120, ge=5)
    queue_limit: int = Field(default=200, ge=1)
    sweep_seconds: float = Field(default=2, gt=0)
    heartbeat_file: Path | None = None

    @property
    def embedded(self) -> bool:
        """Whether the bot process runs the worker itself."""
        return self.broker_url.startswith("memory://")


class IndexSettings(BaseSettings):
    model_config = _prefixed("INDEX_")

    url: str | None = None
    api_key: SecretStr | None = None
    collection: str = "footnote"
    timeout_seconds: float = Field(default=10, gt=0)


class EmbeddingSettings(BaseSettings):
    model_config = _prefixed("EMBEDDING_")

    model: str = "all-MiniLM-L6-v2"
    backend: Literal["auto", "torch", "openvino"] = "auto"


class IndexingSettings(BaseSettings):
    """What stands in the index beside the documents' own text."""

    model_config = _prefixed("INDEXING_")

    techniques: str = ""

    @property
    def technique_names(self) -> tuple[str, ...]:
        return _names(self.techniques)

    @property
    def token_vectors(self) -> bool:
        """Whether the index stores the vectors of tokens."""
        return "token_vectors" in self.technique_names


class FetchSettings(BaseSettings):
    """What may be fetched from elsewhere, and how much of it."""

    model_config = _prefixed("FETCH_")

    trusted_hosts: str = ""
    max_megabytes: float = Field(default=25, gt=0, le=500)
    timeout_seconds: float = Field(default=30, gt=0, le=300)
    pause_seconds: float = Field(default=0.5, ge=0, le=60)
    user_agent: str = "Footnote/0.1 (a team's own documentation bot)"


class ConfluenceSettings(BaseSettings):
    model_config = _prefixed("CONFLUENCE_")

    email: str = ""
    api_token: SecretStr | None = None


class NotionSettings(BaseSettings):
    model_config = _prefixed("NOTION_")

    token: SecretStr | None = None
    api_url: Annotated[str, AfterValidator(_with_slash)] = "https://api.notion.com/"


class GoogleSettings(BaseSettings):
    model_config = _prefixed("GOOGLE_")

    credentials_file: Path | None = None
    api_url: Annotated[str, AfterValidator(_with_slash)] = "https://www.googleapis.com/"


class GitSettings(BaseSettings):
    model_config = _prefixed("GIT_")

    token: SecretStr | None = None
    ca_file: Path | None = None


class LLMSettings(BaseSettings):
    model_config = _prefixed("LLM_")

    base_url: str | None = None
    api_key: SecretStr | None = None
    model: str = "gpt-4o-mini"
    timeout_seconds: float = Field(default=30, gt=0, le=300)
    context_tokens: int = Field(default=8000, ge=1000)
    tokenizer: str = ""

    @property
    def configured(self) -> bool:
        """Whether there is a model to ask; without one, answers are extractive."""
        return self.base_url is not None or self.api_key is not None


class RetrievalSettings(BaseSettings):
    model_config = _prefixed("RETRIEVAL_")

    candidates: int = Field(default=50, ge=1, le=1000)
    passages: int = Field(default=6, ge=1, le=50)
    answer_threshold: float = Field(default=0.3, ge=0, le=1)
    techniques: str = "greetings"
    reranker: str = ""

    @property
    def technique_names(self) -> tuple[str, ...]:
        """The first outermost."""
        return _names(self.techniques)


class AnswerSettings(BaseSettings):
    """How answers are checked and kept."""

    model_config = _prefixed("ANSWER_")

    checking: Literal["words", "model", "off"] = "words"
    clarifying: bool = True
    streaming: Literal["streams", "edits", "off"] = "streams"
    cache_seconds: float = Field(default=3600, ge=0)
    cache_answers: int = Field(default=1000, ge=1)
    follow_ups: Literal["questions", "always", "never"] = "questions"
    follow_up_hours: float = Field(default=24, gt=0)
    people_channel: str = ""


class AdminSettings(BaseSettings):
    """Who looks after the bot in Slack."""

    model_config = _prefixed("ADMIN_")

    channel: str = ""
    digest: str = "monday 09:00"


class LogSettings(BaseSettings):
    model_config = _prefixed("LOG_")

    format: Literal["text", "json"] = "text"


class TracingSettings(BaseSettings):
    """Where traces go, by the name that OpenTelemetry has for it; nowhere without one."""

    model_config = _prefixed("OTEL_EXPORTER_OTLP_")

    endpoint: str = ""


class MonitoringSettings(BaseSettings):
    """Where a process tells how it is; nowhere without a port."""

    model_config = _prefixed("MONITORING_")

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1, le=65535)


Section = TypeVar("Section", bound=BaseSettings)


class Settings:
    """All sections, each read and checked at first use.

    Raises ConfigError with one sentence that names the variables, at the first access of a faulty section. Sections can
    be given instead of read: `Settings(slack=SlackSettings(…))`.
    """

    def __init__(self, **sections: BaseSettings) -> None:
        vars(self).update(sections)

    @classmethod
    def names(cls) -> list[str]:
        """Those of the sections."""
        return [name for name, value in vars(cls).items() if isinstance(value, cached_property)]

    @cached_property
    def slack(self) -> SlackSettings:
        return _read(SlackSettings)

    @cached_property
    def slack_http(self) -> SlackHttpSettings:
        return _read(SlackHttpSettings)

    @cached_property
    def tenancy(self) -> TenancySettings:
        return _read(TenancySettings)

    @cached_property
    def slack_oauth(self) -> SlackOAuthSettings:
        return _read(SlackOAuthSettings)

    @cached_property
    def storage(self) -> StorageSettings:
        return _read(StorageSettings)

    @cached_property
    def jobs(self) -> JobSettings:
        return _read(JobSettings)

    @cached_property
    def index(self) -> IndexSettings:
        return _read(IndexSettings)

    @cached_property
    def embedding(self) -> EmbeddingSettings:
        return _read(EmbeddingSettings)

    @cached_property
    def indexing(self) -> IndexingSettings:
        return _read(IndexingSettings)

    @cached_property
    def fetch(self) -> FetchSettings:
        return _read(FetchSettings)

    @cached_property
    def confluence(self) -> ConfluenceSettings:
        return _read(ConfluenceSettings)

    @cached_property
    def notion(self) -> NotionSettings:
        return _read(NotionSettings)

    @cached_property
    def google(self) -> GoogleSettings:
        return _read(GoogleSettings)

    @cached_property
    def git(self) -> GitSettings:
        return _read(GitSettings)

    @cached_property
    def llm(self) -> LLMSettings:
        return _read(LLMSettings)

    @cached_property
    def retrieval(self) -> RetrievalSettings:
        return _read(RetrievalSettings)

    @cached_property
    def answer(self) -> AnswerSettings:
        return _read(AnswerSettings)

    @cached_property
    def admin(self) -> AdminSettings:
        return _read(AdminSettings)

    @cached_property
    def log(self) -> LogSettings:
        return _read(LogSettings)

    @cached_property
    def tracing(self) -> TracingSettings:
        return _read(TracingSettings)

    @cached_property
    def monitoring(self) -> MonitoringSettings:
        return _read(MonitoringSettings)


SECTIONS: tuple[type[BaseSettings], ...] = (
    SlackSettings,
    SlackHttpSettings,
    TenancySettings,
    SlackOAuthSettings,
    StorageSettings,
    JobSettings,
    IndexSettings,
    EmbeddingSettings,
    IndexingSettings,
    FetchSettings,
    ConfluenceSettings,
    NotionSettings,
    GoogleSettings,
    GitSettings,
    LLMSettings,
    RetrievalSettings,
    AnswerSettings,
    AdminSettings,
    LogSettings,
    MonitoringSettings,
    TracingSettings,
)


def _read(section: type[Section]) -> Section:
    try:
        return section()
    except ValidationError as error:
        prefix = section.model_config.get("env_prefix", "")
        faults = [f"{prefix}{fault['loc'][0]}".upper() + f" {_reason(fault)}" for fault in error.errors()]
        raise ConfigError(f"{', '.join(faults)}; see .env.example.") from None


def _reason(fault: object) -> str:
    """The fault in words, without the value: it may be a secret."""
    details = dict(fault) if isinstance(fault, dict) else {}
    if details.get("type") == "missing":
        return "is missing"
    message = str(details.get("msg", "is malformed"))
    return f"is malformed ({message.removeprefix('Value error, ')})"
