"""What a stranger, another site, a preview or somebody with too little right tries at a desk: in vain."""

import shutil
import socket
import time

import pytest
from desks import Person, by_link, laid_out, served, until, words_of
from stores import filled

from planner.desk.people import Role, add_person, revoke
from planner.plans.registry import approvals

pytest.importorskip("starlette")
pytestmark = pytest.mark.usefixtures("no_database")

NOON = "2024-11-22T12:00"
EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


@pytest.fixture(scope="module")
def desk(tmp_path_factory, tables):
    folder = tmp_path_factory.mktemp("attacks")
    named = shutil.copytree(tables, folder / "tables")
    (named / "contacts.csv").write_text(
        f'place,name,role,phone\nA,"{EVIL.replace(chr(34), chr(39))}",PPS,1\n', "utf-8"
    )
    laid_out(folder / "desk", named)
    with served(folder / "desk", "--clock", NOON, "--pace", "0.1") as found:
        yield found


@pytest.fixture
def sari(desk):
    return Person(desk)


@pytest.fixture
def stranger(desk):
    return Person(desk, come_in=False)


def told(desk):
    path = desk.folder / "a.events.csv"
    return filled(path) if path.exists() else []


PRESSES = {
    "/approve": {"n": "1"},
    "/confirm": {"id": "W", "until": "0", "digest": "x"},
    "/discard": {"n": "1"},
    "/language": {"language": "id"},
    "/leave": {},
    "/stop-trying": {"n": "1"},
    "/tell": {"trip": "T1", "at": "1", "what": "delivered", "from": "07.20"},
    "/try": {},
    "/undo": {"ids": "E0001"},
}
PAGES = [
    *("/", "/area?id=x", "/confirm?id=W", "/decide?n=1", "/live", "/map", "/map/data", "/place?id=H"),
    *("/proposal?n=1", "/proposals", "/region?id=A", "/reports", "/search?q=a", "/stop?trip=T1&at=1"),
    "/vehicle?id=VAN-01",
]


# ---------------------------------------------------------------------------------- who is not signed in


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_sees_nothing(stranger, path):
    answer = stranger.get(path)
    assert answer.status == 401
    assert "Desa" not in answer.text and "TRUCK" not in answer.text


@pytest.mark.parametrize("path", sorted(PRESSES))
def test_a_stranger_does_nothing(desk, stranger, path):
    assert stranger.post(path, PRESSES[path] | {"csrf": ""}).status == 401
    assert told(desk) == []


@pytest.mark.parametrize(
    "cookie", ["", "x", "desk=1", "../../etc/passwd", "A" * 5000, "%00", "\"'><script>", "é"]
)
def test_a_forged_cookie_opens_nothing(desk, stranger, cookie):
    name = f"desk_{desk.port}"
    answer = stranger.get("/", cookie=f"{name}={cookie}".encode().decode("latin-1"))
    assert answer.status in (400, 401)


def test_a_thousand_wrong_tokens_open_nothing_and_lock_nobody_out(desk, sari, stranger):
    for number in range(1000):
        assert stranger.post("/enter", {"token": f"{number}", "name": "x"}).status == 403
    assert sari.get("/").status == 200
    assert Person(desk, "Budi").get("/").status == 200  # by the right one, from the same address


@pytest.mark.parametrize("token", ["", "x" * 60_000, "\0", "é", "' or 1=1 --", "*"])
def test_tokens_are_only_compared(stranger, token):
    assert stranger.post("/enter", {"token": token, "name": "x"}).status == 403
    assert stranger.post("/enter", {"link": token or "-", "name": "x"}).status == 403


def test_a_session_that_was_left_is_over(desk):
    budi = Person(desk, "Budi")
    assert budi.press("/leave").status == 200
    assert budi.get("/").status == 401


# ---------------------------------------------------------------------------------- a page elsewhere


