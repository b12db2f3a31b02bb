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
say() { printf '\n$ carnet %s\n' "$*"; "$CARNET" -C "$firm" "$@"; }
say list --limit 8
say find lyon salon
say show "Moulin Bleu"
say consent list lucie.bernard@courriel.example
say lawful lucie.bernard@courriel.example --purpose newsletter --channel email
say mailing --purpose newsletter --channel email --format mutt
say erase "Nora Petit" --reason request --request 2026-002 --yes
say history --limit 8
say verify
say report --out "$PWD/target/site" --lang both
echo
echo "The site is in target/site: open target/site/index.html"
