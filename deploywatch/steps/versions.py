"""What a release is called when nobody says: as the SDKs would call it, so that events and release meet.

The order is that of sentry-cli's ``releases propose-version`` and of sentry-sdk's own guess, as far as they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_VARIABLES: Final = (
    "SENTRY_RELEASE",
    "SOURCE_VERSION",
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "CIRCLE_SHA1",
    "CF_PAGES_COMMIT_SHA",
    "GAE_DEPLOYMENT_ID",
)


def proposed_version(environ: Mapping[str, str], head: str) -> str:
    """The first variable that names a version, else the full name of the deployed commit."""
    return next((value for name in _VARIABLES if (value := environ.get(name, "").strip())), head)
