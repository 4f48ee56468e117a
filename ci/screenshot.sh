#!/usr/bin/env bash
# Takes the documentation's picture of a report, from a real run of the demo in a real browser: ci/screenshot.sh
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
.venv/bin/deploywatch demo --folder "$work/demo" >/dev/null
report=("$work"/demo/report/*.html)
chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
  --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --window-size=900,1400 \
  --screenshot="$PWD/docs/images/report.png" "file://${report[0]}"
