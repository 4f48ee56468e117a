"""The first deploywatch.toml: what was found stands in it, what may be wanted next stands there as a comment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from deploywatch.steps.surroundings import Surroundings

ENVIRONMENT: Final = "production"
_ROOTS: Final[Mapping[str, str]] = MappingProxyType(
    {"python": "/app", "javascript": "webpack:///", "go": "/go/src/app", "ruby": "/app", "php": "/var/www/html", "csharp": "/src"}
)
"""How paths in stack traces often begin in containers, by language."""


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person knows; ``key`` is the name of the answer."""

    key: str
    text: str
    default: str = ""


def questions_for(found: Surroundings) -> tuple[Question, ...]:
    """At most three, in the order in which they are asked."""
    asked = (
        (not found.org, Question("org", "Sentry organisation (its short name in Sentry's addresses)")),
        (not found.projects, Question("projects", "Sentry project, or several with commas")),
        (not found.environment, Question("environment", "Environment that is deployed to", ENVIRONMENT)),
    )
    return tuple(question for is_asked, question in asked if is_asked)


def answered(found: Surroundings, answers: Mapping[str, str]) -> Surroundings:
    """What was found, completed by what was said; an empty answer says nothing."""
    projects = tuple(answers.get("projects", "").replace(",", " ").split())
    return replace(
        found,
        org=found.org or answers.get("org", "").strip(),
        projects=found.projects or projects,
        environment=found.environment or answers.get("environment", "").strip(),
    )


def first_settings(found: Surroundings) -> str:
    """The file's text."""
    return "\n".join((_HEAD, *_sentry(found), "", *_repository(found), "", *_owners(found), _REST))


_HEAD: Final = """\
# What deploywatch cannot find out by itself. Every key may be left out; a key that does not exist is an error.
# All keys: docs/configuration.md. Tokens never stand here: SENTRY_AUTH_TOKEN is read from the environment.
"""

_REST: Final = """
[watch]
for = "15m"
# fail_on = "new"            # which regressions stop the pipeline: any, new, critical or never
# dry_run_gate = true        # stop nothing yet, and let the report say what would have been stopped

# Who is told of a regression. "deploywatch run --tell comment" tells GitHub or GitLab without any of this.
# [[channels]]
# name = "deploys"
# type = "slack"
# url = "env:SLACK_WEBHOOK_URL"

# A failure that is known and does not count, for a time.
# [[watch.ignore]]
# type = "TimeoutError"
# path = "legacy/*"
# until = 2030-01-31
# reason = "being replaced"
"""


def _sentry(found: Surroundings) -> list[str]:
    return [
        "[sentry]",
        _line("url", found.url, "https://sentry.example.com")
        if found.url
        else '# url = "https://sentry.example.com"   # not sentry.io',
        _line("org", found.org, "my-organisation"),
        _line("projects", found.projects, ["my-project"]),
        _line("environment", found.environment, ENVIRONMENT),
    ]


def _repository(found: Surroundings) -> list[str]:
    name = f"# name = {_value(found.repository or 'owner/name')}   # taken from the remote"
    lines = ["[repository]", name, '# paths = ["services/shop"]   # a monorepo: only these belong to the release']
    language = next((each for each in found.languages if each in _ROOTS), "python")
    spoken = f" ({', '.join(found.languages)})" if found.languages else ""
    return [
        *lines,
        f"# Where the paths of stack traces{spoken} lie in the repository, if that is not found by itself:",
        f'# code_roots = [{{ from = {_value(_ROOTS[language])}, to = "" }}]',
    ]


def _owners(found: Surroundings) -> list[str]:
    there = f"{found.owner_file} says who owns what" if found.owner_file else "There is no owner file yet"
    return ["[owners]", f"# {there}; this is who owns the rest.", '# default = ["@my-team"]']


def _line(key: str, value: str | Sequence[str], example: str | Sequence[str]) -> str:
    return f"{key} = {_value(value)}" if value else f"# {key} = {_value(example)}"


def _value(value: str | Sequence[str]) -> str:
    # TOML's basic strings take JSON's escapes, and JSON leaves only DEL unescaped of what TOML refuses.
    given = value if isinstance(value, str) else list(value)
    return json.dumps(given, ensure_ascii=True).replace("\x7f", "\\u007f")