@pytest.mark.parametrize("path", sorted(PRESSES))
@pytest.mark.parametrize("csrf", ["", "x", None])
def test_a_press_without_the_secret_of_the_session_does_nothing(desk, sari, path, csrf):
    fields = PRESSES[path] | ({} if csrf is None else {"csrf": csrf})
    assert sari.post(path, fields).status == 403
    assert told(desk) == [] and sari.get("/").status == 200


def test_the_secret_of_another_session_is_none(desk, sari):
    budi = Person(desk, "Budi")
    assert sari.post("/tell", PRESSES["/tell"] | {"csrf": budi.csrf}).status == 403
    assert told(desk) == []


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "https://127.0.0.1",
        "http://127.0.0.1",
        "http://127.0.0.1.evil.example",
    ],
)
def test_a_press_from_a_page_elsewhere_does_nothing(desk, sari, origin):
    answer = sari.post("/tell", PRESSES["/tell"] | {"csrf": sari.csrf}, origin=origin)
    assert answer.status == 403
    assert told(desk) == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_says_it_comes_from_elsewhere_is_believed(desk, sari, site):
    answer = sari.post("/tell", PRESSES["/tell"] | {"csrf": sari.csrf}, sec_fetch_site=site)
    assert answer.status == 403 and told(desk) == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "localhost:1", "", None])
def test_another_name_that_leads_here_is_not_answered(sari, host):
    """DNS rebinding: a page elsewhere has its own name lead to this machine."""
    answer = sari.get("/", host=host)
    assert answer.status in (400, 421) and "Desa" not in answer.text


def test_two_names_at_once_are_not_answered(desk, sari):
    lines = f"GET / HTTP/1.1\r\nHost: {desk.host}:{desk.port}\r\nHost: evil.example\r\n"
    lines += f"Cookie: {sari.cookie}\r\n\r\n"
    assert b" 200 " not in raw(desk, lines)


# ---------------------------------------------------------------------------------- previews and links


@pytest.mark.parametrize("path", sorted({*PRESSES, "/enter"} - {"/confirm"}))
def test_opening_an_address_never_presses(desk, sari, path):
    answer = sari.get(path)
    assert answer.status in (200, 404, 405)
    assert told(desk) == [] and len(approvals(desk.folder)) == 1


def test_a_preview_uses_nothing_up(desk, stranger):
    _, secret = add_person(desk.folder, "Preview", Role.VIEWER, (), 1)
    for _ in range(20):
        answer = stranger.get(f"/enter?link={secret}")
        assert answer.status == 200 and "set-cookie" not in answer.headers
    assert stranger.post("/enter", {"link": secret}).status == 303


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(sari, back):
    answer = sari.press("/language", language="en", back=back)
    assert answer.where == "/"
    assert "evil" not in sari.get(f"/confirm?id=W&back={back}").text


# ---------------------------------------------------------------------------------- what is sent


def raw(desk, text, *, wait_s=20):
    with socket.create_connection((desk.host, desk.port), timeout=wait_s) as found:
        found.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
        said = b""
        try:
            while part := found.recv(65536):
                said += part
                if b"\r\n\r\n" in said and b"content-length: 0" in said.lower():
                    break
                if b"</html>" in said or b"Use the address" in said:
                    break
        except TimeoutError:
            pass
        return said


def test_ten_megabytes_are_refused_before_they_are_read(desk, sari):
    answer = sari.post("/tell", PRESSES["/tell"] | {"csrf": sari.csrf}, content_length=10_000_000)
    assert answer.status == 413 and told(desk) == []


