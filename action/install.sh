#!/usr/bin/env bash
# Installs what deploywatch depends on into a folder of its own: wheels only, and only those whose hashes are in the lock. deploywatch
# itself runs from the action's checkout, so that nothing is built.
set -euo pipefail

lock="$GITHUB_ACTION_PATH/requirements/runtime.txt"
wheels="$RUNNER_TEMP/deploywatch-wheels"
pip() { PIP_ROOT_USER_ACTION=ignore "$PYTHON" -I -m pip --quiet --disable-pip-version-check --no-input "$@"; }

if ! ls "$wheels"/*.whl >/dev/null 2>&1; then
  pip download --require-hashes --only-binary :all: --dest "$wheels" --requirement "$lock"
fi
rm -rf "$RUNNER_TEMP/deploywatch-site"
pip install --no-index --find-links "$wheels" --require-hashes --only-binary :all: --no-compile --no-warn-conflicts \
  --target "$RUNNER_TEMP/deploywatch-site" --requirement "$lock"
