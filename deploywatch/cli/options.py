"""The options that commands share, each with an environment variable: ``--fail-on`` is DEPLOYWATCH_FAIL_ON.

Where sentry-cli has a variable for the same thing, that one is read too, after ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from deploywatch.cli.invocation import Invocation
from deploywatch.cli.reports import ReportFile
from deploywatch.durations import parse_duration
from deploywatch.report.formats import ENDINGS
from deploywatch.requests import (
    CodeRequest,
    DeliveryRequest,
    FailOn,
    OwnersRequest,
    PlaceRequest,
    ReleaseRequest,
    Tell,
    WatchRequest,
)

Function = TypeVar("Function", bound=Callable[..., Any])
Request = TypeVar("Request", CodeRequest, PlaceRequest, OwnersRequest, ReleaseRequest, WatchRequest, DeliveryRequest)
Decorator = Callable[[Function], Function]

_FEW: Final = 5
_PREFIX: Final = "DEPLOYWATCH_"
_SENTRY: Final = {"release": "SENTRY_RELEASE", "environment": "SENTRY_ENVIRONMENT", "project": "SENTRY_PROJECT"}


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """``90s``, ``15m``, ``2h`` as a ``timedelta``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse, or fail as click does."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class CodeRoot(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """``FROM=TO`` as the two texts; the last ``=`` parts them, because a folder of the repository seldom has one."""

    name = "from=to"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Parse, or fail as click does."""
        if isinstance(value, tuple):
            return value
        prefix, equals, folder = str(value).rpartition("=")
        if not equals or not prefix:
            self.fail(f"{value!r} is not of the form FROM=TO, such as /srv/app=apps/shop (TO may be empty: the root)", param, ctx)
        return prefix, folder


class OtherRepository(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """``DIR`` or ``DIR=REV`` as the folder and the revision."""

    name = "dir=rev"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Path, str | None]:
        """Parse, or fail as click does."""
        if isinstance(value, tuple):
            return value
        folder, equals, rev = str(value).rpartition("=")
        if equals and not (folder and rev):
            self.fail(f"{value!r} is not of the form DIR=REV, such as ../library=v1.4.0", param, ctx)
        return (Path(folder), rev) if equals else (Path(rev), None)


def option(*names: str, **settings: Any) -> Decorator[Any]:
    """``click.option`` with its environment variables, named after the first long name."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0].removeprefix("--")
    variables = [_PREFIX + long.upper().replace("-", "_")] + ([_SENTRY[long]] if long in _SENTRY else [])
    return click.option(*names, envvar=variables, **settings)


def _together(*decorators: Decorator[Any]) -> Decorator[Any]:
    def apply(function: Function) -> Function:
        for decorate in reversed(decorators):
            function = decorate(function)
        return function

    return apply


def _kept(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that leaves the value in the invocation, for the command and the exit door, not in the arguments."""

    def keep(context: click.Context, _: click.Parameter, value: Any) -> None:
        setattr(context.ensure_object(Invocation), name, value)

    return keep


def _shared(name: str, *names: str, **settings: Any) -> Decorator[Any]:
    return option(*names, callback=_kept(name), expose_value=False, is_eager=True, **settings)


_FILE: Final = click.Path(dir_okay=False, path_type=Path)

general = _together(
    _shared("config", "--config", type=_FILE, help="Read this configuration instead of the nearest deploywatch.toml."),
    _shared("verbosity", "-v", "--verbose", count=True, help="Show where an error happened, too."),
    _shared("no_color", "--no-color", is_flag=True, help="No colours and no moving display; so do NO_COLOR and CI."),
)
"""For every command."""


output = _shared("output", "-o", "--output", type=_FILE, help="Write the answer to this file, once there is one, not to stdout.")


def reporting(*formats: str) -> Decorator[Any]:
    """For commands that answer, in these formats."""
    return _together(
        _shared(
            "format",
            "--format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            metavar="FORMAT" if len(formats) > _FEW else None,
            help=f"How the answer is written: {', '.join(formats)}." if len(formats) > _FEW else "How the answer is written.",
        ),
        output,
        general,
    )


reports = _together(
    _shared(
        "reports",
        "--report",
        type=ReportFile(),
        multiple=True,
        metavar="[FORMAT=]FILE",
        help=f"Write the report to this file, too, in the format of its ending ({', '.join(ENDINGS.values())}) or in FORMAT.",
    ),
    reporting(*ENDINGS),
)
"""For commands that answer with a report."""

