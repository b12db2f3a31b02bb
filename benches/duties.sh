#!/usr/bin/env bash
# Times the commands that look at the whole book for the law's sake, on invented contacts, against their targets.
#
#     benches/duties.sh [N]              size of the book, by default 10000
#
#     CARNET=path          measure this binary and do not build one
#     BENCH_RUNS=10        timed runs of each command
#     BENCH_KEEP=1         keeps the temporary directory and prints where it is
#     BENCH_STRICT=1       exit 1 when a target is missed (a wrong result is always exit 1)
#
# Half of the book came in four years ago, so that its retention is over; every other contact was asked for the
# newsletter, and said yes or no. The targets are for 10,000 contacts on two idle cores.
# Everything lives in one temporary directory, with a HOME of its own. Results: a table, and target/bench/duties.json.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
n=${1:-10000}
runs=${BENCH_RUNS:-10}
say() { printf '%s\n' "$*" >&2; }
for tool in hyperfine git python3; do
    command -v "$tool" >/dev/null || { say "nothing can be measured without $tool"; exit 2; }
done
if [ -z "${CARNET:-}" ]; then
    cargo build --release --locked
    CARNET=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/carnet
fi
carnet=$(realpath "$CARNET")
python=$(python3 -c 'import sys; print(sys.executable)') # a shim would not survive another HOME

work=$(mktemp -d "${TMPDIR:-/tmp}/carnet-duties.XXXXXX")
trap 'if [ "${BENCH_KEEP:-0}" = 1 ]; then say "kept: $work"; else rm -rf "$work"; fi' EXIT
for variable in $(compgen -e); do
    case $variable in GIT_* | CARNET_* | XDG_* | GNUPGHOME) unset "$variable" ;; esac
done
export HOME=$work/home XDG_DATA_HOME=$work/home/data GNUPGHOME=$work/gnupg LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$root/target/bench"
mkdir -m 700 "$GNUPGHOME"
book=$work/book
at() { CARNET_NOW=$1 "$carnet" -C "$book" --quiet --yes "${@:2}" >/dev/null; }

say "set-up of $n contacts"
"$python" benches/generate.py "$n" "$work"
"$python" - "$work" <<'PYTHON'
"""Halves contacts.csv into old.csv and new.csv, and answers for every other contact: optins.csv."""
import csv, sys
from pathlib import Path
work = Path(sys.argv[1])
with open(work / "contacts.csv", newline="") as f:
    reader = csv.DictReader(f)
    rows, names = list(reader), reader.fieldnames
for name, part in (("old", rows[: len(rows) // 2]), ("new", rows[len(rows) // 2 :])):
    with open(work / f"{name}.csv", "w", newline="") as f:
        writer = csv.DictWriter(f, names)
        writer.writeheader()
        writer.writerows(part)
key = next(name for name in names if name.startswith("email"))
said = [row[key].split()[0].strip(";,") for row in rows[1::2] if row[key]]
with open(work / "optins.csv", "w", newline="") as f:
    writer = csv.writer(f)
    writer.writerow(["email", "action", "date"])
    writer.writerows((address, "no" if i % 5 == 0 else "yes", "2026-11-20") for i, address in enumerate(said))
yes = [address for i, address in enumerate(said) if i % 5]
(work / "yes.txt").write_text(f"{len(yes)}\n{yes[0]}\n")
PYTHON
{ read -r yes; read -r someone; } <"$work/yes.txt"
CARNET_NOW=2022-11-02T09:00:00Z "$carnet" init "$book" --quiet --organisation Bench --member bench --name 'Bench Owner' \
    --email bench@firm.example --no-passphrase >/dev/null
for half in 2022-11-02T10:00:00Z=old 2026-11-02T10:00:00Z=new; do
    at "${half%=*}" import "$work/${half#*=}.csv" --source Bench --basis prospects:legitimate-interests --basis newsletter:consent
done
echo 'I want the newsletter by e-mail.' >"$work/wording.md"
at 2026-11-20T09:00:00Z wording add newsletter "$work/wording.md" --lang en
at 2026-11-20T10:00:00Z consent import "$work/optins.csv" --purpose newsletter --channel email --wording newsletter --method form
export CARNET_NOW=2026-11-23T10:00:00Z

# A fast wrong answer is no result.
failed=0
check() {
    [ "$2" -eq "$3" ] || { say "WRONG: $1 gives $3, not $2"; failed=1; }
}
check mailing "$yes" "$("$carnet" -C "$book" mailing --purpose newsletter --channel email --format csv 2>/dev/null | tail -n +2 | wc -l)"
check lawful 0 "$("$carnet" -C "$book" lawful "$someone" --purpose newsletter --channel email >/dev/null; echo $?)"

say "load before: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) cores"
# Exit codes 5 and 7 are answers. Each command writes its entry into the access trail, as for a user.
hyperfine --style none -N --output=pipe --ignore-failure --warmup 1 --runs "$runs" --export-json "$root/target/bench/duties.json" \
    -n mailing "'$carnet' -C '$book' mailing --purpose newsletter --channel email --format csv" \
    -n 'retention due' "'$carnet' -C '$book' retention due" \
    -n audit "'$carnet' -C '$book' audit" \
    -n duties "'$carnet' -C '$book' duties" \
    -n lawful "'$carnet' -C '$book' lawful $someone --purpose newsletter --channel email" \
    -n 'lawful --at' "'$carnet' -C '$book' lawful $someone --purpose newsletter --channel email --at 2026-11-21" >/dev/null 2>"$work/log" \
    || { cat "$work/log" >&2; exit 1; }
"$python" - "$root/target/bench/duties.json" "${BENCH_STRICT:-0}" <<'PYTHON' || failed=1
import json, sys
targets = {"mailing": 2.0, "retention due": 2.0, "audit": 2.0, "duties": 2.0}  # seconds, at 10,000 contacts
missed = False
print(f"{'COMMAND':<14} {'MEAN':>8} {'MIN':>8} {'MAX':>8} {'CPU':>8}  TARGET")
for run in json.load(open(sys.argv[1]))["results"]:
    target, bad = targets.get(run["command"]), [c for c in run["exit_codes"] if c not in (0, 5, 7)]
    note = "" if target is None else f"{target:.0f} s: {'met' if run['mean'] <= target else 'MISSED'}"
    missed = missed or (target is not None and run["mean"] > target)
    if bad:
        print(f"FAILED: {run['command']} ends with {bad[0]}", file=sys.stderr)
    figures = " ".join(f"{run[k]:>7.3f}s" for k in ("mean", "min", "max"))
    print(f"{run['command']:<14} {figures} {run['user'] + run['system']:>7.3f}s  {note}")
    if bad:
        sys.exit(1)
sys.exit(1 if missed and sys.argv[2] == "1" else 0)
PYTHON
say "load after: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
exit "$failed"
