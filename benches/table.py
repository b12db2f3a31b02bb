#!/usr/bin/env python3
"""Reads what benches/peers.sh measured and prints one table with targets; writes summary.json beside it.

    python3 benches/table.py DIR

Every figure is a median. A ratio is carnet's median divided by the peer's in the same hyperfine call, so less is better.
Exit 1 if BENCH_STRICT=1 and a target is missed.
"""

import json
import os
import platform
import sys
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

WARM = 3  # first runs of a job whose every run differs, thrown away

# job: (what it says in the table, target ratio to the peer or None, smallest size for which the target counts)
RATIO = {
    "show": ("show one", 1 / 2, 10_000),
    "show-by-email": ("show one, by e-mail", None, 0),
    "find": ("find a word", 1.0, 10_000),
    "find-two": ("find two words", None, 0),
    "list": ("list", 2.0, 10_000),
    "find-name": ("find a name", None, 0),
    "find-khard": ("find a word", None, 0),
    "find-pass": ("find a word", None, 0),
    "list-khard": ("list", None, 0),
    "add": ("add one", 1 / 3, 0),
    "show-after-history": ("show one, long history", None, 0),
    "find-after-history": ("find a word, long history", None, 0),
    "add-after-history": ("add one, long history", None, 0),
}
ERASE_S, IMPORT_S, IMPORT_MB, GROWTH, VERIFY = 1.0, 5.0, 200, 1.3, 1 / 50


def medians(path):
    """Median seconds by command name; runs that differ (a parameter list) are put together first."""
    if not path.exists():
        return {}
    times, varied = {}, set()
    for result in json.loads(path.read_text())["results"]:
        name = result["command"]
        if result.get("parameters"):
            name = name.split("\": ", 1)[1].split(";", 1)[0]  # sh -c ": NAME; ...", see bench() in peers.sh
            varied.add(name)
        times.setdefault(name, []).extend(result["times"])
    return {name: median(t[WARM:] if name in varied else t) for name, t in times.items()}


def shown(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def row(n, job, carnet, peer_name="", peer="", ratio=None, target=None, unit=None):
    """One line; `target` is compared with the ratio, or with carnet's own figure where there is no peer."""
    value = ratio if ratio is not None else carnet
    verdict = "" if target is None else ("pass" if value <= target else "MISS")
    if target is None:
        goal = ""
    elif unit:
        goal = f"<= {target:g} {unit}"
    else:
        goal = f"<= {target:.3g}"
    return {"contacts": n, "job": job, "carnet": carnet, "unit": unit or "s", "peer": peer_name, "peer_value": peer or None,
            "ratio": ratio, "target": target, "goal": goal, "verdict": verdict}


def rows_of(folder):
    n = int(folder.name)
    big = n >= 10_000
    for job, (label, target, from_size) in RATIO.items():
        found = medians(folder / f"{job}.json")
        own = found.pop("carnet", None)
        if own is None:
            continue
        for peer, seconds in found.items():
            yield row(n, label, own, peer, seconds, own / seconds, target if n >= from_size else None)
        if not found:
            yield row(n, label, own)
    log = folder / "import.txt"
    if log.exists():
        runs = [line.split() for line in log.read_text().splitlines() if line[:1].isdigit()]
        if runs:
            yield row(n, "import CSV, time", median(float(r[0]) for r in runs), target=IMPORT_S if big else None, unit="s")
            yield row(n, "import CSV, peak memory", max(int(r[1]) for r in runs) / 1024,
                      target=IMPORT_MB if big else None, unit="MB")
    for job, label in (("erase", "erase one, with proof"), ("erase-after-history", "erase one, long history")):
        own = medians(folder / f"{job}.json").get("carnet")
        if own is not None:
            yield row(n, label, own, target=ERASE_S if big and job == "erase" else None, unit="s")
    found = medians(folder / "verify.json")
    if "carnet" in found and "git" in found:
        commits = int((folder / "commits.txt").read_text())
        scaled = found["git"] * commits / 100
        yield row(n, f"verify {commits} commits", found["carnet"], "git verify-commit in a loop, 100 of them, scaled", scaled,
                  found["carnet"] / scaled, VERIFY)


def growth(folder):
    """How much adding one grows from the smallest book to this one, both timed in one call."""
    found = medians(folder / "growth.json")
    own = found.pop(folder.name, None)
    for small, before in found.items():
        yield row(int(folder.name), "add one, growth", own, f"carnet at {small}", before, own / before, GROWTH)


def main():
    out = Path(sys.argv[1])
    folders = sorted((f for f in out.iterdir() if f.name.isdigit()), key=lambda f: int(f.name))
    rows = [r for f in folders for r in (*rows_of(f), *growth(f))]
    print(f"{'contacts':>8}  {'job':28} {'carnet':>10}  {'peer':>10}  {'ratio':>7}  {'target':>10}  {'':4}  against")
    for r in rows:
        own = f"{r['carnet']:.0f} MB" if r["unit"] == "MB" else shown(r["carnet"])
        print(f"{r['contacts']:>8}  {r['job']:28} {own:>10}  {shown(r['peer_value']) if r['peer_value'] else '':>10}  "
              f"{'' if r['ratio'] is None else format(r['ratio'], '.3f'):>7}  {r['goal']:>10}  {r['verdict']:4}  {r['peer']}")
    missed = [r for r in rows if r["verdict"] == "MISS"]
    met = sum(r["verdict"] == "pass" for r in rows)
    print(f"targets: {met} met, {len(missed)} missed")
    summary = {"schema": 1, "time": datetime.now(timezone.utc).isoformat(timespec="seconds"), "machine": platform.platform(),
               "cores": os.cpu_count(), "load": os.getloadavg()[0], "rows": rows}
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    return 1 if missed and os.environ.get("BENCH_STRICT") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
