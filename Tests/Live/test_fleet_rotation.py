"""A refresh token that is used once is used once, on whichever instance it is shown."""
from fleet import Fleet, together, turns

RACERS, ROUNDS = 16, 12


def test_with_a_grace_all_who_race_get_copies_of_one_pair(tmp_path):
    with fleet_of(tmp_path, "grace: 10s") as fleet:
        refresh = sign_in(fleet)["refresh"]
        for number in range(1, ROUNDS + 1):
            answers = together(RACERS, lambda n: renew(fleet[n % 2], refresh))
            assert {a.status for a in answers} == {200}, answers
            pairs = {(a.json["token"], a.json["refresh"]) for a in answers}
            assert len(pairs) == 1, "one pair for all"
            assert tokens(fleet, "refresh") == tokens(fleet, "access") == 1 + number, "and one in the store"
            (token, following), = pairs
            assert following != refresh
            assert me(fleet[0], token) == me(fleet[1], token) == 200
            # Later, and on the other: still the same.
            assert {renew(fleet[n], refresh).json["refresh"] for n in (0, 1)} == {following}
            refresh = following
        assert fleet[0].count("SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL") == 0


def test_without_a_grace_one_wins_and_the_session_ends(tmp_path):
    with fleet_of(tmp_path, "grace: 0s") as fleet:
        first = sign_in(fleet)
        for number in range(1, ROUNDS + 1):
            answers = together(RACERS, lambda n: renew(fleet[n % 2], first["refresh"]))
            won = [a.json for a in answers if a.status == 200]
            assert len(won) == 1, [a.status for a in answers]
            assert {a.status for a in answers} == {200, 401}
            assert tokens(fleet, "refresh") == 2 * number, "one more than it began with"
            assert fleet[0].count("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0, "reuse ends the session"
            for instance in fleet.instances:
                assert renew(instance, won[0]["refresh"]).status == 401
            assert "a used refresh token was shown again" in fleet[0].told + fleet[1].told
            first = sign_in(fleet, isNew=False)


def test_in_turn_each_use_gives_the_next_on_either_instance(tmp_path):
    with fleet_of(tmp_path, "grace: 0s") as fleet:
        seen = [sign_in(fleet)["refresh"]]
        for number in range(ROUNDS):
            answer = renew(fleet[number % 2], seen[-1])
            assert answer.status == 200, answer
            seen.append(answer.json["refresh"])
        assert len(set(seen)) == len(seen), "many in one second, and all differ"
        assert renew(fleet[0], seen[3]).status == 401
        assert renew(fleet[1], seen[-1]).status == 401, "the family has ended"


def fleet_of(folder, settings):
    return Fleet(folder, ["turns"], shelf=turns(folder), settings={"turns": settings})


def sign_in(fleet, isNew=True):
    person = {"email": "ann@example.com", "password": "a long sentence"}
    if isNew:
        assert fleet[0].call("turns", "POST", "/users", person).status == 201
    answer = fleet[1].call("turns", "POST", "/login", person)
    assert answer.status == 200, answer
    return answer.json


def renew(instance, refresh):
    return instance.call("turns", "POST", "/renew", {"refresh": refresh})


def me(instance, token):
    return instance.call("turns", "GET", "/me", headers={"Authorization": f"Bearer {token}"}).status


def tokens(fleet, purpose):
    return fleet[0].count(f"SELECT count(*) FROM tokens WHERE purpose = '{purpose}'")
