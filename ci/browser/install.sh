#!/usr/bin/env bash
# What tests/report/test_browser.py needs beside the Python environment. What cannot be had here is said, and those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v chromium chromium-browser google-chrome >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null ||
    echo "chromium could not be installed: the tests in a browser are skipped"
fi
if command -v npm >/dev/null; then
  npm ci --silent --no-audit --no-fund || echo "axe-core could not be installed: the tests that need it are skipped"
else
  echo "there is no npm: the tests that need axe-core are skipped"
fi
