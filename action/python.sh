#!/usr/bin/env bash
# Finds a Python that can run deploywatch. Outputs: path (empty where there is none), tag and lock (what the cached wheels are for).
set -euo pipefail

fits='import sys, sysconfig; sys.exit(sys.version_info < (3, 11))'
names='import sysconfig; print(sysconfig.get_config_var("SOABI"))'
sum='import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:16])'

for name in python3 python python3.14 python3.13 python3.12 python3.11; do
  path="$(command -v "$name")" || continue
  if ! "$path" -I -c "$fits" 2>/dev/null || ! "$path" -I -m pip --version >/dev/null 2>&1; then
    continue
  fi
  {
    echo "path=$path"
    echo "tag=$("$path" -I -c "$names")"
    echo "lock=$("$path" -I -c "$sum" "$GITHUB_ACTION_PATH/requirements/runtime.txt")"
  } >>"$GITHUB_OUTPUT"
  exit 0
done
echo "no Python of 3.11 or newer with pip is here; one will be set up"
echo "path=" >>"$GITHUB_OUTPUT"