def test_ten_megabytes_without_a_length_are_refused_too(desk, sari):
    head = (
        f"POST /tell HTTP/1.1\r\nHost: {desk.host}:{desk.port}\r\nOrigin: {desk.origin}\r\n"
        f"Cookie: {sari.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((desk.host, desk.port), timeout=20) as found:
        found.sendall(head.encode())
        said = b""
        try:
            for _ in range(160):
                found.sendall(b"10000\r\n" + b"a" * 65536 + b"\r\n")
        except OSError:
            pass  # it has hung up
        try:
            said = found.recv(200)
        except OSError:
            said = b" 413 "
    assert b" 413 " in said and told(desk) == []


def test_who_sends_slowly_holds_up_nobody_and_is_let_go(desk, sari):
    head = (
        f"POST /tell HTTP/1.1\r\nHost: {desk.host}:{desk.port}\r\nOrigin: {desk.origin}\r\n"
        f"Cookie: {sari.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncsrf="
    )
    with socket.create_connection((desk.host, desk.port), timeout=30) as found:
        found.sendall(head.encode())
        began = time.monotonic()
        assert sari.get("/").status == 200
        assert time.monotonic() - began < 5
        assert b" 408 " in found.recv(200)
    assert told(desk) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", "{}"),
        ("multipart/form-data; boundary=x", "--x--"),
        ("text/plain", "csrf=x"),
        ("application/x-www-form-urlencoded", "&".join(f"a{number}=1" for number in range(1000))),
        ("application/x-www-form-urlencoded", b"csrf=\xff\xfe"),
    ],
)
def test_only_small_forms_are_read(desk, sari, kind, body):
    answer = sari.ask("POST", "/tell", body, content_type=kind)
    assert answer.status in (400, 403, 415) and told(desk) == []


def test_of_a_field_that_comes_twice_the_first_counts(desk, sari):
    body = f"csrf=x&csrf={sari.csrf}&trip=T1&at=1&what=delivered"
    assert sari.ask("POST", "/tell", body).status == 403 and told(desk) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(sari, method):
    assert sari.ask(method, "/").status in (400, 405, 421)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../desk.sqlite", "/static/..%2f..%2fcli%2fdesk.py", "/static/%2e%2e/look.py", "/static/",
        "/static/desk.css%00.js", "/static//etc/passwd", "/desk.sqlite", "/a.json", "/in_force.json",
        "/.git/config",         "/desk_people.json", "/desk.log", "/static/desk.css/../../x",
    ],
)  # fmt: skip
def test_no_file_is_served_but_those_that_are_named(sari, path):
    answer = sari.get(path)
    assert answer.status in (400, 401, 404)
    assert "SQLite" not in answer.text and "import" not in answer.text


@pytest.mark.parametrize("text", ["x\r\nX-Evil: 1", "x\nSet-Cookie: a=b", "x%0d%0aX-Evil:%201"])
def test_no_header_can_be_put_in(sari, text):
    answer = sari.press("/language", language="en", back=f"/search?q={text}")
    assert "x-evil" not in answer.headers
    assert answer.headers.get("set-cookie") is None


