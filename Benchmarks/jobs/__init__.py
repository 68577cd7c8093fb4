"""The jobs, by name: each takes the stage and returns its tables."""
from jobs.accounts import log_in, refresh, register, who_am_i
from jobs.flood import flood
from jobs.footprint import footprint
from jobs.gate import check_hs256, check_rs256, check_rs256_new, decision, proxy_hs256
from jobs.growth import growth, growth_on_postgres

ALL = {
    "check-hs256": check_hs256,
    "check-rs256": check_rs256,
    "check-rs256-new": check_rs256_new,
    "proxy-hs256": proxy_hs256,
    "decision": decision,
    "who-am-i": who_am_i,
    "log-in": log_in,
    "register": register,
    "refresh": refresh,
    "flood": flood,
    "footprint": footprint,
    "growth": growth,
    "growth-postgres": growth_on_postgres,
}
