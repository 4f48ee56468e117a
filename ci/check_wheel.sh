#!/usr/bin/env bash
# Builds the wheel, installs it with the locked dependencies and nothing else, and uses it where no checkout is in reach.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m hatchling build -d "$work/dist" >/dev/null
install() {
  "$1" -m venv "$2"
  "$2/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/runtime.txt
  "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/dist/*.whl
}
install .venv/bin/python "$work/venv"

# Every version of Python that pyproject.toml declares and that is here, pyenv's among them; the tests run on the one of .venv.
found() {
  for candidate in "python$1" "$(pyenv root 2>/dev/null)/versions/$1".*/bin/python"$1"; do
    if "$candidate" -c '' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}
others=()
while read -r version; do
  python="$(found "$version")"
  if [ -n "$python" ]; then
    install "$python" "$work/venv-$version"
    others+=("$work/venv-$version/bin/deploywatch")
  else
    echo "skipped: there is no Python $version here"
  fi
done < <(sed -n 's/.*Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml)

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
for other in "${others[@]}"; do
  "$other" suspects crash.txt --base v1 --format json | grep -q '"Rename the price"'
  echo "on $("$(dirname "$other")/python" --version): it names the same commit"
done
echo "the wheel works"
