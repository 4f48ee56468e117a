#!/usr/bin/env bash
# Builds the wheel, installs it with the locked dependencies and nothing else, and uses it where no checkout is in reach.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m hatchling build -d "$work/dist" >/dev/null
.venv/bin/python -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/dist/*.whl

mkdir "$work/shop"
cd "$work/shop"
git init --quiet --initial-branch=main .
commit() { git -c user.name="$1" -c user.email="$1@example.com" -c commit.gpgsign=false commit --quiet --all --message "$2"; }
printf 'def total(basket):\n    return sum(item["price"] for item in basket)\n\n\nprint(total([{"price": 3}]))\n' >shop.py
printf 'A shop.\n' >README
git add . && commit ada "A shop"
git tag v1
sed -i.bak 's/item\["price"\]/item["prize"]/' shop.py && rm -f shop.py.bak
commit bob "Rename the price"
printf 'The shop.\n' >README
commit cleo "Say it better"

python="$work/venv/bin/python"
deploywatch="$work/venv/bin/deploywatch"
"$deploywatch" --version
"$python" -m deploywatch --version
"$python" -c '
import deploywatch, pathlib
folder = pathlib.Path(deploywatch.__file__).parent
missing = [name for name in ("templates/report.html.j2", "schemas/suspects.json", "schemas/config.json") if not (folder / name).is_file()]
raise SystemExit(f"the wheel lacks {missing}" if missing else 0)'
"$python" shop.py 2>crash.txt && exit 1
"$deploywatch" suspects crash.txt --base v1
"$deploywatch" suspects crash.txt --base v1 --format json | "$python" -c '
import json, sys
answer = json.load(sys.stdin)
first = answer["suspects"][0]
print("named:", first["author"]["name"], first["subject"], first["probability"])
sys.exit(first["author"]["name"] != "bob")'
echo "the wheel works"
