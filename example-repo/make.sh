#!/usr/bin/env bash
# Makes the demo firm's repository again: `example-repo/make.sh DIR` (DIR must not be there).
# Everything is invented; the key is made on the spot and thrown away with DIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:?usage: make.sh DIR}
carnet=${CARNET:-carnet}
mkdir -p "$target"
export HOME=$target/home XDG_DATA_HOME=$target/home/data CARNET_NOW=${CARNET_NOW:-2026-11-20T09:00:00Z}
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
"$carnet" init "$target/firm" --organisation "Atelier Vaucanson" --member claire --name "Claire Vaucanson" \
    --email claire@vaucanson.example --lang fr --no-passphrase --quiet
run() { CARNET_NOW=$1 "$carnet" -C "$target/firm" --quiet "${@:2}" >/dev/null; }
run 2026-11-20T09:05:00Z import "$here/customers.csv" --source "fichier clients 2025" --basis customers:contract
run 2026-11-20T09:10:00Z import "$here/prospects.vcf" --source "salon de Lyon 2026" --basis prospects:legitimate-interests
run 2026-11-20T09:15:00Z import "$here/newsletter.csv" --source "formulaire du site" --basis newsletter:consent --tag lettre
run 2026-11-20T09:16:00Z wording add lettre "$here/lettre.md" --lang fr --version 2026-11
run 2026-11-20T09:17:00Z wording add information "$here/information.md" --lang fr --version 2026-11
run 2026-11-20T09:20:00Z consent import "$here/optins.csv" --purpose newsletter --channel email --wording lettre \
    --method "formulaire du site"
run 2026-11-20T09:22:00Z consent withdraw sofia.rossi@posta.example --purpose newsletter --method "lien de désinscription"
run 2026-11-20T09:30:00Z consent ask "Ada Keller" --purpose prospects --wording information --channel email --method "salon de Lyon"
run 2026-11-20T09:35:00Z object yann.legoff@courriel.example --purpose newsletter --method "par courriel"
run 2026-11-20T10:00:00Z edit "Moulin Bleu" --set title="Meunerie" --add-tag fidele
run 2026-11-21T08:30:00Z show "Moulin Bleu" --purpose customers
run 2026-11-21T08:40:00Z erase paul.lenoir@courriel.example --reason request --request 2026-001 --yes
run 2026-11-21T09:00:00Z mailing --purpose newsletter --channel email --out "$target/lettre.csv"
echo "$target/firm"
