# One image for the bot, the workers and the schedule; docker-compose.yml says which of them a container is.
FROM python:3.11-slim-bookworm AS dependencies

# An index that has torch without CUDA saves 3 GB: docker compose build --build-arg PIP_EXTRA_INDEX_URL=… worker
ARG PIP_EXTRA_INDEX_URL=
WORKDIR /build
RUN python -m venv --without-pip /venv
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN pip --python /venv/bin/python install --quiet --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM python:3.11-slim-bookworm

# Git reads repositories that are sources.
RUN apt-get update && apt-get install --yes --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*

# A fixed id, so that a mounted folder can be given to it.
RUN groupadd --gid 10001 footnote \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin footnote \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false \
    HOME=/tmp \
    DATA_DIR=/data

WORKDIR /app
COPY --from=dependencies /venv /venv
COPY . .
# The root is read-only when it runs: what Python would write beside the sources is written now.
RUN python -m compileall -q bot workers ingestion rag migrations

# Nothing is written but to /data and /tmp.
USER 10001:10001
CMD ["python", "-m", "bot"]
