#!/usr/bin/env python3
"""Times the commands that judge a whole book, on one core and on all, and says whether they answer within two seconds.

    cargo build --release && python3 benches/whole_book.py [--carnet target/release/carnet] [--contacts 10000]

The book is made of invented contacts (`generate.py`) in a directory that is removed afterwards. Each command runs
`--runs` times after a first one that warms the disk's cache; the fastest and the median are shown. Exits with 1 when a
median on all cores is above the limit.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT = 2.0
RULE = '\n[[retain]]\ncategory = "prospects"\nafter = "last-contact"\nmonths = 36\n'
COMMANDS = {
    "retention due": ["retention", "due", "-q"],
    "retention due, all over": ["retention", "due", "--at", "2030-01-01", "-q"],
    "breach scope": ["breach", "scope", "--book", "main", "-q"],
}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--carnet", default="target/release/carnet")
    options.add_argument("--contacts", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=5)
    options = options.parse_args()
    carnet = str(Path(options.carnet).resolve())
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        env = dict(os.environ, HOME=str(place), XDG_DATA_HOME=str(place / "data"), GIT_CONFIG_GLOBAL="/dev/null")

        def run(arguments, directory=place / "firm", **more):
            return subprocess.run(arguments, cwd=directory, check=True, capture_output=True, env=env | more)

        run([sys.executable, str(HERE / "generate.py"), str(options.contacts), str(place / "data-set")], place)
        start = ["init", "firm", "--organisation", "Bench", "--member", "ana", "--name", "Ana"]
        run([carnet, *start, "--email", "ana@example.org", "--no-passphrase"], place)
        record = place / "firm/registers/purposes/prospects.toml"
        if "[[retain]]" not in record.read_text():
            record.write_text(record.read_text() + RULE)
            run(["git", "-c", "commit.gpgSign=false", "commit", "-qam", "rule"])
        basis = ["--source", "fair", "--basis", "prospects:legitimate-interests"]
        run([carnet, "import", str(place / "data-set/contacts.csv"), *basis])
        slow = False
        print(f"{'command':26} {'threads':>7} {'fastest':>9} {'median':>9}   ({options.contacts} contacts)")
        for name, arguments in COMMANDS.items():
            for threads in ["1", str(os.cpu_count())]:
                times = []
                for _ in range(options.runs + 1):
                    begun = time.perf_counter()
                    run([carnet, *arguments], RAYON_NUM_THREADS=threads)
                    times.append(time.perf_counter() - begun)
                median = statistics.median(times[1:])
                slow |= threads != "1" and median > LIMIT
                print(f"{name:26} {threads:>7} {min(times[1:]):8.2f}s {median:8.2f}s")
        sys.exit(1 if slow else 0)


main()
