"""The code: whether the clone is whole, the window can be found, frames lead to files, and files to owners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.model import MappedFrame


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone: its name, the deployed commit, and how many commits (of first parents) lead there. ``advice`` makes it whole."""

    name: str
    head: str
    commits: int
    shallow: bool
    advice: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an owner file covers: of how many files it names an owner, and its lines that are not in force."""

    file: str
    owned: int
    files: int
    problems: Sequence[str] = ()


def clone_findings(clone: Clone) -> Iterator[DoctorFinding]:
    """Whether history is there."""
    many = f"{clone.commits} commits"
    what = f"{clone.name} is at {clone.head[:10]}"
    if not clone.shallow:
        yield DoctorFinding("repository", Code.REPOSITORY_WHOLE, f"{what} with its whole history ({many})")
        return
    yield DoctorFinding(
        "repository",
        Code.REPOSITORY_CUT,
        f"{what} in a shallow clone of {many}: what was deployed before may not be among them",
        clone.advice,
    )


def mapping_findings(frames: Sequence[MappedFrame], where: str) -> Iterator[DoctorFinding]:
    """Whether the application's own frames of a recent event lead to files. ``where`` names the event's issue."""
    own = [frame for frame in frames if _is_own(frame)]
    lost = [frame for frame in own if frame.file is None]
    if not own:
        text = f"the newest event with a stack trace ({where}) has no frame of the application's own"
        yield DoctorFinding("mapping", Code.MAPPING_UNTOLD, text, "none is needed where that is a library's failure")
    elif not lost:
        text = f"all {len(own)} frames of the application in the newest event ({where}) lead to files of the repository"
        yield DoctorFinding("mapping", Code.MAPPING_WHOLE, text)
    else:
        paths = ", ".join(dict.fromkeys(_path(frame) for frame in lost[-3:]))
        text = f"{len(lost)} of {len(own)} frames of the application in the newest event ({where}) lead to no file: {paths}"
        yield DoctorFinding("mapping", Code.MAPPING_PARTIAL, text, _roots(lost))


def _is_own(mapped: MappedFrame) -> bool:
    return mapped.frame.in_app is not False and (mapped.in_app or mapped.mapped_by in ("none", "ambiguous"))


def _path(mapped: MappedFrame) -> str:
    return mapped.frame.abs_path or mapped.frame.path or "?"


def _roots(lost: Sequence[MappedFrame]) -> str:
    folders = {_path(frame).replace("\\", "/").rpartition("/")[0] for frame in lost}
    start = min(folders, key=len) or _path(lost[-1])
    return f"say where those files are: --code-root {start}=FOLDER, or [[repository.code_roots]] with from and to"


def owner_findings(coverage: Coverage | None, looked: Sequence[str] = ()) -> Iterator[DoctorFinding]:
    """Whether failures have owners. ``None``: there is no owner file; ``looked`` are the places where one was looked for."""
    if coverage is None:
        places = f" ({', '.join(looked)})" if looked else ""
        text = f"the repository has no owner file{places}, so every failure goes to [owners] default, or to nobody"
        yield DoctorFinding(
            "owners", Code.OWNERS_MISSING, text, "write a CODEOWNERS file, or name [owners] default or [[services]]"
        )
        return
    for problem in coverage.problems[:3]:
        text = f"a line of {coverage.file} is not in force: {problem}"
        yield DoctorFinding("owners", Code.OWNERS_WRONG, text, "correct it; `deploywatch owners check` shows all of them")
    share = f"{coverage.file} names owners for {coverage.owned} of {coverage.files} files"
    if coverage.owned == coverage.files:
        yield DoctorFinding("owners", Code.OWNERS_WHOLE, share)
    else:
        fix = "add a line `* @team` at its top, or name [owners] default"
        yield DoctorFinding("owners", Code.OWNERS_PARTIAL, f"{share} ({coverage.owned / max(coverage.files, 1):.0%})", fix)
