#!/usr/bin/env bash
# Compares carnet with what its users would pick instead, on the same invented contacts, in one run on one machine.
#
#     benches/peers.sh [N...]            sizes of the book, by default 1000 10000
#
#     CARNET=path          measure this binary and do not build one
#     BENCH_RUNS=30        timed runs of a fast job (slow peers get fewer)
#     BENCH_HISTORY=10000  signed commits for `verify`, made with `carnet edit` at the largest size; 0 leaves it out
#     BENCH_SLOW=0         leaves out peers that take seconds a run (khard, pass grep)
#     BENCH_KEEP=1         keeps the temporary directory and prints where it is
#     BENCH_STRICT=1       exit 1 when a target is missed (a wrong result is always exit 1)
#
# Both sides of a job run in one hyperfine call, without a shell, into the same kind of pipe. Where a run must differ
# from the one before (add, erase), it is one hyperfine parameter list with one run each, the first ones thrown away.
# Everything lives in one temporary directory: HOME, XDG_*, GNUPGHOME, git configuration. Nothing of yours is read.
# Results: a table, and target/bench/{N/JOB.json,summary.json}.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
[ $# -gt 0 ] || set -- 1000 10000
mapfile -t sizes < <(printf '%s\n' "$@" | sort -nu)
runs=${BENCH_RUNS:-30}
history=${BENCH_HISTORY:-10000}
slow=${BENCH_SLOW:-1}
[ "$history" = 0 ] || [ "$history" -ge 100 ] || { echo "BENCH_HISTORY is 0 or at least 100" >&2; exit 2; }
say() { printf '%s\n' "$*" >&2; }

# -- tools: what is missing is said aloud, with the package that has it --------------------------------------------
declare -A package=([hyperfine]=hyperfine [git]=git [gpg]=gnupg [rg]=ripgrep [pass]=pass [khard]=khard [abook]=abook
    [python3]=python3 [/usr/bin/time]=time)
have() { command -v "$1" >/dev/null 2>&1; }
missing=()
for tool in "${!package[@]}"; do have "$tool" || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then
    say "SKIPPED: every comparison with ${missing[*]}: not installed; apt-get install$(for t in "${missing[@]}"; do printf ' %s' "${package[$t]}"; done)"
fi
for tool in hyperfine git python3; do
    have "$tool" || { say "nothing can be measured without $tool"; exit 2; }
done

if [ -z "${CARNET:-}" ]; then
    cargo build --release --locked
    CARNET=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/carnet
fi
carnet=$(realpath "$CARNET")
unset CARNET

python=$(python3 -c 'import sys; print(sys.executable)') # a shim would not survive another HOME
load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo 0)
[ "${load%%.*}" -lt 1 ] || say "note: the load is already $load; only ratios within one job mean anything"

# -- a world of our own --------------------------------------------------------------------------------------------
work=$(mktemp -d "${TMPDIR:-/tmp}/carnet-bench.XXXXXX")
cleanup() {
    GNUPGHOME=$work/gnupg gpgconf --kill all >/dev/null 2>&1 || true
    if [ "${BENCH_KEEP:-0}" = 1 ]; then say "kept: $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT
for variable in $(compgen -e); do
    case $variable in
        GIT_* | CARNET_* | PASSWORD_STORE_* | GPG_* | XDG_* | RIPGREP_* | KHARD_* | EDITOR | VISUAL) unset "$variable" ;;
    esac
