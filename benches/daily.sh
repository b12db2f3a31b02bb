#!/usr/bin/env bash
# Times the jobs of a day beside khard's and crm.cli's, on the same invented contacts, in one run on one machine.
#
#     benches/daily.sh [N]               size of the book, by default 10000
#
#     CARNET=path          measure this binary and do not build one
#     CRM=path             crm.cli's program (https://github.com/dzhng/crm.cli), where it is installed
#     BENCH_RUNS=20        timed runs of a fast program; khard gets three
#     BENCH_KEEP=1         keeps the temporary directory and prints where it is
#     BENCH_STRICT=1       exit 1 when a target is missed (a wrong result is always exit 1)
#
# list, find, show, log, query, dupes: each program does the job as its users do it, all of one job in one hyperfine
# call, without a shell, into the same kind of pipe (khard, which takes seconds, in one right behind it). What a program
# has no command for is `-`. carnet decrypts, and writes a signed entry into the access trail at every read; khard reads
# plain vCards, crm.cli one plain SQLite file. Everything lives in one temporary directory, with a HOME of its own.
# Results: a table of ratios, and target/bench/daily/{JOB.json,summary.json}.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
n=${1:-10000}
runs=${BENCH_RUNS:-20}
say() { printf '%s\n' "$*" >&2; }
for tool in hyperfine git python3; do
    command -v "$tool" >/dev/null || { say "nothing can be measured without $tool"; exit 2; }
done
khard=$(command -v khard || true)
[ -n "$khard" ] || say "SKIPPED: khard is not installed; apt-get install khard"
crm=${CRM:-$(command -v crm || true)}
if [ -z "$crm" ]; then
    say "SKIPPED: crm.cli is not installed, and neither npm nor bun can install it: its README says \`bun install -g crm.cli\`,"
    say "         but the npm registry, which bun uses too, knows no crm.cli nor @dzhng/crm.cli (asked 2026-11-25: E404)."
    say "         Built from its repository, CRM=path/to/crm compares with it."
fi
if [ -z "${CARNET:-}" ]; then
    cargo build --release --locked
    CARNET=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/carnet
fi
carnet=$(realpath "$CARNET")
python=$(python3 -c 'import sys; print(sys.executable)') # a shim would not survive another HOME

work=$(mktemp -d "${TMPDIR:-/tmp}/carnet-daily.XXXXXX")
trap 'if [ "${BENCH_KEEP:-0}" = 1 ]; then say "kept: $work"; else rm -rf "$work"; fi' EXIT
for variable in $(compgen -e); do
    case $variable in GIT_* | CARNET_* | CRM_* | XDG_* | KHARD_* | GNUPGHOME | EDITOR | VISUAL) unset "$variable" ;; esac
done
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CONFIG_HOME=$work/home/config GNUPGHOME=$work/gnupg
export LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 CRM_DB=$work/crm.db
out=$root/target/bench/daily
rm -rf "$out"
mkdir -p "$HOME" "$XDG_CONFIG_HOME/khard" "$out"
mkdir -m 700 "$GNUPGHOME"
data=$work/data-set book=$work/book

say "set-up of $n contacts"
"$python" benches/generate.py "$n" "$data" >/dev/null
"$carnet" init "$book" --quiet --organisation Bench --member bench --name 'Bench Owner' --email bench@firm.example \
    --no-passphrase >/dev/null
"$carnet" -C "$book" --quiet --yes import "$data/contacts.csv" --source Bench --basis prospects:legitimate-interests >/dev/null
printf '[addressbooks]\n[[main]]\npath = %s\n[general]\ndefault_action = list\n' "$data/vdir" >"$XDG_CONFIG_HOME/khard/khard.conf"
if [ -n "$crm" ]; then
    say "import into crm.cli (minutes)"
    "$crm" import contacts "$data/contacts.csv" --skip-errors >/dev/null
fi
fact() { "$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$data/facts.json" "$1"; }
word=$(fact word) family=$(fact some_family) email=$(fact some_email)
id=$("$carnet" -C "$book" show -q "$email" | head -1)

