"""Write what is generated from the code into the repository: ``python -m ci.reference`` (``--check`` only compares)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ci.reference import commands, configuration, doctor, errors

ROOT = Path(__file__).resolve().parent.parent.parent


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    yield ROOT / "deploywatch/schemas/config.json", configuration.schema()
    yield ROOT / "deploywatch/schemas/doctor.json", doctor.schema()
    yield ROOT / "docs/configuration.md", configuration.page()
    yield ROOT / "docs/commands.md", commands.page()
    yield ROOT / "docs/exit-codes.md", commands.exit_codes_page()
    yield ROOT / "docs/errors.md", errors.page()
    readme = ROOT / "README.md"
    yield readme, commands.with_blocks(readme.read_text(encoding="utf-8"))


def stale() -> list[Path]:
    """The generated files that are not as the code says."""
    return [file for file, text in pages() if not file.exists() or file.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write the stale files, or name them."""
    parser = argparse.ArgumentParser(prog="python -m ci.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a file is stale")
    check = parser.parse_args().check
    found = stale()
    for file, text in pages():
        if file in found and not check:
            file.write_text(text, encoding="utf-8")
        if file in found:
            print(f"{'stale' if check else 'wrote'}: {file.relative_to(ROOT)}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
