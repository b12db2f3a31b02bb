#!/usr/bin/env bash
# Times the whole site in both languages from a large firm, against its targets.
#
#     benches/report.sh [N [ENTRIES]]    contacts and entries of the access trail, by default 10000 and 100000
#
#     CARNET=path          measure this binary and do not build one
#     BENCH_SETUP=path     make the firm with this binary instead (a development build is slow at it)
#     BENCH_RUNS=5         timed builds of each sort
#     BENCH_STRICT=1       exit 1 when a target is missed (a wrong result is always exit 1)
#
# Targets on two idle cores: 3 s a build, 300 MB. Three builds are shown: the first, which has no cache of the trail; those
# that open every contact ("whole"); and those after a change of one contact ("again"), which open no other. All are judged.
# On a machine that has other work to do CPU is the time of all cores together; as root, `chrt -f 10 benches/report.sh` goes
# before that work.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
n=${1:-10000} entries=${2:-100000} runs=${BENCH_RUNS:-5}
say() { printf '%s\n' "$*" >&2; }
for tool in git python3 /usr/bin/time; do
    command -v "$tool" >/dev/null || { say "nothing can be measured without $tool"; exit 2; }
done
if [ -z "${CARNET:-}" ]; then
    cargo build --release --locked
    CARNET=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/carnet
fi
carnet=$(realpath "$CARNET") setup=$(realpath "${BENCH_SETUP:-$CARNET}")
work=$(mktemp -d "${TMPDIR:-/tmp}/carnet-report.XXXXXX")
trap 'rm -rf "$work"' EXIT
for variable in $(compgen -e); do
    case $variable in GIT_* | CARNET_* | XDG_* | GNUPGHOME) unset "$variable" ;; esac
done
python=$(python3 -c 'import sys; print(sys.executable)')
export HOME=$work/home XDG_DATA_HOME=$work/home/data LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 CARNET_NOW=2026-11-02T10:00:00Z
mkdir -p "$HOME"
book=$work/book
say "set-up of $n contacts and $entries entries"
"$python" benches/generate.py "$n" "$work"
"$setup" init "$book" --quiet --organisation Bench --member bench --name 'Bench Owner' --email bench@firm.example \
    --no-passphrase >/dev/null
"$setup" -C "$book" --quiet --yes import "$work/contacts.csv" --source Bench --basis prospects:legitimate-interests \
    --basis newsletter:consent >/dev/null
# Entries as large as signed ones (see trail.py), packed as git would have them after a year.
"$python" - "$book" "$entries" <<'PYTHON'
import random, sys, uuid
from pathlib import Path
sys.path.insert(0, "benches")
from trail import write_trail
rng = random.Random(1)
contacts = [str(uuid.UUID(bytes=rng.randbytes(16), version=4)) for _ in range(500)]
write_trail(Path(sys.argv[1]) / ".git", int(sys.argv[2]), 3, 13, rng, contacts)
PYTHON
git -C "$book" gc --quiet
export CARNET_NOW=2026-11-28T10:00:00Z
say "load before: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) cores"
# The first time the trail is inflated; without facets every contact is opened.
build() { /usr/bin/time -f '%e %U %S %M' -o "$work/time-$1" "$carnet" -C "$book" report --out "$work/site" --lang both --quiet >/dev/null; }
build first
for ((run = 1; run <= runs; run++)); do
    rm -f "$book"/.git/carnet/index/*.facets
    build "whole-$run"
done
some=$("$carnet" -C "$book" list --quiet --limit 1)
for ((run = 1; run <= runs; run++)); do
    "$carnet" -C "$book" --quiet edit "$some" --add-tag "bench-$run" >/dev/null
    build "again-$run"
done
files=$(find "$work/site" -type f | wc -l) bytes=$(du -sb "$work/site" | cut -f1)
# A fast wrong answer is no result.
failed=0
"$carnet" -C "$book" report --check "$work/site" >/dev/null || { say "WRONG: the site is not as it was signed"; failed=1; }
rows=$(cat "$work"/site/en/access*.html | grep -c '^<tr><td><time' || true)
[ "$rows" -ge "$entries" ] || { say "WRONG: $rows rows of $entries entries"; failed=1; }
"$python" - "$work" "$runs" "${BENCH_STRICT:-0}" "$files" "$bytes" <<'PYTHON' || failed=1
import sys
from pathlib import Path
work, runs = Path(sys.argv[1]), int(sys.argv[2])
print(f"{sys.argv[4]} files, {int(sys.argv[5]) / 1e6:.0f} MB")
print(f"{'BUILD':<8} {'WALL':>8} {'CPU':>8} {'MEMORY':>8}")
missed = False
for kind in ["first", "whole", "again"]:
    names = ["first"] if kind == "first" else [f"{kind}-{run}" for run in range(1, runs + 1)]
    times = [[float(x) for x in (work / f"time-{name}").read_text().split()] for name in names]
    wall, cpu = sorted(t[0] for t in times)[len(times) // 2], sorted(t[1] + t[2] for t in times)[len(times) // 2]
    memory = max(t[3] for t in times) / 1024
    late, big = wall > 3, memory > 300
    missed |= late or big
    verdict = f"   3 s: {'MISSED' if late else 'met'}, 300 MB: {'MISSED' if big else 'met'}"
    print(f"{kind:<8} {wall:>7.2f}s {cpu:>7.2f}s {memory:>5.0f} MB{verdict}")
sys.exit(1 if sys.argv[3] == "1" and missed else 0)
PYTHON
say "load after: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
exit "$failed"