done
export HOME=$work/home GNUPGHOME=$work/gnupg LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1
export XDG_CONFIG_HOME=$HOME/config XDG_CACHE_HOME=$HOME/cache XDG_STATE_HOME=$HOME/state
export XDG_RUNTIME_DIR=$work/run GIT_CONFIG_GLOBAL=$HOME/gitconfig GIT_CONFIG_NOSYSTEM=1
mkdir -p "$XDG_CONFIG_HOME/khard" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$GNUPGHOME" "$XDG_RUNTIME_DIR"
git config --file "$GIT_CONFIG_GLOBAL" user.name 'Bench Owner'
git config --file "$GIT_CONFIG_GLOBAL" user.email bench@firm.example
git config --file "$GIT_CONFIG_GLOBAL" init.defaultBranch main
out=$root/target/bench
rm -rf "$out"; mkdir -p "$out"
if have gpg; then
    # Curve 25519, the fastest kind of key that pass can have.
    gpg --batch --quiet --passphrase '' --quick-generate-key 'Bench Owner <bench@firm.example>' future-default default never 2>/dev/null
    key=$(gpg --batch --quiet --with-colons --list-keys 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }')
fi

# bench JOB WARMUP RUNS [-n NAME COMMAND]...: one hyperfine call; its JSON goes to target/bench/N/JOB.json.
# With RUNS = each, every command runs once for each {x} of the list $each, in turn. It then goes through `sh`, because
# `pass insert` reads standard input, which hyperfine 1.15 cannot give; both sides pay that. hyperfine cannot name such
# runs, so the command itself begins with `: NAME;`, by which table.py tells them apart.
bench() {
    local job=$1 warmup=$2 count=$3; shift 3
    local more=()
    if [ "$count" = each ]; then
        count=1 more=(-L x "$each")
        while [ $# -gt 0 ]; do more+=("sh -c \": $2; $3\""); shift 3; done
    fi
    say "  $job"
    hyperfine --style none -N --output=pipe --warmup "$warmup" --runs "$count" "${more[@]}" \
        --export-json "$out/$n/$job.json" "$@" >/dev/null 2>"$work/hyperfine.log" \
        || { say "FAILED: $job at $n"; cat "$work/hyperfine.log" >&2; rm -f "$out/$n/$job.json"; failed=1; }
}
fact() { "$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$data/facts.json" "$1"; }
# check WHAT EXPECTED FOUND: a fast wrong answer is no result.
check() {
    [ "$2" -eq "$3" ] || { say "WRONG: $1 at $n gives $3, not $2"; failed=1; }
}
failed=0

# -- set-up of one size --------------------------------------------------------------------------------------------
init_carnet() {
    "$carnet" init "$1" --organisation Bench --member bench --name 'Bench Owner' --email bench@firm.example \
        --no-passphrase >"$work/init.out" 2>&1 || { say "FAILED: init"; cat "$work/init.out" >&2; exit 1; }
}

# Import is a job of its own: three fresh books, the last one stays. Nothing is deleted before or between: for some
# seconds ext4 steps around each inode that was just freed, which would be measured instead.
import_carnet() {
    say "  import"
    for _ in 1 2 3; do
        [ ! -e "$book" ] || { mv "$book" "$book.$RANDOM$RANDOM"; mv "$XDG_DATA_HOME" "$XDG_DATA_HOME.$RANDOM$RANDOM"; }
        init_carnet "$book"
        if [ -x /usr/bin/time ]; then
            /usr/bin/time -a -o "$out/$n/import.txt" -f '%e %M' "$carnet" -C "$book" import "$data/contacts.csv" \
                --source Bench --basis prospects:legitimate-interests --yes >"$work/import.out" 2>&1 \
                || { say "FAILED: import at $n"; tail -5 "$work/import.out" >&2; exit 1; }
        else
            "$carnet" -C "$book" import "$data/contacts.csv" --source Bench --basis prospects:legitimate-interests --yes
        fi
    done
}

# Encrypts in bulk as `pass insert` would (the same options), then one commit: N inserts would take minutes.
setup_pass() {
    export PASSWORD_STORE_DIR=$work/$n/store
    pass init "$key" >/dev/null
    pass git init >/dev/null
    cp -r "$data/pass/." "$PASSWORD_STORE_DIR"
    find "$PASSWORD_STORE_DIR"/[0-9a-f][0-9a-f] -type f -print0 \
        | xargs -0 -P "$(nproc)" -n 250 gpg --batch --quiet --yes --compress-algo=none --no-encrypt-to \
            --trust-model always --recipient "$key" --encrypt-files
    find "$PASSWORD_STORE_DIR"/[0-9a-f][0-9a-f] -type f ! -name '*.gpg' -delete
    pass git add --all >/dev/null
    pass git commit -q -m 'All contacts' >/dev/null
}

setup_khard() {
    printf '[addressbooks]\n[[main]]\npath = %s\n[general]\ndefault_action = list\n' "$data/vdir" >"$XDG_CONFIG_HOME/khard/khard.conf"
}

# -- the jobs --------------------------------------------------------------------------------------------------------
word_jobs() {
    local word second both family
    word=$(fact word) second=$(fact second) family=$(fact some_family)
    both="$word.*$second|$second.*$word"
    check "find $word" "$(fact word_hits)" "$("$carnet" -C "$book" find -q "$word" | wc -l)"
    check "find $word $second" "$(fact both_hits)" "$("$carnet" -C "$book" find -q "$word" "$second" | wc -l)"
    check "list" "$n" "$("$carnet" -C "$book" list -q | wc -l)"
    local one=() two=()
    if have rg; then
        check "rg $word" "$(fact word_hits)" "$(rg -l "$word" "$data/toml" | wc -l)"
        check "rg -U, two words" "$(fact both_hits)" "$(rg -lU --multiline-dotall "$both" "$data/toml" | wc -l)"
        one=(-n rg "rg $word '$data/toml'")
        two=(-n rg "rg -U --multiline-dotall '$both' '$data/toml'")
    fi
    bench find 3 "$runs" -n carnet "'$carnet' -C '$book' find $word" "${one[@]}"
    bench find-two 3 "$runs" -n carnet "'$carnet' -C '$book' find $word $second" "${two[@]}"
    bench list 3 "$runs" -n carnet "'$carnet' -C '$book' list" "${one[@]}"
    if have abook; then
        bench find-name 3 "$runs" -n carnet "'$carnet' -C '$book' find $family" \
            -n abook "abook --datafile '$data/abook' --mutt-query $family"
    fi
    if have khard && [ "$slow" = 1 ]; then
        setup_khard
        bench list-khard 1 3 -n carnet "'$carnet' -C '$book' list" -n khard "khard list"
        bench find-khard 1 3 -n carnet "'$carnet' -C '$book' find $word" -n khard "khard list $word"
    fi
    if have pass && have gpg && [ "$slow" = 1 ] && [ "$n" -le 1000 ]; then
        bench find-pass 0 2 -n carnet "'$carnet' -C '$book' find $word" -n pass-grep "pass grep $word"
    fi
}

one_contact_jobs() {
    local id peer=()
    id=$("$carnet" -C "$book" list -q | sed -n "$((n / 2))p")
    printf 'Bench note\nname = "Zoé Bench"\nemail = "zoe@firm.example"\n' >"$work/insert"
    have pass && have gpg && peer=(-n pass "pass show $(fact some_id | cut -c1-2)/$(fact some_id)")
    bench show 3 "$runs" -n carnet "'$carnet' -C '$book' show $id" "${peer[@]}"
    bench show-by-email 3 "$runs" -n carnet "'$carnet' -C '$book' show $(fact some_email)"
    each=$(seq -s, 1 "$((runs + 3))")
    have pass && have gpg && peer=(-n pass "exec pass insert -m ff/bench{x} <'$work/insert'")
    bench add 0 each -n carnet "$(add_command "$n" zoe)" "${peer[@]}"
}

# add_command SIZE NAME: adds contact NAME{x} to the book of that size.
add_command() {
    printf "XDG_DATA_HOME='%s' exec '%s' -C '%s' add --name '%s Bench {x}' --email %s{x}@bench.example" \
        "$work/$1/xdg-data" "$carnet" "$work/$1/book" "$2" "$2"
    printf " --source Bench --basis prospects:legitimate-interests </dev/null"
}

# The smallest book and the largest, in one call.
growth_job() {
    local small=${sizes[0]}
    each=$(seq -s, 1 "$((runs + 3))")
    bench growth 0 each -n "$n" "$(add_command "$n" ida)" -n "$small" "$(add_command "$small" ida)"
}

# erase_job JOB PERCENT: erases 13 different contacts, from that place of the list on.
erase_job() {
    local first=$((n * $2 / 100 + 1))
    each=$("$carnet" -C "$book" list -q | sed -n "$first,$((first + 12))p" | paste -sd,)
    bench "$1" 0 each -n carnet "exec '$carnet' -C '$book' erase {x} --reason retention --yes"
}

# A history of signed commits: one `carnet edit` each, in turn over all contacts. Minutes, but what users would have.
history_jobs() {
    local made=0 id ids commits sample some
    commits=$(git -C "$book" rev-list --count HEAD)
    mapfile -t ids < <("$carnet" -C "$book" list -q)
    say "  $((history - commits)) edits"
    while [ "$((commits + made))" -lt "$history" ]; do
        id=${ids[$((made % ${#ids[@]}))]}
        "$carnet" -C "$book" edit "$id" --add-tag "bench-$made" >/dev/null 2>"$work/edit.err" </dev/null \
            || { say "FAILED: edit, after $made"; cat "$work/edit.err" >&2; failed=1; return; }
        made=$((made + 1))
        [ $((made % 2000)) -ne 0 ] || say "    $made"
    done
    commits=$(git -C "$book" rev-list --count HEAD)
    echo "$commits" >"$out/$n/commits.txt"
    gpg --batch --quiet --import "$book"/members/*.asc
    gpg --batch --quiet --check-trustdb 2>/dev/null # or the first verifications would pay for it
    sample=$(git -C "$book" rev-list HEAD | awk -v step="$((commits / 100))" 'NR % step == 0' | head -100 | paste -sd' ')
    # A loop, as one checks a history by hand; and one git process for all hundred, which is kinder to git.
    printf 'for commit in %s; do git -C "%s" verify-commit "$commit" || exit 1; done\n' "$sample" "$book" >"$work/loop.sh"
    bench verify 1 5 -n carnet "'$carnet' -C '$book' verify" -n git "sh '$work/loop.sh'"
    bench verify-at-once 1 5 -n carnet "'$carnet' -C '$book' verify" -n git "git -C '$book' verify-commit $sample"
    some=${ids[1]}
    bench show-after-history 3 "$runs" -n carnet "'$carnet' -C '$book' show $some"
    bench find-after-history 3 "$runs" -n carnet "'$carnet' -C '$book' find $(fact word)"
    each=$(seq -s, 1 "$((runs + 3))")
    bench add-after-history 0 each -n carnet "$(add_command "$n" max)"
    erase_job erase-after-history 50
}

for n in "${sizes[@]}"; do
    say "$n contacts"
    data=$work/$n/data book=$work/$n/book
    export XDG_DATA_HOME=$work/$n/xdg-data # where the software key lives: one for each book
    mkdir -p "$out/$n" "$data"
    say "  set-up"
    "$python" benches/generate.py "$n" "$data"
    cp "$data/facts.json" "$out/$n/"
    if have pass && have gpg; then setup_pass; fi
    import_carnet
    word_jobs
    one_contact_jobs
    erase_job erase 10
    [ "$n" = "${sizes[0]}" ] || growth_job
    if [ "$n" = "${sizes[-1]}" ] && [ "$history" -gt 0 ] && have gpg; then history_jobs; fi
done

"$python" benches/table.py "$out" || failed=1
exit "$failed"
