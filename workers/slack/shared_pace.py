"""Whose turn it is among all processes, kept in the broker's Redis. The arithmetic is that of `workers.slack.pacing.LocalPace`."""

import logging
import re
import threading
import time
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.slack.pacing import KEPT_SECONDS, LATE_SECONDS, SOON_SECONDS, Lane, LocalPace, Pace

log = logging.getLogger(__name__)

AWAY_SECONDS = 5.0
"""How long a Redis that did not answer is not asked again."""

_TIMEOUT_SECONDS = 0.5

# A lane is a hash: `arrival`, and for each one in the line "since told". Times are in seconds, `told` and `arrival` by the server's own
# clock. One script is one step.
_WAIT_FOR = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local lane, caller = KEYS[1], ARGV[1]
local since, interval, tolerance = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local soon, late, kept = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local arrival, before, ends = now, 0, now
local mine = redis.call('HGET', lane, 'in line:' .. caller)
if mine then
  since = tonumber(string.match(mine, '%S+'))
end
local fields = redis.call('HGETALL', lane)
for i = 1, #fields, 2 do
  if fields[i] == 'arrival' then
    arrival = math.max(now, tonumber(fields[i + 1]))
  elseif fields[i] ~= 'in line:' .. caller then
    local theirs, told = string.match(fields[i + 1], '(%S+) (%S+)')
    theirs, told = tonumber(theirs), tonumber(told)
    if told < now - kept then
      redis.call('HDEL', lane, fields[i])
    else
      ends = math.max(ends, told + kept)
      if theirs < since and told > now - late then before = before + 1 end
    end
  end
end

local wait = arrival + before * interval - tolerance - now
if wait < soon then
  wait = 0
  arrival = arrival + interval
  redis.call('HSET', lane, 'arrival', string.format('%.6f', arrival))
  redis.call('HDEL', lane, 'in line:' .. caller)
elseif caller ~= '' then
  ends = math.max(ends, now + wait + kept)
  redis.call('HSET', lane, 'in line:' .. caller, string.format('%.6f %.6f', since, now + wait))
end
redis.call('PEXPIRE', lane, math.ceil((math.max(ends, arrival) - now) * 1000) + 1)
return string.format('%.6f', wait)
"""

_CLOSE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local arrival = math.max(redis.call('HGET', KEYS[1], 'arrival') or 0, now + ARGV[1] + ARGV[2])
redis.call('HSET', KEYS[1], 'arrival', string.format('%.6f', arrival))
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), math.ceil((arrival - now) * 1000)))
"""


class SharedPace:
    """Whose turn it is, for all processes of a team. While Redis is away, each process keeps its own pace."""

    def __init__(self, client: Redis, *, team_id: str) -> None:
        self._prefix = f"footnote:pace:{team_id}"
        self._redis = client
        self._wait_for = client.register_script(_WAIT_FOR)
        self._close = client.register_script(_CLOSE)
        self._alone = LocalPace()
        self._away_until: float | None = None

    @classmethod
    def at(cls, broker_url: str, *, team_id: str) -> "SharedPace":
        """By the URL of the broker, as Celery reads it. Connects when it is first used."""
        client = Redis.from_url(
            as_redis_reads_it(broker_url),
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a connection that has been idle may be gone
        )
        return cls(client, team_id=team_id)

    def wait_for(self, lane: Lane, caller: str | None, *, since: float) -> float:
        counted = [lane.interval_seconds, lane.tolerance_seconds, SOON_SECONDS, LATE_SECONDS, KEPT_SECONDS]
        seconds = self._ask(self._wait_for, lane, [caller or "", since, *counted])
        return self._alone.wait_for(lane, caller, since=since) if seconds is None else float(seconds)

    def close(self, lane: Lane, seconds: float) -> None:
        self._alone.close(lane, seconds)
        self._ask(self._close, lane, [seconds, lane.tolerance_seconds])

    def _ask(self, script: Any, lane: Lane, arguments: list[str | float]) -> Any:
        """The script's answer; None while Redis is away."""
        if self._away_until is not None and time.monotonic() < self._away_until:
            return None
        try:
            answer = script(keys=[f"{self._prefix}:{lane.name}"], args=arguments)
        except (RedisError, OSError) as error:
            if self._away_until is None:
                log.warning("limits are kept per process, Redis is away (%s)", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return None
        if self._away_until is not None:
            log.info("limits are shared again")
            self._away_until = None
        return answer


def pace_of(broker_url: str, *, team_id: str) -> Pace:
    """The pace that all who share this broker keep."""
    if broker_url.startswith("memory://"):
        return LocalPace()
    return SharedPace.at(broker_url, team_id=team_id)


class Paces:
    """The pace of each workspace: Slack counts by workspace. One object for all threads of a process."""

    def __init__(self, broker_url: str) -> None:
        self._broker_url = broker_url
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def of(self, team_id: str) -> Pace:
        with self._lock:
            if team_id not in self._paces:
                self._paces[team_id] = pace_of(self._broker_url, team_id=team_id)
            return self._paces[team_id]


def as_redis_reads_it(broker_url: str) -> str:
    """Celery has names of its own for sockets and certificates."""
    url = broker_url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=")
    return re.sub(r"(?<=ssl_cert_reqs=)CERT_(\w+)", lambda constant: constant.group(1).lower(), url)
