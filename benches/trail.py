#!/usr/bin/env python3
"""Times `carnet history` over a trail of N access entries, loose and packed.

    cargo build --release
    python3 benches/trail.py [--carnet target/release/carnet] [--entries 100000] [--members 3] [--months 13]

It makes a data repository in a temporary directory and writes the entries as git objects: signing 100,000 of them would
take an hour, and `history` does not look at signatures (`verify` does). Each has a signature of the usual size, filled with
noise, so that it takes as much room and is as hard to unpack as a real one. Best of some runs; the disk cache is warm. The
first runs are without the copies of the chains that carnet keeps (`.git/carnet/trail`), as in a clone that plain git made
or that cannot be written to. The time of all cores together stands beside the clock's, for machines that have other work.
"""

import argparse
import base64
import datetime
import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import uuid
import zlib
from pathlib import Path

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def loose(objects, kind, body):
    """Writes one object as git does, and gives its id."""
    raw = f"{kind} {len(body)}\0".encode() + body
    name = hashlib.sha1(raw).hexdigest()
    path = objects / name[:2]
    path.mkdir(exist_ok=True)
    (path / name[2:]).write_bytes(zlib.compress(raw, 1))
    return name


def signature(rng):
    text = base64.b64encode(rng.randbytes(119)).decode()
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    return "\n ".join(["-----BEGIN PGP SIGNATURE-----", "", *lines, "=abcd", "-----END PGP SIGNATURE-----"])


def write_trail(git, entries, members, months, rng, contacts):
    """Chains for so many members and months; the entries are spread evenly."""
    objects = git / "objects"
    loose(objects, "tree", b"")
    each = entries // (members * months)
    left = entries - each * members * months
    month = datetime.date(2026, 11, 1)
    for back in range(months):
        start = int(datetime.datetime(month.year, month.month, 1, 8, tzinfo=datetime.timezone.utc).timestamp())
        for who in range(members):
            member, tip = ("ana", f"m{who}")[who > 0], None
            count = each + (left if back == who == 0 else 0)
            for n in range(count):
                when = start + n * (26 * 86400 // max(count, 1))
                contact = rng.choice(contacts)
                head = f"tree {EMPTY}\n" + (f"parent {tip}\n" if tip else "")
                name = f"{member.title()} Martin <{member}@example.org> {when} +0000"
                message = (f"access: show {contact[:8]}\n\nCarnet-Action: show\nCarnet-Contact: {contact}\n"
                           "Carnet-Book: main\nCarnet-Purpose: customers\nCarnet-Clone: 0a1b2c3d4e5f6071\n")
                body = f"{head}author {name}\ncommitter {name}\ngpgsig {signature(rng)}\n\n{message}"
                tip = loose(objects, "commit", body.encode())
            ref = git / "refs/carnet/access" / f"{month:%Y-%m}" / member
            ref.parent.mkdir(parents=True, exist_ok=True)
            ref.write_text(tip + "\n")
        month = (month - datetime.timedelta(days=1)).replace(day=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--carnet", default="target/release/carnet")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--months", type=int, default=13)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=["loose", "packed"])
    args = parser.parse_args()
    carnet, rng = str(Path(args.carnet).resolve()), random.Random(1)
    with tempfile.TemporaryDirectory() as top:
        env = {"PATH": os.environ["PATH"], "HOME": top, "XDG_DATA_HOME": f"{top}/data", "CARNET_NOW": "2026-11-28T10:00:00Z",
               "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
        firm = Path(top) / "firm"

        def run(*words, cwd=firm):
            return subprocess.run(words, cwd=cwd, env=env, check=True, capture_output=True).stdout

        run(carnet, "init", "firm", "--organisation", "Bench", "--member", "ana", "--name", "Ana Martin", "--email",
            "ana@example.org", "--no-passphrase", cwd=top)
        contacts = [str(uuid.UUID(bytes=rng.randbytes(16), version=4)) for _ in range(500)]
        write_trail(firm / ".git", args.entries, args.members, args.months, rng, contacts)
        results = {}
        for state in ("loose", "packed"):
            if state == "packed":
                run("git", "gc", "-q")
            if args.only not in (None, state):
                continue
            lines = ("history --access", "history --access -q", "history --access --json")
            more = ("history", "history --access --limit 20")
            for line, how in [(line, "unread") for line in lines] + [(line, "kept") for line in lines + more]:
                best = cores = float("inf")
                for _ in range(args.runs):
                    if how == "unread":
                        shutil.rmtree(firm / ".git/carnet/trail", ignore_errors=True)
                    start, before = time.perf_counter(), os.times()
                    out = run(carnet, *line.split())
                    best = min(best, time.perf_counter() - start)
                    after = os.times()
                    cores = min(cores, sum(after[2:4]) - sum(before[2:4]))
                results[f"{line} ({state}, {how})"] = round(best, 3)
                if line == "history --access -q":
                    assert out.count(b"\n") == args.entries, out.count(b"\n")
                print(f"{best:7.3f} s ({cores:.3f} s of cores)  carnet {line}  ({state}, {how}, {args.entries} entries)", flush=True)
        print(json.dumps(results))


if __name__ == "__main__":
    main()
