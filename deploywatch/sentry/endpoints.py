"""How many requests of a release went to an endpoint, and how many of them failed: spans, grouped by transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from deploywatch.errors import SentryAuthError, SentryEndpointMissing, SentryNotFound, SentryRejected, SentryUnavailable
from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import Client
from deploywatch.sentry.failures import REQUESTS
from deploywatch.sentry.issues import quoted
from deploywatch.sentry.stats import SCOPE
from deploywatch.sentry.wire import stamp
from deploywatch.watch.source import EndpointTally

MAX_ENDPOINTS: Final = 10
"""As many groups as Sentry gives."""

# Addresses beyond 8 KiB are refused by what usually stands before a server; the rest of the question needs some room.
_LONGEST_SEARCH: Final = 5_000
_MOST_POINTS: Final = 60
# Servers differ in how these are written in a search, so they are searched as "anything"; the answer says the whole name.
_UNSURE: Final = re.compile(r"[\\\x00-\x1f\x7f]+")


class ReleaseEndpoints:
    """Counts the requests of one release in an environment and in projects, endpoint by endpoint."""

    def __init__(self, client: Client, *, release: str, environment: str | None, projects: tuple[str, ...]) -> None:
        self._client = client
        self._release = release
        self._environment = environment
        self._projects = projects
        self._is_able = True

    def count(self, names: Sequence[str], start: datetime, end: datetime) -> tuple[EndpointTally, ...] | None:
        """The requests to endpoints of exactly these names in ``[start, end)``; ``None`` where this server cannot tell.

        Raises ``SentryAuthError``, once, where it is the token that may not, and ``SentryUnavailable``.
        """
        text, asked = _search(names, self._release)
        if not self._is_able or not text or end <= start:
            return None
        try:
            return tuple(_tallies(self._ask(text, start, end), asked))
        except (SentryEndpointMissing, SentryNotFound):
            self._is_able = False
            return None
        except SentryRejected:
            # Also the answer to a question that took too long, so it is asked again the next time.
            return None
        except SentryAuthError:
            self._is_able = False
            raise

    def _ask(self, text: str, start: datetime, end: datetime) -> object:
        where = self._client.path("events-timeseries")
        minutes = max(1, -((start - end) // timedelta(minutes=_MOST_POINTS)))
        asked = [
            ("dataset", REQUESTS.dataset),
            ("query", text),
            ("start", stamp(start)),
            ("end", stamp(end)),
            ("interval", f"{minutes}m"),
            *(("yAxis", axis) for axis in REQUESTS.axes()),
            ("groupBy", "transaction"),
            ("topEvents", str(MAX_ENDPOINTS)),
            ("sort", f"-{REQUESTS.total}"),
            ("excludeOther", "1"),
            *([("environment", self._environment)] if self._environment else []),
        ]
        return with_projects(
            self._client, self._projects, lambda projects: self._client.get(where, [*asked, *projects], scope=SCOPE)
        )


def _search(names: Sequence[str], release: str) -> tuple[str, frozenset[str]]:
    """The search for as many of the names as an address may hold, and these names.

    Each alternative says everything, for not every server reads parentheses or lists of values with wildcards in them.
    """
    parts: dict[str, str] = {}
    for name in (name for name in names[:MAX_ENDPOINTS] if _UNSURE.sub("", name).strip()):
        part = f"{REQUESTS.searches[0]} release:{quoted(release)} transaction:{_pattern(name)}"
        if len(quote(" OR ".join([*parts.values(), part]))) <= _LONGEST_SEARCH:
            parts[name] = part
    return " OR ".join(parts.values()), frozenset(parts)


def _pattern(name: str) -> str:
    return '"' + "*".join(quoted(part)[1:-1] for part in _UNSURE.split(name)) + '"'


def _tallies(answer: object, names: frozenset[str]) -> Iterator[EndpointTally]:
    """Of each name that has a request. Buckets that are still filling count: what failed and the whole grow together."""
    try:
        found = _sums(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SentryUnavailable(
            "Sentry's answer about the requests to endpoints makes no sense",
            hint="check that SENTRY_URL is a Sentry, and what stands in between",
        ) from None
    for name in sorted(names):
        axes = found.get(name, {})
        requests, samples = axes.get(str(REQUESTS.total), (0.0, 0.0))
        failed, _ = axes.get(REQUESTS.failed, (None, 0.0))
        if requests and failed is not None:
            yield EndpointTally(name, requests, min(failed, requests), min(samples, requests))


def _sums(answer: Any) -> dict[str, dict[str, tuple[float, float]]]:
    """For each transaction and axis the sum of the values, and of how many samples they were worked out from."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for line in answer["timeSeries"]:
        groups = {group["key"]: group["value"] for group in line.get("groupBy") or ()}
        if (line.get("meta") or {}).get("isOther") or not isinstance(groups.get("transaction"), str):
            continue
        values: Sequence[Mapping[str, Any]] = line["values"]
        total = sum(float(value.get("value") or 0) for value in values)
        samples = sum(_samples(value) for value in values)
        found.setdefault(groups["transaction"], {})[str(line["yAxis"])] = (max(0.0, total), max(0.0, samples))
    return found


def _samples(value: Mapping[str, Any]) -> float:
    """How many requests stand behind a value; a server that tells neither that nor a rate has counted them all."""
    counted, rate = value.get("sampleCount"), value.get("sampleRate")
    if counted is not None:
        return float(counted)
    return float(value.get("value") or 0) * (1.0 if rate is None else min(1.0, float(rate)))
