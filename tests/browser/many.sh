#!/usr/bin/env bash
# Adds COUNT reads to the access trail of a data repository: `many.sh REPOSITORY COUNT`. One a quarter of an hour,
# backwards from 2026-11-01, unsigned: for what many entries look like, not for what they prove.
set -euo pipefail
repo=$1 count=$2
ref=refs/carnet/access/2026-10/demo
{
    for ((n = 0; n < count; n++)); do
        time=$((1793491200 - (count - n) * 900))
        printf 'commit %s\ncommitter demo <demo@vaucanson.example> %s +0000\ndata <<END\nshow\n\nCarnet-Action: show\n' "$ref" "$time"
        printf 'Carnet-Book: main\nCarnet-Purpose: customers\nCarnet-Count: %s\nEND\n\n' $((n % 7 + 1))
    done
} | GIT_CONFIG_GLOBAL=/dev/null git -C "$repo" fast-import --quiet --force
