"""Which frames are of a language's own library or of an installed package, told by the place of their file.

Only what is certain counts: a folder that package managers and compilers fill, or a name that belongs to the language.
Third-party names (``org.apache``, ``Microsoft``) do not, because their own repositories are deployed too; there the
mapping decides by whether the repository has the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from deploywatch.model import Frame

_FOLDERS: Final = (
    r"site-packages|dist-packages|\.venv|lib/python\d[\d.]*|Python\d+/[Ll]ib",
    r"node_modules|bower_components|\.pnpm|\.yarn",
    r"\.cargo/(?:registry|git)|lib/rustlib|rustc/[0-9a-f]{7,40}",
    r"[^/]+@v\d[^/]*|go/pkg/mod|usr/(?:local|lib)/go[\d.-]*/src|opt/hostedtoolcache/go|libexec/src/runtime",
    r"gems/[^/]+-\d[^/]*|vendor/(?:bundle|cache|ruby)|lib/ruby/\d[\d.]*|lib/ruby/vendor_ruby",
    r"\.m2/repository|\.gradle/caches|\.nuget/packages",
)
_FOLDER = re.compile(rf"(?:^|/)(?:{'|'.join(_FOLDERS)})(?:/|$)")
_COMMITTED_FOLDER = re.compile(r"(?:^|/)vendor/")
_TEST_FILE = re.compile(
    r"(?:^|/)(?:tests|__tests__|specs?|e2e|androidTest)/|^test/"
    r"|(?:^|/)test/.+\.(?:[cm]?[jt]sx?|java|kt|go|rb|php|cs|rs|exs?)$"
    r"|(?:^|/)(?:test_[^/]+|[^/]+_test|conftest)\.py$|_test\.(?:go|exs|rb)$|_spec\.rb$"
    r"|\.(?:test|spec|cy)\.[cm]?[jt]sx?$|(?:^|/)(?:jest|vitest|karma|cypress|playwright)[\w.-]*\.[cm]?[jt]s$"
    r"|Tests?\.(?:java|kt|cs|php)$"
)
"""``django/test/client.py`` is part of a product: in Python a nested folder ``test`` proves nothing."""

_NAME = re.compile(
    r"<frozen |<__array_function__|<internal:|<anonymous>$|native$"
    r"|(?:node|internal|native|bun|deno|ext):|internal/|\[native code\]|\[internal function\]|\[builtin"
    r"|webpack/bootstrap|webpack/runtime/|webpack:/{2,3}(?:webpack|external)"
)
_OWN_MODULES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "python": re.compile(r"importlib\.|_frozen_importlib"),
        "java": re.compile(r"(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|android|dalvik|com\.android)\."),
        "csharp": re.compile(r"System\."),
        "go": re.compile(
            r"(?:runtime|reflect|sync|testing|internal|os|io|fmt|context|syscall|errors|sort|strings|bytes|time"
            r"|net|encoding|database/sql|crypto|html|text/template|log|bufio)(?:/[\w/]+)?(?:\.|$)|panic$"
        ),
        "rust": re.compile(
            r"<?(?:std|core|alloc|rust_begin_unwind|__rust_\w+|_start|__libc_start\w*|clone3?|start_thread)(?:::|$)"
        ),
    }
)
_OWN_PACKAGES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "elixir": frozenset({"elixir", "stdlib", "kernel", "mix", "ex_unit", "iex", "logger", "eex", "ssl", "inets"}),
        "java": frozenset(
            {"java.base", "java.sql", "java.desktop", "java.net.http", "java.xml", "java.logging", "java.management"}
        ),
    }
)


def is_library(frame: Frame, language: str) -> bool:
    """Whether the frame is certainly of the language or of an installed package, by its file, package, module or function."""
    paths = (path.replace("\\", "/") for path in (frame.path, frame.abs_path) if path)
    if any(is_library_path(path, language) for path in paths):
        return True
    if frame.package and frame.package.partition(" ")[0].partition("@")[0] in _OWN_PACKAGES.get(language, ()):
        return True
    own, name = _OWN_MODULES.get(language), frame.module or frame.function
    return own is not None and name is not None and own.match(name) is not None


def is_library_path(path: str, language: str = "other") -> bool:
    """Whether ``path``, in ``/`` form, lies in a folder of installed packages or names no source file of anyone."""
    is_vendored = language in ("php", "go") and _COMMITTED_FOLDER.search(path)
    return bool(_NAME.match(path) or _FOLDER.search(path) or is_vendored)


def is_test_file(path: str) -> bool:
    """Whether a file of the repository is a test's or a test helper's, by the conventions of the languages that we read."""
    return _TEST_FILE.search(path) is not None


def library_folder_end(path: str, language: str = "other") -> int:
    """How many characters of ``path`` lead into the last folder of installed packages; 0 where there is none."""
    ends = [found.end() for found in _FOLDER.finditer(path)]
    if language in ("php", "go"):
        ends += [found.end() for found in _COMMITTED_FOLDER.finditer(path)]
    return max(ends, default=0)
