"""What a release is called when nobody says: as sentry-cli and the SDKs would call it, so that events and release meet.

The order is that of sentry-cli's ``releases propose-version``: SENTRY_RELEASE, a Cordova project, the variables of build systems,
a Gradle project, Google's App Engine, the head of the pull request that a GitHub workflow runs for, the deployed commit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploywatch.errors import ConfigError
from deploywatch.sentry.versions import doubts_about, validate_version

HEAD: Final = "the deployed commit"
_MOST_READ: Final = 4 * 1024 * 1024
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BUILD_SYSTEMS: Final = (
    "SOURCE_VERSION",
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "CIRCLE_SHA1",
    "CF_PAGES_COMMIT_SHA",
)
_APPLICATION: Final = re.compile(r"""applicationId\s+["']([^"']*)["']""")
_VERSION_NAME: Final = re.compile(r"""versionName\s+["']([^"']*)["']""")
_WIDGET: Final = re.compile(r"<widget\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name for the release, and what it was taken from: a variable, a file, or ``HEAD``."""

    version: str
    source: str

    def checked(self) -> str:
        """The name, if Sentry can store it. Raises ``UsageError`` that names the source."""
        return validate_version(self.version, source=self.source)

    def warnings(self, head: str) -> tuple[str, ...]:
        """Why events may bear another name; ``head`` is the deployed commit."""
        return (*self._where_git_wins(head), *doubts_about(self.version))

    def _where_git_wins(self, head: str) -> Iterator[str]:
        if head and self.version != head and self.source not in ("SENTRY_RELEASE", "--release"):
            yield (
                f"the release is called {self.version} (from {self.source}); an SDK that runs in a git checkout calls it {head}: "
                "set SENTRY_RELEASE in both places"
            )


def propose(environ: Mapping[str, str], head: str, *, folder: Path, given: str | None = None) -> Proposal:
    """The name to take: ``given``, else what sentry-cli would propose in ``folder``.

    ``head`` is the deployed commit or empty. Raises ``ConfigError`` where nothing names a release.
    """
    if given:
        # The option takes the variable's value where it is not given itself.
        return Proposal(given, "SENTRY_RELEASE" if given == environ.get("SENTRY_RELEASE") else "--release")
    sources: tuple[Callable[[], Iterator[Proposal]], ...] = (
        lambda: _variables(environ, "SENTRY_RELEASE"),
        lambda: _cordova(folder),
        lambda: _variables(environ, *_BUILD_SYSTEMS),
        lambda: _gradle(folder),
        lambda: _variables(environ, "GAE_DEPLOYMENT_ID"),
        lambda: _pull_request(environ),
    )
    found = next((proposal for source in sources for proposal in source()), None)
    if found or head:
        return found or Proposal(head, HEAD)
    raise ConfigError("no release is named", hint="say --release VERSION, or set SENTRY_RELEASE")


def _variables(environ: Mapping[str, str], *names: str) -> Iterator[Proposal]:
    return (Proposal(value, name) for name in names if (value := environ.get(name, "").strip()))


def _cordova(folder: Path) -> Iterator[Proposal]:
    """In ``platforms/android`` and ``platforms/ios`` of a Cordova project: ``id@version`` of its config.xml."""
    if folder.name not in ("android", "ios") or len(folder.parents) < 2:
        return
    path = folder.parents[1] / "config.xml"
    widget = _WIDGET.search(_text(path))
    found = {name: re.search(rf'\s{name}="([^"]+)"', widget[0]) for name in ("id", "version")} if widget else {}
    if (identity := found.get("id")) and (version := found.get("version")):
        yield Proposal(f"{identity[1]}@{version[1]}", str(path))


def _gradle(folder: Path) -> Iterator[Proposal]:
    """``applicationId@versionName`` of the nearest ``app/build.gradle`` with a ``build.gradle`` beside ``app``."""
    for here in (folder, *folder.parents):
        path = here / "app" / "build.gradle"
        if (here / "build.gradle").is_file() and path.is_file():
            text = _text(path)
            application, version = _APPLICATION.search(text), _VERSION_NAME.search(text)
            if application and version:
                yield Proposal(f"{application[1]}@{version[1]}", str(path))


def _pull_request(environ: Mapping[str, str]) -> Iterator[Proposal]:
    """A workflow for a pull request checks out a merge of GitHub's own, which no build and no SDK knows."""
    if not (path := environ.get("GITHUB_EVENT_PATH", "").strip()):
        return
    try:
        sha: Any = json.loads(_text(Path(path)))["pull_request"]["head"]["sha"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(sha, str) and _SHA.fullmatch(sha):
        yield Proposal(sha, "the pull request of GITHUB_EVENT_PATH")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
