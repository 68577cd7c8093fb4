"""Token checks: answered from the gate, before a proxied request, and for another proxy."""
import time

import contest
import machine
import tokens
from contest import Subject
from peers import caddy, envoy, haproxy, nginx
from table import Goal

GUARDED = "/api/v1/things"
AUTHORIZE = "/_dragoman/authorize"
# The way in which Envoy asks: the request's own path behind the prefix.
CHECK = AUTHORIZE + GUARDED


def check_hs256(stage):
    """token check answered from the gate, HS256"""
    state, file = stage.signed_in("HS256")
    one = stage.file_of("one-hs256", [stage.a_token("HS256")])
    return [
        contest.run(stage, "check-hs256", f"Token check, HS256, {words}", [
            Subject("Dragoman", lambda: stage.dragoman(state=state), CHECK, used),
            Subject("HAProxy", lambda: haproxy.start(stage), "/", used, Goal(0.8, 1.2)),
            Subject("Envoy", lambda: envoy.start(stage), "/", used, Goal(2.5)),
        ]) for words, used in ((f"{stage.count:,} tokens in turn", file), ("one token", one))]


def check_rs256(stage):
    """the same, RS256, tokens that come again"""
    state, file = stage.signed_in("RS256")
    return [contest.run(stage, "check-rs256", f"Token check, RS256, {stage.count:,} tokens in turn", [
        Subject("Dragoman", lambda: stage.dragoman(state=state, algorithm="RS256"), CHECK, file),
        Subject("HAProxy", lambda: haproxy.start(stage, "RS256"), "/", file, Goal(2, 3)),
        Subject("Envoy", lambda: envoy.start(stage, "RS256"), "/", file),
        Subject("Envoy, its cache on", lambda: envoy.start(stage, "RS256", cache=2 * stage.count, name="Envoy, its cache on"), "/", file, Goal(None, 2)),
    ])]


def check_rs256_new(stage):
    """the same, RS256, every token new"""
    state, file = stage.signed_in("RS256")
    seconds, people = min(stage.seconds, 2), [tokens.claims_of(line)["sub"] for line in file.read_text().split()]
    count = stage.options.new_tokens or seconds * 32_000
    stage.say(f"  signing {count:,} tokens")
    began = time.monotonic()
    new = stage.file_of("new-rs256", tokens.minted_rs256(stage.keys, people, count, len(machine.CORES)))
    stage.say(f"  signed in {time.monotonic() - began:.0f} s")
    subjects = [
        Subject("Dragoman", lambda: stage.dragoman(state=state, algorithm="RS256"), CHECK, new),
        Subject("HAProxy", lambda: haproxy.start(stage, "RS256"), "/", new, Goal(0.9, 1.1)),
        Subject("Envoy", lambda: envoy.start(stage, "RS256"), "/", new),
    ]
    table = contest.run(
        stage, "check-rs256-new", f"Token check, RS256, every token new ({seconds} s a round, a new process each)", subjects, seconds=seconds, fresh=True)
    for subject in subjects:
        asked = max((run.asked for run in subject.runs), default=0)
        if asked > count:
            table.notes.append(f"{subject.name} saw tokens again: {asked:,} requests with {count:,} tokens (--new-tokens)")
    return [table]


def proxy_hs256(stage):
    """check, then proxy to an upstream, HS256"""
    state, file = stage.signed_in("HS256")
    upstream = nginx.upstream(stage)

    def asking(start):
        return lambda: start(stage, haproxy.start(stage, name="HAProxy as judge"))

    try:
        return [contest.run(stage, "proxy-hs256", "Check, then proxy to nginx, HS256", [
            Subject("Dragoman", lambda: stage.dragoman(state=state, upstream=upstream.port), GUARDED, file),
            Subject("HAProxy", lambda: haproxy.start(stage, upstream=upstream.port), GUARDED, file, Goal(None, 1.1)),
            Subject("Envoy", lambda: envoy.start(stage, upstream=upstream.port), GUARDED, file, Goal(1.5, 3.5)),
            Subject("nginx auth_request", asking(lambda s, judge: nginx.start(s, judge, "/", upstream.port, "nginx auth_request")), GUARDED, file),
            Subject("Caddy forward_auth", asking(lambda s, judge: caddy.start(s, judge, upstream.port, "Caddy forward_auth")), GUARDED, file),
        ])]
    finally:
        upstream.stop()


def decision(stage):
    """a decision for nginx auth_request"""
    state, file = stage.signed_in("HS256")
    table = contest.run(stage, "decision", "Decision for nginx auth_request, HS256 (both servers on the one core)", [
        Subject("Dragoman", lambda: nginx.start(stage, stage.dragoman(state=state, trusts=True), AUTHORIZE, name="nginx asking Dragoman"), GUARDED, file),
        Subject("HAProxy", lambda: nginx.start(stage, haproxy.start(stage, name="HAProxy as judge"), "/", name="nginx asking HAProxy"), GUARDED, file, Goal(1)),
    ])
    return [table]
