#!/usr/bin/env bash
# Builds everything that is released into dist/: wheel, sdist, a single file (pex), man pages, completions, SBOM. What is built twice
# from the same commit is the same, byte by byte; that is checked, and so is that the single file runs where nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
dist="$(realpath -m "${1:-dist}")"
rm -rf "$dist"
mkdir -p "$dist"

build() {
  .venv/bin/python -m hatchling build -d "$1" >/dev/null
  .venv/bin/python -m zipfile -e "$1"/*.whl "$1/unpacked"
  .venv/bin/pex --requirement requirements/runtime.txt --sources-directory "$1/unpacked" --entry-point deploywatch.cli.main:main \
    --python "$PWD/.venv/bin/python" --venv prepend --sh-boot --output-file "$1/deploywatch.pex"
  rm -rf "$1/unpacked"
}

build "$dist"
build "$work/again"
for file in "$work"/again/*; do
  cmp "$file" "$dist/$(basename "$file")"
done

.venv/bin/python -m ci.manpages "$dist/man"
for shell in bash zsh fish; do
  .venv/bin/deploywatch completion "$shell" >"$dist/deploywatch.$shell"
done

# What a user's installation consists of, from such an installation.
.venv/bin/python -m venv "$work/venv"
pip() { "$work/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install --require-hashes -r requirements/runtime.txt
pip install --no-deps "$dist"/*.whl
pip uninstall --yes setuptools pip
.venv/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --spec-version 1.6 \
  --output-file "$dist/deploywatch.cdx.json" "$work/venv/bin/python"

# The Python that made the environment, without anything that is installed in it.
python="$(.venv/bin/python -c 'import sys; print(sys._base_executable)')"
(cd "$work" && PEX_ROOT="$work/pex" "$python" -I "$dist/deploywatch.pex" --version)
.venv/bin/python -c '
import json, sys
bom = json.load(open(sys.argv[1]))
names = {part["name"] for part in bom["components"]}
print("SBOM:", bom["metadata"]["component"]["name"], "and", len(names), "components")
sys.exit(not {"httpx", "pydantic_core", "pydantic-core"} & names)' "$dist/deploywatch.cdx.json"
test -s "$dist/man/deploywatch-run.1"
(cd "$dist" && sha256sum ./*.whl ./*.tar.gz ./*.pex ./*.json >SHA256SUMS && cat SHA256SUMS)
