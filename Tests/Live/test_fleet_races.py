"""What can happen once happens once, on whichever instance it is asked."""
import re

from fleet import Fleet, together

RACERS = 24
PERSON = {
    "first_name": "John", "last_name": "Doe", "dob": "1995-05-15", "address": "123 Main Street", "gender": "male", "nationality": "USA",
    "role": "user", "email": "john@example.com", "username": "johndoe", "phone_number": "+19876543210", "password": "John@123456",
    "password_confirmation": "John@123456"}


def test_of_registrations_of_one_address_on_both_one_wins(fleet):
    for number in range(4):
        spellings = [f"same{number}@example.com", f"Same{number}@Example.com"]
        answers = together(RACERS, lambda n: fleet[n % 2].register(spellings[n // 2 % 2]))
        assert sorted({a.status for a in answers}) == [200, 422]
        assert sum(a.status == 200 for a in answers) == 1
    assert fleet[0].count("SELECT count(*) FROM accounts") == 4


def test_of_uses_of_one_mailed_link_on_both_one_wins(fleet):
    fleet[0].account("ann@example.com")
    for number in range(1, 4):
        assert fleet[1].call("devise", "POST", "/users/password", {"user": {"email": "ann@example.com"}}).status == 200
        token = re.search(r"reset_password_token=(\S+)", mail_with(fleet, "ann@example.com", "reset_password_token", number)).group(1)
        answers = together(RACERS, lambda n: fleet[n % 2].call(
            "devise", "PUT", "/users/password",
            {"user": {"reset_password_token": token, "password": f"new horse {n:02}", "password_confirmation": f"new horse {n:02}"}}))
        winners = [n for n, answer in enumerate(answers) if answer.status == 200]
        assert len(winners) == 1, [a.status for a in answers]
        assert fleet[0].log_in("ann@example.com", f"new horse {winners[0]:02}").status == 200


def test_of_renewals_of_one_token_on_both_one_family_is_made(fleet):
    token = fleet[0].account("ann@example.com")
    answers = together(RACERS, lambda n: fleet[n % 2].renew(token))
    assert {a.status for a in answers} <= {200, 401}
    assert any(a.status == 200 for a in answers)
    assert fleet[0].count("SELECT count(*) FROM sessions") <= fleet[0].count("SELECT count(*) FROM tokens")


def test_of_uses_of_one_code_on_both_one_wins_and_five_wrong_ones_void_it(tmp_path):
    with Fleet(tmp_path, ["rsa-jwt"]) as fleet:
        assert fleet[0].call("rsa-jwt", "POST", "/api/auth/register", PERSON).status == 201
        verify = lambda n, code: fleet[n % 2].call("rsa-jwt", "POST", "/api/auth/verify-otp", {"identifier": "johndoe", "otp": code})
        code = code_of(fleet, 1)
        answers = together(RACERS, lambda n: verify(n, code))
        assert sum(a.status == 200 for a in answers) == 1, [a.status for a in answers]
        # The next one: wrong ones from both sides at once.
        assert fleet[1].call("rsa-jwt", "POST", "/api/auth/login", {"identifier": "johndoe", "password": "John@123456"}).status == 200
        code = code_of(fleet, 2)
        wrong = [f"{n:04}" for n in range(6)]
        assert {a.status for a in together(6, lambda n: verify(n, wrong[n]))} == {401}
        assert verify(0, code).status == 401 and verify(1, code).status == 401, "it is void"
        assert fleet[0].count("SELECT max(tries) FROM secrets") == 5


def code_of(fleet, number):
    return re.search(r"\n(\d{4,8})\n", fleet[0].mail("john@example.com", number)).group(1)


def mail_with(fleet, address, words, number):
    """The number-th mail to that address that holds the words."""
    from faults import until

    return until(lambda: [text for _, text in fleet[0].mails(address) if words in text][number - 1:number], 20, "a mail")[0][0]
