"""The optional dependencies of the sandbox, and the error that says how to get them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from deploywatch.errors import UsageError

MODULES = ("starlette", "uvicorn", "sentry_sdk")


def require_demo_extra(*, find: Callable[[str], object | None] = find_spec) -> None:
    """Raise ``UsageError`` when a package of the extra ``demo`` is missing. ``find`` answers ``None`` for a missing module."""
    missing = [name for name in MODULES if find(name) is None]
    if missing:
        raise UsageError(
            f"the sandbox needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            hint="pip install 'deploywatch[demo]'",
        )
