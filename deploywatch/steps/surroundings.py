"""What a first look finds: the repository, its languages and owner file, Sentry's settings, the CI system."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploywatch.history.remote import repository_name
from deploywatch.history.repository import Repository
from deploywatch.owners.dialects import DIALECTS, dialect_of
from deploywatch.pipeline.ci_files import CI_FILES, CiFile, ci_of
from deploywatch.sentry.clirc import file_layers
from deploywatch.stacktraces.platforms import language_of_file

_MOST_LANGUAGES: Final = 3
_LEAST_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What was found. Empty texts and ``None`` were not.

    ``folder`` is the work tree's root. ``languages`` are those of at least one file in twenty, most files first. ``has_token``
    tells whether there is a Sentry token, and never which.
    """

    folder: Path
    repository: str | None = None
    owner_file: str | None = None
    dialect: str = "github"
    languages: tuple[str, ...] = ()
    ci: CiFile | None = None
    url: str = ""
    org: str = ""
    projects: tuple[str, ...] = ()
    environment: str = ""
    has_token: bool = False


def look_around(folder: Path, *, environ: Mapping[str, str], home: Path) -> Surroundings:
    """Look at the repository of ``folder`` and at Sentry's settings. Raises ``NotARepository``, and ``ConfigError``."""
    repository = Repository.open(folder, environ=environ)
    root = _root(folder)
    remote = repository.remote_url()
    dialect = dialect_of(remote)
    settings = _sentry(root, environ, home)
    return Surroundings(
        folder=root,
        repository=repository_name(remote),
        owner_file=next((path for path in DIALECTS[dialect].paths if (root / path).is_file()), None),
        dialect=dialect,
        languages=_languages(_paths(repository)),
        ci=ci_of([known.path for known in CI_FILES if (root / known.path).exists()]),
        url=settings["defaults.url"],
        org=settings["defaults.org"],
        projects=tuple(settings["defaults.project"].replace(",", " ").split()),
        environment=environ.get("SENTRY_ENVIRONMENT", "").strip(),
        has_token=bool(settings["auth.token"]),
    )


def _root(folder: Path) -> Path:
    """The root of the work tree; the folder itself where there is none."""
    here = folder.absolute()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _paths(repository: Repository) -> Collection[str]:
    """Those of the index: a repository may not have a commit yet."""
    return os.fsdecode(repository.git.run("ls-files", "-z")).split("\0")


def _languages(paths: Collection[str]) -> tuple[str, ...]:
    found = Counter(language for path in paths if (language := language_of_file(path)))
    least = _LEAST_SHARE * found.total()
    return tuple(language for language, count in found.most_common(_MOST_LANGUAGES) if count >= least)


def _sentry(folder: Path, environ: Mapping[str, str], home: Path) -> dict[str, str]:
    variables = {
        "auth.token": "SENTRY_AUTH_TOKEN",
        "defaults.url": "SENTRY_URL",
        "defaults.org": "SENTRY_ORG",
        "defaults.project": "SENTRY_PROJECT",
    }
    layers = [layer.values for layer in file_layers(environ, start=folder, home=home)]

    def find(key: str) -> str:
        places = (environ.get(variables[key], ""), *(layer.get(key, "") for layer in layers))
        return next((value.strip() for value in places if value.strip()), "")

    return {key: find(key) for key in variables}