code = _together(
    option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git repository.  [default: here]"),
    option("--base", metavar="REV", help="The commit that was deployed before.  [default: found]"),
    option("--head", metavar="REV", default="HEAD", show_default=True, help="The commit that is deployed."),
    option(
        "--code-root",
        "code_roots",
        type=CodeRoot(),
        metavar="FROM=TO",
        multiple=True,
        help="Paths in stack traces that begin with FROM are in the folder TO of the repository.",
    ),
)
"""Which code: becomes a ``CodeRequest``."""

projects = option(
    "--project",
    "projects",
    metavar="SLUG",
    multiple=True,
    callback=lambda _context, _parameter, value: tuple(slug for text in value for slug in text.split(",") if slug),
    help="A Sentry project, or SENTRY_PROJECT; several may be given.",
)
"""Which Sentry projects."""

repository = _together(
    option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git repository.  [default: here]"),
    option("--rev", default="HEAD", show_default=True, metavar="REV", help="The commit whose owner file is asked."),
)
"""Which commit's owners: becomes an ``OwnersRequest``, beside ``projects``."""

environment = _together(
    option(
        "--environment", metavar="NAME", help="The environment that is deployed to, such as production, or SENTRY_ENVIRONMENT."
    ),
    projects,
)
"""Where: becomes a ``PlaceRequest``."""

place = _together(
    option(
        "--release", metavar="VERSION", help="The release's name in Sentry, or SENTRY_RELEASE.  [default: as the SDKs name it]"
    ),
    environment,
)
"""Which release, where: becomes a ``PlaceRequest``."""


def take(kind: type[Request], given: dict[str, Any]) -> Request:
    """Make a request of those arguments that bear its fields' names, and take them out of ``given``."""
    return kind(**{each.name: given.pop(each.name) for each in fields(kind) if each.name in given})


dry_run = option("--dry-run", is_flag=True, help="Change and send nothing; say what would be.")

release = _together(
    option(
        "--path", "paths", metavar="GLOB", multiple=True, help="Only commits that touch this git pathspec; several may be given."
    ),
    option(
        "--also",
        "also",
        type=OtherRepository(),
        metavar="DIR[=REV]",
        multiple=True,
        help="A further repository that the release is made of, and its commit that was deployed before; several may be given.",
    ),
    option("--deploy-name", "name", metavar="TEXT", help="A name for the deploy in Sentry."),
    option("--deploy-url", "url", metavar="URL", help="Where the deploy is documented, such as the pipeline's page."),
    option("--finalize/--no-finalize", default=True, show_default=True, help="Mark the release as released."),
)
"""Beside ``code``, ``place`` and ``dry_run``: becomes a ``ReleaseRequest``."""

timing = _together(
    option("--for", "duration", type=Duration(), metavar="DURATION", help="How long to watch.  [default: 15m]"),
    option("--every", type=Duration(), metavar="DURATION", help="How often to ask Sentry.  [default: 15s]"),
)

watch = _together(
    timing,
    option("--query", metavar="SEARCH", help="An additional Sentry search that issues must match."),
)
"""Beside ``code`` and ``place``: becomes a ``WatchRequest``."""

gate = _together(
    option(
        "--fail-on",
        type=click.Choice([str(kind) for kind in FailOn]),
        callback=lambda _context, _parameter, value: FailOn(value) if value else None,
        help="Which regressions give exit code 3.  [default: any]",
    ),
    option(
        "--dry-run-gate/--no-dry-run-gate",
        default=None,
        help="Put the gate on trial: exit code 0 whatever is found; the report says what it would have been.",
    ),
)
"""Beside ``watch``: when the pipeline is stopped."""

delivery = _together(
    option("--deliver/--no-deliver", default=None, help="Send the report to the channels of the configuration."),
    option("--channel", "channels", metavar="NAME", multiple=True, help="Only this channel; may be given several times."),
    option(
        "--tell",
        type=click.Choice([str(each) for each in Tell]),
        multiple=True,
        callback=lambda _context, _parameter, value: tuple(Tell(each) for each in value),
        help="Tell GitHub (GitLab: comment), whose pipeline this is: on the suspect's pull request, the commit, the deployment.",
    ),
    option(
        "--report-dir",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write the report files into this folder.",
    ),
    option("--open-revert", is_flag=True, help="Undo the named change on a new branch, push it, open a pull request for it."),
)
"""Beside ``dry_run``: becomes a ``DeliveryRequest``."""
