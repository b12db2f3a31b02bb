#!/usr/bin/env bash
# Makes the demo firm's repository again: `example-repo/make.sh DIR` (DIR must not be there).
# Everything is invented; the key is made on the spot and thrown away with DIR. Only ids and hashes differ from run to run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:?usage: make.sh DIR}
carnet=${CARNET:-carnet}
mkdir -p "$target"
export HOME=$target/home XDG_DATA_HOME=$target/home/data
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
# at MOMENT COMMAND...: one command of carnet, as if it were then.
at() { CARNET_NOW=$1 "$carnet" -C "$target/firm" --quiet "${@:2}" >/dev/null; }

# 2023: the firm begins, with the cards from a fair.
CARNET_NOW=2023-10-09T09:00:00Z "$carnet" init "$target/firm" --organisation "Atelier Vaucanson" --member claire \
    --name "Claire Vaucanson" --email claire@vaucanson.example --lang fr --no-passphrase --quiet >/dev/null
at 2023-10-09T09:20:00Z import "$here/salon-2023.csv" --source "salon de Grenoble 2023" --basis prospects:legitimate-interests
at 2025-03-11T15:00:00Z log call blandine.roche@salon.example "Demande le catalogue des automates" --direction in --duration 12m

# The registers: who answers for what, what it is for, who helps, who was taught what.
at 2026-08-31T09:00:00Z organisation edit --set siren="732 829 320" --set address="12 rue des Automates, 38000 Grenoble" \
    --set email=claire@vaucanson.example --set representative="Claire Vaucanson, gérante" \
    --set privacy_contact=donnees@vaucanson.example --set dpo="Cabinet Pascal, dpo@pascal.example"
at 2026-08-31T09:10:00Z purpose add --starter invoicing
at 2026-08-31T09:20:00Z processor add postiers --name "Les Postiers SARL" --service "impression et envoi de la lettre" \
    --data identity --country FR --contract "$here/contrat-postiers.md" --signed 2025-12-15 --expires 2026-12-14 \
    --points abcdefgh
at 2026-08-31T09:25:00Z purpose edit newsletter --set processors+=postiers
at 2026-08-31T09:30:00Z processor review postiers
for purpose in customers newsletter invoicing; do at 2026-08-31T09:40:00Z purpose review "$purpose"; done
at 2026-08-31T10:00:00Z training add claire --topic "Les droits des personnes" --date 2025-12-04 --next 2026-12-04
at 2026-08-31T10:05:00Z agreement add claire --kind incident-plan --title "Plan d'incident" \
    --document "$here/plan-incident.md" --review 2027-08-31

# Autumn 2026: customers, another fair, the newsletter.
at 2026-09-07T09:05:00Z import "$here/customers.csv" --source "fichier clients 2025" --basis customers:contract
at 2026-09-07T09:10:00Z import "$here/prospects.vcf" --source "salon de Lyon 2026" --basis prospects:legitimate-interests
at 2026-09-07T09:15:00Z wording add lettre "$here/lettre.md" --lang fr --version 2026-09
at 2026-09-07T09:16:00Z wording add information "$here/information.md" --lang fr --version 2026-09
at 2026-09-22T17:15:00Z import "$here/newsletter.csv" --source "formulaire du site" --basis newsletter:consent --tag lettre
at 2026-09-22T17:20:00Z consent import "$here/optins.csv" --purpose newsletter --channel email --wording lettre \
    --method "formulaire du site"
at 2026-09-25T09:30:00Z consent ask "Ada Keller" "Bruno Costa" "Célia Vidal" --purpose prospects --wording information \
    --channel email --method "salon de Lyon"
at 2026-10-02T10:00:00Z consent ask nora.petit@courriel.example --purpose newsletter --wording lettre --channel email \
    --method "par courriel"
at 2026-10-06T14:00:00Z consent give chloe.renaud@courriel.example --purpose newsletter --wording lettre --channel email \
    --method "à l'atelier" --source "journée portes ouvertes"
at 2026-10-07T08:00:00Z consent withdraw sofia.rossi@posta.example --purpose newsletter --method "lien de désinscription"
at 2026-10-08T09:35:00Z object yann.legoff@courriel.example --purpose newsletter --method "par courriel"

# Rights: one request answered with a pack, one by erasure, two still open.
at 2026-10-19T09:00:00Z request open access --contact lucie.bernard@courriel.example --channel email
at 2026-10-23T16:00:00Z request answer 2026-001 --out "$target/acces" --yes
at 2026-10-23T16:05:00Z request close 2026-001
at 2026-11-02T09:00:00Z request open erasure --contact paul.lenoir@courriel.example --channel post --received 2026-10-30
at 2026-11-04T08:40:00Z request answer 2026-002 --out "$target/effacement" --keep-opposition --yes
at 2026-11-04T08:45:00Z request close 2026-002 --told postiers
at 2026-11-06T09:00:00Z request open rectification --contact "Léa Chevalier" --channel phone --received 2026-10-27
at 2026-11-09T17:00:00Z request open erasure --contact nora.petit@courriel.example --channel email

# A breach: a letter to the wrong person.
at 2026-11-12T10:00:00Z breach open --aware 2026-11-12T09:30 --from 2026-11-11T16:00 --to 2026-11-12T09:30 \
    --origin wrong-recipient --cause internal-accidental --kind confidentiality --persons customers --persons-number 1 \
    --data contact --data economic --records-number 1 --encryption none --risk unlikely --notify no \
    --not-informed no-high-risk --facts "Un devis est parti à un autre client, qui l'a signalé et supprimé." \
    --why-cause "Adresse complétée par la messagerie, envoyée sans relecture." \
    --consequences "Un client connaît le prix d'un autre ; aucune suite attendue." \
    --measures "Confirmation écrite de la suppression ; les devis partent désormais d'un modèle sans complétion." \
    --why-risk "Un seul destinataire, connu, qui a supprimé le message." \
    --lessons "Relire l'adresse avant tout envoi d'un prix." \
    --why-not-notified "Risque improbable pour la personne (art. 33, paragraphe 1)."
at 2026-11-16T09:00:00Z breach close 2026-001

# Every day.
at 2026-11-17T10:00:00Z edit "Moulin Bleu" --set title="Meunerie" --add-tag fidele
at 2026-11-17T14:30:00Z log meeting "Hugo Garnier" "Visite de l'atelier ; veut remplacer l'automate du hall" --duration 1h30
at 2026-11-18T11:00:00Z log call "Moulin Bleu" "Demande un devis pour le carillon" --direction in --duration 25m
at 2026-11-18T11:05:00Z todo add "Moulin Bleu" "Envoyer le devis du carillon" --due 2026-11-25
at 2026-11-18T11:10:00Z todo add "Ada Keller" "Rappeler après le salon" --due 2026-11-20
at 2026-11-18T11:15:00Z search save tiedes "tag:prospect and not has:last"

# What is kept too long, what was read, and who gets the letter.
at 2026-11-19T08:00:00Z retention warn --purpose prospects
at 2026-11-19T08:30:00Z show "Moulin Bleu" --purpose customers
at 2026-11-20T09:00:00Z mailing --purpose newsletter --channel email --out "$target/lettre.csv"
echo "$target/firm"