@pytest.mark.parametrize(
    "path",
    ["/", "/region?id=A", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/enter?token=%22%3E%3Cscript%3E"],
)
def test_names_and_addresses_write_no_mark(desk, path):
    evil = Person(desk, EVIL)
    text = evil.get(path).text
    assert "<script>alert" not in text and "<img src=x" not in text and '"><script>' not in text


def test_notes_write_no_mark_and_no_control_signs(desk, tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON) as own:
        sari = Person(own)
        fields = {"key": "k", "trip": "T1", "at": "1", "what": "delivered", "from": "07.20"}
        answer = sari.press("/tell", note=EVIL + "\x1b[31m\u202e=HYPERLINK(0)", **fields)
        assert answer.status == 303
        text = sari.get("/reports").text
        assert "<script>alert" not in text and "\x1b" not in text and "\u202e" not in text


def test_every_answer_says_what_browsers_may_do(sari, stranger):
    for answer in (sari.get("/"), stranger.get("/"), sari.get("/nowhere"), sari.get("/static/desk.css")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "server" not in answer.headers
    assert sari.get("/").headers["cache-control"] == "no-store"


def test_cookies_are_kept_from_scripts_and_other_sites(desk, stranger):
    cookie = stranger.post("/enter", {"token": desk.token, "name": "x"}).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "domain" not in cookie


def test_nothing_is_pressed_faster_than_by_hand(desk):
    budi = Person(desk, "Budi")
    answers = [budi.press("/language", language="en").status for _ in range(260)]
    assert answers.count(429) >= 15 and answers[0] == 303
    assert Person(desk, "Citra").press("/language", language="en").status == 303  # from the same address


def test_what_is_refused_stands_in_the_log(desk, stranger):
    stranger.post("/enter", {"token": "wrong", "name": "x"})
    text = until(lambda: (found := (desk.folder / "desk.log").read_text("utf-8")) and found)
    assert "refused: POST /enter (403)" in text
    assert desk.token not in text and "wrong" not in text


# ---------------------------------------------------------------------------------- too little right

ALLOWED = {
    "viewer": {"/language"},
    "reporter": {"/language", "/tell", "/confirm", "/undo"},
    "planner": {"/language", "/tell", "/confirm", "/undo", "/try", "/stop-trying", "/discard"},
    "approver": {*PRESSES} - {"/leave"},
}


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_each_role_may_what_it_may_and_no_more(tmp_path, tables, role):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON) as own:
        who = by_link(own, "Dewi", role)
        for path, fields in PRESSES.items():
            if path in ("/leave", "/tell"):
                continue
            answer = who.press(path, **fields)
            assert (answer.status != 403) is (path in ALLOWED[role]), (path, words_of(answer))
        page = who.get("/stop?trip=T1&at=1").text
        assert ('action="/tell"' in page) is ("/tell" in ALLOWED[role])
        answer = who.press("/tell", key="k", **PRESSES["/tell"])
        assert (answer.status == 303) is ("/tell" in ALLOWED[role])
        assert len(told(own)) == ("/tell" in ALLOWED[role])
        assert len(approvals(own.folder)) == 1


def tell(who, trip, at, begins):
    fields = {"trip": trip, "at": at, "what": "delivered", "from": begins}
    return who.press("/tell", key=f"{trip}{at}", **fields).status


def test_a_reporter_tells_of_own_areas_alone(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON) as own:
        who = by_link(own, "Dewi", "reporter", areas=("B",))
        assert tell(who, "T1", 2, "07.40") == 403
        assert tell(who, "T2", 1, "07.50") == 403
        assert told(own) == []
        page = who.get("/confirm?id=VAN-01")
        assert "Desa A" not in page.text
        assert tell(who, "T2", 2, "08.15") == 303


def test_a_reporter_takes_back_only_what_is_his(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON) as own:
        dewi, eko = by_link(own, "Dewi", "reporter"), by_link(own, "Eko", "reporter")
        assert dewi.press("/tell", key="1", **PRESSES["/tell"]).status == 303
        assert eko.press("/undo", key="2", ids="E0001").status == 403
        assert len(told(own)) == 1
        assert by_link(own, "Fajar", "planner").press("/undo", key="3", ids="E0001").status == 303


def test_a_link_that_is_taken_back_closes_what_it_opened(desk):
    who = by_link(desk, "Gita", "approver")
    assert who.get("/").status == 200
    revoke(desk.folder, "Gita")
    assert who.get("/").status == 401
    assert who.press("/tell", **PRESSES["/tell"]).status == 401
    assert who.post("/enter", {"link": who.secret}).status == 403


def test_a_link_that_is_over_opens_nothing_and_closes_what_it_opened(desk):
    who = by_link(desk, "Hadi", "viewer", days=3 / 86_400)
    until(lambda: who.get("/").status == 401, seconds=10)
    assert who.post("/enter", {"link": who.secret}).status == 403


def test_links_are_kept_as_hashes_alone(desk):
    _, secret = add_person(desk.folder, "Indra", Role.VIEWER, (), 1)
    assert secret not in (desk.folder / "desk_people.json").read_text("utf-8")


def test_whoever_has_the_start_token_is_one_approver(tmp_path, tables):
    own_tables = shutil.copytree(tables, tmp_path / "tables")
    with (own_tables / "plan.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[replan]\napprovals = 2\n")
    laid_out(tmp_path / "desk", own_tables)
    with served(tmp_path / "desk", "--clock", "2024-11-22T06:40", "--pace", "0.1") as own:
        sari, alias = Person(own), Person(own, "Somebody else")
        assert sari.press("/tell", key="1", trip="T1", at=1, what="delay", late="90 min").status == 303
        where = sari.press("/try", key="2").where
        until(lambda: "to be decided" in words_of(sari.get(where)), seconds=90)
        assert sari.press("/approve", key="3", n=1).status == 303
        answer = alias.press("/approve", key="4", n=1)
        assert answer.status == 422 and "K053" in words_of(answer)
        assert len(approvals(own.folder)) == 1
        assert by_link(own, "Budi", "approver").press("/approve", key="5", n=1).status == 303
        assert approvals(own.folder)[-1].by == "Sari + Budi"


# ---------------------------------------------------------------------------------- other machines


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "desk.example"])
def test_other_machines_are_not_served_without_tls(host, tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    assert "K031" in plan("desk", tmp_path / "desk", "--host", host, "--no-browser", code=2)[1]


def test_an_open_network_gets_no_telephones(tmp_path, tables):
    named = shutil.copytree(tables, tmp_path / "tables")
    (named / "contacts.csv").write_text(
        "place,name,role,phone\nA,Citra,PPS,0812777\nH,Polisi Budi,escort,0812888\n", "utf-8"
    )
    (named / "fleet.csv").write_text(
        "vehicle,call_sign,driver,phone\nVAN-01,kijang,Eko Contoh,0812999\n", "utf-8"
    )
    laid_out(tmp_path / "desk", named)
    more = ("--host", "0.0.0.0", "--insecure-lan", "--clock", NOON)
    with served(tmp_path / "desk", *more) as own:
        sari = Person(own)
        tell = sari.press("/tell", key="1", trip="T2", at=1, what="delay", late="90 min")
        assert tell.status == 303, words_of(tell)
        for path in (
            "/",
            "/region?id=A",
            "/place?id=H",
            "/vehicle?id=VAN-01",
            "/search?q=eko",
            "/proposals",
            "/map",
        ):
            text = sari.get(path).text
            for secret in ("0812", "Citra", "Polisi", "Eko Contoh"):
                assert secret not in text, (path, secret)


def test_certificates_that_are_none_are_a_sentence(tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    (tmp_path / "x.pem").write_text("nothing", "utf-8")
    words = ("--certificate", tmp_path / "x.pem", "--key", tmp_path / "x.pem", "--no-browser")
    assert "K057" in plan("desk", tmp_path / "desk", *words, code=2)[1]
    assert "K057" in plan("desk", tmp_path / "desk", *words[:2], "--no-browser", code=2)[1]


@pytest.mark.parametrize("address", ["ftp://x", "desk.example", "https://", "https://désk.example"])
def test_an_address_that_is_none_is_a_sentence(address, tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    assert "K058" in plan("desk", tmp_path / "desk", "--address", address, "--no-browser", code=2)[1]


def test_behind_a_proxy_its_name_alone_counts_and_cookies_are_secure(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON, "--address", "https://desk.example") as own:
        who = Person(own, come_in=False)
        assert who.get("/").status == 421  # by the name of this machine
        more = {"host": "desk.example", "origin": "https://desk.example"}
        answer = who.post("/enter", {"token": own.token, "name": "x"}, **more)
        assert answer.status == 303
        cookie = answer.headers["set-cookie"]
        assert "Secure" in cookie and cookie.startswith("__Host-")
        assert (
            who.post("/enter", {"token": own.token}, host="desk.example", origin="http://desk.example").status
            == 403
        )
