#!/bin/sh
# Reads one contact with git and gpg alone. Usage, inside a data repository: read-contact.sh BOOK ID [COMMIT]
set -eu
book=$1 id=$2 commit=${3:-HEAD}
fan=$(printf %.2s "$id")
keys=$(git rev-parse --git-dir)/carnet/keys.git
key() { git --git-dir="$keys" show "refs/carnet/keys:$1"; }
unlock() { # PASSPHRASE: opens the message on stdin, the passphrase never on a command line
    gpg --quiet --batch --no-symkey-cache --pinentry-mode loopback --passphrase-fd 3 --decrypt 3<<EOF
$1
EOF
}
book_key=$(key "$book/book.pgp" | gpg --quiet --decrypt)
contact_key=$(key "$book/$fan/$id.pgp" | unlock "$book_key")
git show "$commit:contacts/$book/$fan/$id.toml.pgp" | unlock "$contact_key"
