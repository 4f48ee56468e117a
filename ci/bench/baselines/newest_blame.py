"""B2: the rules by which Sentry (and Datadog) name a suspect commit from blame.

Until 2023 Sentry blamed the first application frame; since then every one, and it takes the newest commit. Datadog does the same
with the lines of the trace. A commit older than 90 days (Datadog; Sentry says 60) is not named. Here blame is asked at the
deployed commit, while Sentry asks it at the tip of the default branch: this is kinder than what is shipped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ci.bench.baselines.problem import Guess, Problem

_OLDEST: Final = timedelta(days=90)


def raising_line(problem: Problem) -> Guess:
    """Whoever last touched the line that raised; the others are equals behind it."""
    first = problem.frames[0] if problem.frames else None
    sha = problem.blamed(first.path, first.line) if first else None
    rest = tuple(commit.sha for commit in problem.commits if commit.sha != sha)
    return Guess(((sha,), rest)) if sha else Guess()


def newest(problem: Problem) -> Guess:
    """The commits that last touched a frame's line, by their date, newest first."""
    found = {problem.blamed(frame.path, frame.line) for frame in problem.frames}
    dates = {commit.sha: commit.committed_at for commit in problem.commits}
    blamed = sorted((sha for sha in found if sha in dates), key=lambda sha: dates[sha], reverse=True)
    deployed = max(dates.values(), default=None)
    if not blamed or deployed is None or deployed - dates[blamed[0]] > _OLDEST:
        return Guess()
    return Guess(tuple((sha,) for sha in blamed))
