#!/bin/sh
# The demo's "editor": adds a consent event to the contact that it is given.
cat >> "$2" <<EOF

[[consent]]
id = "demo-$1-$(basename "$2" .toml | cksum | cut -d' ' -f1)"
purpose = "newsletter"
channel = "email"
action = "$1"
time = 2026-11-20T09:20:00Z
method = "web form"
collector = "site"
EOF
