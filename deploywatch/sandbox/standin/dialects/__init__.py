"""The servers that the stand-in can be: Sentry of today, of 2019 and of 2023, and GlitchTip. One module each, and one line here.

Each differs from the first in what was measured on the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deploywatch.sandbox.standin.dialects.base import Dialect
from deploywatch.sandbox.standin.dialects.glitchtip import GlitchTip
from deploywatch.sandbox.standin.dialects.sentry_9 import Sentry9
from deploywatch.sandbox.standin.dialects.sentry_23 import Sentry23

DIALECTS: Final[Mapping[str, Dialect]] = {each.name: each for each in (Dialect(), Sentry23(), Sentry9(), GlitchTip())}
