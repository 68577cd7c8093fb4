#!/usr/bin/env python3
"""Dragoman beside real peers at the same jobs, in one run on one machine: `make bench ARGS="..."`.

The server has one core and one worker, wrk and the upstream the other core; 64 kept connections; alternating rounds, of which the
median counts. Every answer has to be right, and a wrong token is refused before anything is measured. `CPU us` is what all processes of
the server used for one answer: it holds where a shared machine's rate does not. Ratios above 1 are in Dragoman's favour.
"""
import argparse
import json
import pathlib
import platform
import shutil
import signal
import sys
import tempfile

import jobs
import load
import machine
import servers
from peers import caddy, envoy, fastapi_users, haproxy, nginx, simplejwt
from stage import ROOT, Stage
from table import Table


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="jobs:\n" + "\n".join(f"  {name:16} {job.__doc__}" for name, job in jobs.ALL.items()))
    parser.add_argument("--job", action="append", choices=jobs.ALL, metavar="NAME", help="only this one; may be given several times")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="alternating rounds (5)")
    parser.add_argument("--seconds", type=int, default=5, metavar="S", help="length of one measurement (5)")
    parser.add_argument("--tokens", type=int, default=2000, metavar="N", help="tokens that are shown in turn (2,000)")
    parser.add_argument("--new-tokens", type=int, default=0, metavar="N", help="tokens for `check-rs256-new` (32,000 a second)")
    parser.add_argument("--accounts", type=int, default=1_000_000, metavar="N", help="accounts for `growth` and `growth-postgres` (1,000,000)")
    parser.add_argument("--json", metavar="FILE", help="also write the figures to this file")
    parser.add_argument("--dragoman", default=ROOT / ".build/release/dragoman", metavar="PATH", help="the program (.build/release/dragoman)")
    parser.add_argument("--quick", action="store_true", help="one short round with few tokens: shows only that every job runs")
    chosen = parser.parse_args()
    if chosen.quick:
        parser.set_defaults(rounds=1, seconds=1, tokens=64, new_tokens=2000, accounts=2000)
        chosen = parser.parse_args()
    if min(chosen.rounds, chosen.seconds, chosen.tokens, chosen.accounts) < 1:
        parser.error("rounds, seconds, tokens and accounts are at least 1")
    return chosen


def versions(stage):
    """Of everything that took part, by name; what is missing says so."""
    found = {"Dragoman": machine.first_line([str(stage.binary), "version"]), "wrk": machine.first_line(["wrk", "-v"]).split(" [")[0],
             "Python": platform.python_version()}
    revision = machine.first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    if revision and "fatal" not in revision:
        found["Dragoman"] += f" (sources at {revision})"
    for name, peer in (("HAProxy", haproxy), ("Envoy", envoy), ("nginx", nginx), ("Caddy", caddy), (fastapi_users.NAME, fastapi_users),
                       (simplejwt.NAME, simplejwt)):
        try:
            found[name] = peer.version(stage)
        except Exception as error:  # a peer that is missing is shown in its place
            found[name] = f"missing: {error}"
    return found


def listed(title, values):
    width = max(map(len, values))
    return "\n".join([title, *(f"  {name.ljust(width)}  {text}" for name, text in values.items())])


def tally(tables):
    """How many goals were reached, missed and left unknown."""
    cells = [cell for table in tables for row in table.rows for name, cell in zip(table.columns, row) if name == "first goal"]
    words = [word for cell in cells for word in cell.replace(",", "").split() if word in ("reached", "missed", "unknown")]
    return "Goals of the first release: " + ", ".join(f"{words.count(word)} {word}" for word in ("reached", "missed", "unknown"))


def main():
    chosen = options()
    for tool in ("wrk", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing; `make bench` installs it")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tables = []
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
        try:
            stage = Stage(chosen, folder)
            said = versions(stage)
            print(listed("Machine", machine.described()) + "\n\n" + listed("Versions", said), flush=True)
            for name in dict.fromkeys(chosen.job or jobs.ALL):
                stage.say(f"{name}: {jobs.ALL[name].__doc__}")
                for table in _tables_of(name, stage):
                    tables.append(table)
                    print("\n" + table.text(), flush=True)
                servers.stop_all()
            commands = {"wrk": " ".join(load.wrk_command("URL", "tokens.lua", ["TOKENS"], seconds=stage.seconds)).replace(str(ROOT) + "/", "")}
            commands |= {name: text.replace(str(ROOT) + "/", "") for name, text in stage.commands.items()}
            print("\n" + listed(f"Commands; medians of {stage.rounds} rounds of {stage.seconds} s", commands))
            print("\n" + tally(tables))
            if chosen.json:
                pathlib.Path(chosen.json).write_text(json.dumps({
                    "machine": machine.described(), "versions": said, "commands": commands, "rounds": stage.rounds, "seconds": stage.seconds,
                    "jobs": [{"job": table.job, "title": table.title, "rows": table.figures, "notes": table.notes} for table in tables],
                }, indent=2) + "\n")
        except KeyboardInterrupt:
            sys.exit(130)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C leaves nothing behind either
            servers.stop_all()
    if any(table.troubles for table in tables):
        sys.exit(1)


def _tables_of(name, stage):
    """The job's tables; trouble before the first measurement is one as well."""
    try:
        return jobs.ALL[name](stage)
    except (servers.Trouble, OSError, ValueError, KeyError) as trouble:
        table = Table(name, jobs.ALL[name].__doc__, [])
        table.trouble("cannot be run", trouble)
        return [table]


if __name__ == "__main__":
    main()
