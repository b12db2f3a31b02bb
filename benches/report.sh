#!/usr/bin/env bash
# Times the whole site in both languages from a large firm, against its targets.
#
#     benches/report.sh [N [ENTRIES]]    contacts and entries of the access trail, by default 10000 and 100000
#
#     CARNET=path          measure this binary and do not build one
#     BENCH_SETUP=path     make the firm with this binary instead (a development build is slow at it)
#     BENCH_RUNS=5         timed builds after the first
#     BENCH_STRICT=1       exit 1 when a target is missed (a wrong result is always exit 1)
#
# Targets on two idle cores: 3 s a build, 300 MB. The first build has no cache of the trail; it is shown and not judged.
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
tests/browser/many.sh "$book" "$entries"
export CARNET_NOW=2026-11-23T10:00:00Z
say "load before: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) cores"
for ((run = 0; run <= runs; run++)); do
    /usr/bin/time -f '%e %U %S %M' -o "$work/time-$run" "$carnet" -C "$book" report --out "$work/site" --lang both --quiet >/dev/null
done
# A fast wrong answer is no result.
failed=0
"$carnet" -C "$book" report --check "$work/site" >/dev/null || { say "WRONG: the site is not as it was signed"; failed=1; }
rows=$(cat "$work"/site/en/access*.html | grep -c '^<tr><td><time' || true)
[ "$rows" -ge "$entries" ] || { say "WRONG: $rows rows of $entries entries"; failed=1; }
"$python" - "$work" "$runs" "${BENCH_STRICT:-0}" <<'PYTHON' || failed=1
import sys
from pathlib import Path
work, runs = Path(sys.argv[1]), int(sys.argv[2])
times = [[float(x) for x in (work / f"time-{run}").read_text().split()] for run in range(runs + 1)]
print(f"{'BUILD':<8} {'WALL':>8} {'CPU':>8} {'MEMORY':>8}")
for run, (wall, user, system, kilobytes) in enumerate(times):
    print(f"{'first' if run == 0 else run:<8} {wall:>7.2f}s {user + system:>7.2f}s {kilobytes / 1024:>5.0f} MB")
later = times[1:] or times
wall, memory = sum(t[0] for t in later) / len(later), max(t[3] for t in later) / 1024
print(f"mean {wall:.2f} s (3 s: {'met' if wall <= 3 else 'MISSED'}), {memory:.0f} MB (300 MB: {'met' if memory <= 300 else 'MISSED'})")
sys.exit(1 if sys.argv[3] == "1" and (wall > 3 or memory > 300) else 0)
PYTHON
say "load after: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
exit "$failed"