# A fast wrong answer is no result.
failed=0
check() {
    [ "$2" -eq "$3" ] || { say "WRONG: $1 gives $3, not $2"; failed=1; }
}
check 'list' "$n" "$("$carnet" -C "$book" list -q | wc -l)"
check "find" "$(fact word_hits)" "$("$carnet" -C "$book" find -q "$word" | wc -l)"
check 'show' 1 "$("$carnet" -C "$book" show "$email" | grep -c '^name = ')"
# Against the same look-up in the plain cards: who has this family name and how many addresses.
check 'query' "$("$python" - "$data/vdir" "$family" <<'PYTHON'
import sys, unicodedata
from pathlib import Path
fold = lambda text: "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
count = 0
for card in Path(sys.argv[1]).rglob("*.vcf"):
    lines = card.read_text().replace("\r", "").replace("\n ", "").split("\n")
    of = lambda name: [line.split(":", 1)[1] for line in lines if line.split(":")[0].split(";")[0] == name]
    if all(word in fold(" ".join(of("FN") + of("N") + of("ORG") + of("EMAIL") + of("CATEGORIES"))) for word in fold(sys.argv[2]).split()):
        count += len(of("EMAIL"))
print(count)
PYTHON
)" "$("$carnet" -C "$book" query "$family" --format mutt --limit 100000 2>/dev/null | tail -n +2 | wc -l)"
if [ -n "$khard" ]; then
    check 'khard list' "$n" "$(khard list --parsable | wc -l)"
fi

# bench JOB CARNET KHARD CRM: one job; `-` where a program has no command for it.
bench() {
    local job=$1 all=(--runs "$runs" -n carnet "'$carnet' -C '$book' $2")
    [ -z "$crm" ] || [ "$4" = - ] || all+=(-n crm.cli "'$crm' $4")
    say "  $job"
    hyperfine --style none -N --output=pipe --ignore-failure --warmup 2 "${all[@]}" --export-json "$out/$job.json" >/dev/null 2>"$work/log" \
        || { cat "$work/log" >&2; exit 1; }
    # Seconds a run: three say enough, and they come at once behind the others.
    [ -z "$khard" ] || [ "$3" = - ] || hyperfine --style none -N --output=pipe --warmup 1 --runs 3 -n khard "khard $3" \
        --export-json "$out/$job-khard.json" >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}
say "load before: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) cores"
bench list 'list' 'list' 'contact list'
bench find "find $word" "list $word" "find $word"
bench show "show $email" "show $email" "contact show $email"
bench query "query $family --format mutt" "email --parsable $family" "search $family --type contact"
bench dupes 'dupes' - 'dupes --type contact'
entries() { "$carnet" -C "$book" show "$id" --json | "$python" -c 'import json,sys; print(len(json.load(sys.stdin)["data"].get("activity", [])))'; }
before=$(entries)
bench log "log call $id 'asked for a quote'" - "log call 'asked for a quote' --contact $email"
check 'log' $((before + runs + 2)) "$(entries)"
say "load after: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"

"$python" - "$out" "$n" "${BENCH_STRICT:-0}" <<'PYTHON' || failed=1
import json, statistics, sys
from pathlib import Path
out, n, strict = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"
targets = {"dupes": 2.0, "query": 0.030} if n <= 10_000 else {}
summary, missed = {}, False
for job in ("list", "find", "show", "query", "dupes", "log"):
    found = {}
    for path in (out / f"{job}.json", out / f"{job}-khard.json"):
        for run in json.loads(path.read_text())["results"] if path.exists() else []:
            bad = [c for c in run["exit_codes"] if c]
            if bad:
                sys.exit(f"FAILED: {run['command']}, {job}: exit code {bad[0]}")
            found[run["command"]] = {"median": run["median"], "min": run["min"], "cpu": run["user"] + run["system"]}
    summary[job] = found
(out / "summary.json").write_text(json.dumps({"contacts": n, "jobs": summary}, indent=1))
shown = lambda s: f"{s * 1000:.0f} ms" if s < 1 else f"{s:.1f} s"
print("| job | carnet | target | khard | × | × of the cores | crm.cli | × | × of the cores |")
print("|---|---|---|---|---|---|---|---|---|")
for job, found in summary.items():
    own, cpu = found["carnet"]["median"], found["carnet"]["cpu"]
    target = targets.get(job)
    cells = [job, shown(own), "" if target is None else f"{shown(target)}: {'met' if own <= target else 'missed'}"]
    missed |= target is not None and own > target
    for peer in ("khard", "crm.cli"):
        there = found.get(peer)
        # The clock counts what else the machine does; what a program took of the cores does not.
        ratios = [f"{there[key] / mine:.1f}" for key, mine in (("median", own), ("cpu", cpu))] if there else ["-", "-"]
        cells += [shown(there["median"]) if there else "-", *ratios]
    print("| " + " | ".join(cells) + " |")
sys.exit(1 if missed and strict else 0)
PYTHON
exit "$failed"
