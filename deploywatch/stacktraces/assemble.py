"""The parts that a parser found in text -> ``StackTrace``: the same bounds, cleaning and library marks for every language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.stacktraces import untrusted
from deploywatch.stacktraces.event_frames import MAX_FRAMES
from deploywatch.stacktraces.event_trace import MAX_EXCEPTIONS
from deploywatch.stacktraces.libraries import is_library


def frame(path: str | None, line: str | int | None = None, function: str | None = None, **more: str | int | None) -> Frame:
    """A frame from the texts of a trace; ``more`` may hold ``column``, ``module``, ``package`` and ``context_line``."""
    context = more.get("context_line")
    return Frame(
        path=untrusted.source_path(path),
        line=untrusted.position(line),
        function=untrusted.word(function),
        module=untrusted.word(more.get("module")),
        column=untrusted.position(more.get("column")),
        context_line=untrusted.clean(context) if isinstance(context, str) else None,
        package=untrusted.word(more.get("package")),
    )


def raised(type_: str | None, message: str | None, frames: Iterable[Frame], *, module: str | None = None) -> Raised:
    """An exception from the texts of a trace; ``frames`` oldest call first."""
    return Raised(
        type=untrusted.word(type_),
        message=untrusted.clean(message) or None if message is not None else None,
        frames=tuple(frames)[-MAX_FRAMES:],
        module=untrusted.word(module),
    )


def headline(trace: StackTrace) -> str | None:
    """``Type: message`` of the exception that left the program; ``None`` where it has neither."""
    final = trace.final
    return ": ".join(part for part in (final.type, final.message) if part) or None if final else None


def stack_trace(chains: Sequence[Sequence[Raised]], language: str) -> StackTrace | None:
    """One trace of all chains of a text, each root cause first; the text's last chain is the failure itself.

    A chain that a log repeats counts once, where it stands last. ``None`` where there is nothing.
    """
    distinct = list(dict.fromkeys(tuple(chain) for chain in reversed(chains) if chain))[::-1]
    if not distinct:
        return None
    exceptions = _joined(distinct)
    kept = len(exceptions) - MAX_EXCEPTIONS
    if kept > 0:
        exceptions = [_regrouped(item, -kept) for item in exceptions[kept:]]
    warnings = (
        (f"{len(distinct)} separate traces in the text: the last one is taken for the failure",) if len(distinct) > 1 else ()
    )
    return StackTrace(tuple(_marked(item, language) for item in exceptions), language, warnings)


def _joined(chains: Sequence[Sequence[Raised]]) -> list[Raised]:
    joined: list[Raised] = []
    for chain in chains:
        joined += [_regrouped(item, len(joined)) for item in chain]
    return joined


def _regrouped(item: Raised, shift: int) -> Raised:
    if item.group is None:
        return item
    group = item.group + shift
    return replace(item, group=group if group >= 0 else None)


def _marked(item: Raised, language: str) -> Raised:
    """A library's frames are not in-app; of the others a text says nothing, so the mapping decides."""
    return replace(
        item, frames=tuple(replace(each, in_app=False) if is_library(each, language) else each for each in item.frames)
    )
