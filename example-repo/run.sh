#!/usr/bin/env bash
# README's first command: the main job on a fresh copy of the demo firm, with the static site written to target/site.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --locked
export CARNET=$PWD/target/debug/carnet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
firm=$(example-repo/make.sh "$work/demo")
export HOME=$work/demo/home XDG_DATA_HOME=$work/demo/home/data CARNET_NOW=2026-11-23T10:00:00Z
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
topic() { printf '\n== %s\n' "$*"; }
# say COMMAND...: what a user types, and what they see. A no (5) and findings (7) are answers, too.
say() {
    printf '\n$ carnet'
    printf ' %s' "${@@Q}" | sed "s#'\([^' |&;<>()*?\$]*\)'#\1#g; s#$work#..#g"
    printf '\n'
    local code=0
    "$CARNET" -C "$firm" "$@" || code=$?
    case $code in 0 | 5 | 7) ;; *) exit "$code" ;; esac
}

topic Every day
say list @tiedes --limit 5
say find lyon salon
say show "Moulin Bleu"
say agenda

topic May we write to her, and under which text?
say consent list sofia.rossi@posta.example
say lawful lucie.bernard@courriel.example --purpose newsletter --channel email
say lawful sofia.rossi@posta.example --purpose newsletter --channel email
say lawful sofia.rossi@posta.example --purpose newsletter --channel email --at 2026-10-01
say mailing --purpose newsletter --channel email --format mutt

topic Rights, retention, duties
say request list
say request answer 2026-004 --out "$work/reponse" --keep-opposition --yes
say retention due
say duties
say audit

topic Forget, and prove it
say erase "Pia Lombardi" --reason request --keep-opposition --yes
say history --limit 12
say verify
say start
say audit || true
say duties --days 400
say notice --purpose newsletter --lang fr
"$CARNET" -C "$firm" map --format svg --lang fr > "$work/map.svg"
mkdir -p target && cp "$work/map.svg" target/map.svg
say report --out "$PWD/target/site" --lang both
echo
echo "The site is in target/site: open target/site/index.html; the data map is target/map.svg"
