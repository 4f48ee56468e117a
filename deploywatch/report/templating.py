"""Templates: found in a wheel or a checkout, overridable by a folder, safe by default in every medium.

Every value that a template prints passes its medium's escaping unless a filter of that medium made it; the filters that would let
a template opt out, or that make links of text, are not there. Templates of the user's run in Jinja's sandbox like ours.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from markupsafe import escape as html_escape

import deploywatch
from deploywatch.errors import StateError
from deploywatch.model import CodeLine
from deploywatch.report import escaping, words
from deploywatch.report.outline import DiffLine

_OPT_OUTS: Final = ("safe", "urlize", "tojson", "xmlattr")


@dataclass(frozen=True, slots=True)
class Medium:
    """How a family of templates escapes: ``text`` for every printed value, ``filters`` for what a template asks for by name."""

    text: Callable[[str], str]
    filters: Mapping[str, Callable[..., str]]


MEDIA: Final[Mapping[str, Medium]] = {
    "html": Medium(
        text=lambda value: html_escape(escaping.plain(value)),
        filters={
            "code": lambda value: html_escape(escaping.code(value)),
            "url": lambda value: html_escape(escaping.safe_url(value) or ""),
        },
    ),
    "md": Medium(
        text=escaping.markdown,
        filters={
            "code": escaping.markdown_code,
            "diff_block": lambda diff: escaping.markdown_fence(_diff_lines(diff.lines), "diff"),
            "code_block": lambda lines: escaping.markdown_fence(_code_lines(lines)),
            "command": lambda value: escaping.markdown_fence((value,), "sh"),
            "link": escaping.markdown_link,
        },
    ),
    "txt": Medium(
        text=escaping.rich_markup,
        filters={"code": escaping.rich_code, "url": lambda value: escaping.rich_markup(escaping.safe_url(value) or "")},
    ),
}
"""The media that have templates, by the template's ending (``report.html.j2``)."""


def templates_folder() -> Path:
    """Where the shipped templates are: inside the package (a wheel) or beside it (a checkout). StateError if they are gone."""
    package = Path(deploywatch.__file__).parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "report.html.j2").is_file():
            return folder
    raise StateError("the report templates are missing from this installation", hint="install deploywatch again")


def draw(name: str, values: Mapping[str, Any], templates: Path | None = None) -> str:
    """Render the template ``name`` (``report.html.j2``), of the user's folder where it has one.

    Raises whatever a broken template raises; ``explain`` says it in a sentence.
    """
    if templates and not templates.is_dir():
        raise NotADirectoryError(f"there is no folder {templates}")
    medium = name.removesuffix(".j2").rpartition(".")[2]
    return _environment(medium, templates).get_template(name).render(words=words, **values)


def explain(error: Exception) -> str:
    """What is wrong with a template and where, in one line."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        place = f"{error.name or 'a template'} line {error.lineno}"
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
        place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "a template"
    return f"{place}: {type(error).__name__}: {error}"


@cache
def _environment(medium_name: str, templates: Path | None) -> jinja2.Environment:
    """Compiling a page costs ten times what drawing it does; Jinja looks by itself whether a file of it has changed."""
    medium = MEDIA[medium_name]
    ours = jinja2.FileSystemLoader(templates_folder())
    loaders: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(templates)] if templates else []
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.ChoiceLoader([*loaders, ours, jinja2.PrefixLoader({"shipped": ours})]),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=lambda value: _printed(value, medium),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _OPT_OUTS:
        del environment.filters[name]
    for name in ("e", "escape", "forceescape"):
        environment.filters[name] = lambda value: Markup(medium.text(str(value)))  # noqa: S704 - just escaped
    environment.filters["sentence"] = words.sentence
    environment.filters |= {name: _marked(make) for name, make in medium.filters.items()}
    return environment


def _printed(value: object, medium: Medium) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup("" if value is None else medium.text(str(value)))  # noqa: S704 - just escaped


def _marked(make: Callable[..., str]) -> Callable[..., Markup]:
    return lambda *args: Markup(make(*args))  # noqa: S704 - a medium's filter escapes


def _diff_lines(lines: tuple[DiffLine, ...]) -> tuple[str, ...]:
    return tuple(line.sign + line.text for line in lines)


def _code_lines(lines: tuple[CodeLine, ...]) -> tuple[str, ...]:
    return tuple(f"{'>' if line.is_failing else ' '} {line.number:>5}  {line.text}" for line in lines)
