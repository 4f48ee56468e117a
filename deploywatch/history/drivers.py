"""Which definition git names behind a hunk, by language.

git knows most languages by itself once it is told which file is which; JavaScript and TypeScript it has to be taught.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_NOT_A_DEFINITION: Final = r"!^[ \t]*(if|for|while|switch|catch|return|else|do|with)[ \t(].*$"
_DEFINITION: Final = (
    r"^[ \t]*("
    r"(export[ \t]+)?(default[ \t]+)?(async[ \t]+)?(function|class)[ \t*].*"
    r"|(static[ \t]+|async[ \t]+|get[ \t]+|set[ \t]+|\*[ \t]*)*[A-Za-z_$][A-Za-z0-9_$]*[ \t]*\([^;]*\)[ \t]*(:[^;]*)?\{[ \t]*$"
    r"|((export[ \t]+)?(const|let|var)[ \t]+)?[A-Za-z_$][A-Za-z0-9_$.]*[ \t]*[=:][ \t]*"
    r"(async[ \t]*)?(function.*|\([^;]*\)[ \t]*(:[^;=]*)?=>.*|[A-Za-z_$][A-Za-z0-9_$]*[ \t]*=>.*))$"
)

DRIVERS: Final = (
    f"core.attributesFile={Path(__file__).with_name('gitattributes')}",
    f"diff.dw-script.xfuncname={_NOT_A_DEFINITION}\n{_DEFINITION}",
)
"""Configuration for every command that prints hunks."""
