"""The very first deploy: nothing was deployed before it, no tag names a version, and the pipeline knows what was pushed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deploywatch.errors import GitError, NoBase
from deploywatch.model import BaseRule
from deploywatch.pipeline.facts import Pipeline
from deploywatch.requests import CodeRequest
from deploywatch.steps.code import Code


def from_push(pipeline: Pipeline | None, request: CodeRequest, find: Callable[[CodeRequest], Code]) -> Code:
    """What ``find`` makes of the request; where it finds no base, the window is that of the push, and that is said aloud.

    Raises what ``find`` raises: also ``NoBase``, where the pipeline is not about the commit that is deployed, does not know what
    was before, or where history was rewritten.
    """
    try:
        return find(request)
    except NoBase as none:
        if pipeline is None or pipeline.before is None:
            raise
        try:
            code = find(replace(request, base=pipeline.before))
        except GitError:
            raise none from None
        if code.rollback or code.head != pipeline.commit:
            raise
        return replace(code, base_found_by=BaseRule.PIPELINE, warnings=(*code.warnings, _said(pipeline)))


def _said(pipeline: Pipeline) -> str:
    return (
        f"no earlier deploy and no version tag is known, so the window is what {pipeline.title} says was pushed, from "
        f"{(pipeline.before or '')[:10]} on. From the next deploy on it begins at the one before; --base says otherwise"
    )
