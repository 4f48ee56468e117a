#!/usr/bin/env bash
# Checks action.yml and the example workflows: their schemas, actionlint, zizmor; and the scripts and the container file.
set -euo pipefail
cd "$(dirname "$0")/../.."

workflows=(ci/examples/github/*.yml)
.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows "${workflows[@]}"
.venv/bin/zizmor --quiet --offline --no-progress --config ci/workflows/zizmor.yml action.yml "${workflows[@]}"
.venv/bin/hadolint Containerfile
.venv/bin/shellcheck action/*.sh ci/*.sh ci/workflows/*.sh .ci/run

if [ ! -d ci/workflows/node_modules ]; then
  npm ci --silent --no-audit --no-fund --prefix ci/workflows
fi
node ci/workflows/lint.mjs "${workflows[@]}"
echo "the workflows are in order"
