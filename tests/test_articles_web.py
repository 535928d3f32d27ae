"""Addresses are fetched as a guest does: public ones, by the rules of the house, in time."""

from __future__ import annotations

import gzip
import http.server
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from article_files import PROSE, TEXT, TITLE, check_spans, make_pdf, record
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.articles import Policy, make_article, read_articles
from kg.articles.addresses import is_public, parse_address
from kg.articles.feeds import read_feed
from kg.articles.robots import read_robots
from kg.articles.web import Visitor, fetch
from kg.errors import OversizeSource, SourceError, UnreadableSource, UnsupportedSource
from kg.model import Article

BODY = "".join(f"<p>{line}</p>" for line in PROSE)
PAGE = f"<html><head><title>{TITLE}</title></head><body><article>{BODY}</article></body></html>"
BASE = parse_address("https://lens.example/feeds/all.xml")

Handler = http.server.BaseHTTPRequestHandler


@dataclass
class Site:
    """A server of this machine: what stands at its paths, and what it was asked for."""

    port: int
    pages: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    @property
    def root(self) -> str:
        return f"http://localhost:{self.port}"

    def put(self, path: str, data: bytes | str, kind: str = "text/html", **headers: str) -> str:
        body = data.encode() if isinstance(data, str) else data
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (200, {"Content-Type": kind, **named}, body)
        return self.root + path

    def send(self, path: str, target: str, status: int = 302) -> str:
        self.pages[path] = (status, {"Location": target}, b"")
        return self.root + path

    def answer(self, path: str, act: Callable[[Handler], None]) -> str:
        self.pages[path] = act
        return self.root + path


@pytest.fixture
def site() -> Iterator[Site]:
    class Answerer(Handler):
        def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
            found.asked.append(self.path)
            found.agents.add(self.headers["User-Agent"])
            page = found.pages.get(self.path, (404, {}, b"nothing"))
            if callable(page):
                page(self)
                return
            status, headers, body = page
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answerer)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    found = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def visit(*addresses: str, **options: object) -> tuple[list[Article], list[SourceError]]:
    policy = {"allowed_hosts": frozenset({"localhost"}), "delay": 0.0, "timeout": 20.0} | options
    errors: list[SourceError] = []
    articles = list(read_articles(addresses, on_error=errors.append, policy=Policy(**policy)))
    for article in articles:
        check_spans(article)
    return articles, errors


def assert_plain(error: SourceError) -> None:
    assert str(error).isprintable()


# What is read


def test_page_is_read_and_nothing_else_is_asked_for(site: Site):
    page = PAGE.replace("<article>", "<img src='/a.png'><a href='/other.html'>x</a><article>")
    address = site.put("/story.html", page)
    articles, errors = visit(f"{address}#part")
    assert not errors
    assert [(a.id, a.url, a.title) for a in articles] == [(address, address, TITLE)]
    assert PROSE[0] in articles[0].text
    assert site.asked == ["/robots.txt", "/story.html"]
    assert site.agents == {"kg-builder"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (TEXT, "text/plain"),
        (TEXT, "application/octet-stream"),
        (f"---\ntitle: {TITLE}\n---\n{TEXT}", "text/plain"),
        (f"# {TITLE}\n\n{TEXT}", "text/markdown"),
        (make_pdf([PROSE]), "application/pdf"),
        (record(id="r"), "application/x-ndjson"),
        (gzip.compress(record(id="r").encode()), "application/gzip"),
        (PAGE, "text/plain"),
    ],
)
def test_other_kinds_of_documents_are_read(site: Site, data: bytes | str, kind: str):
    articles, errors = visit(site.put("/a", data, kind))
    assert not errors
    assert len(articles) == 1
    assert "Tarnhelm Instruments said" in articles[0].text


def test_encoding_of_the_server_goes_before_that_of_the_page(site: Site):
    page = PAGE.replace("<head>", '<head><meta charset="utf-8">').replace("Jena", "Münster")
    address = site.put("/a", page.encode("cp1252"), "text/html; charset=iso-8859-1")
    assert "Münster" in visit(address)[0][0].text


def test_packed_answers_are_unpacked(site: Site):
    address = site.put("/a", gzip.compress(PAGE.encode()), Content_Encoding="gzip")
    assert PROSE[0] in visit(address)[0][0].text


def test_pages_are_visited_once_and_in_order(site: Site):
    a, b = site.put("/a", PAGE), site.put("/b", PAGE.replace("Jena", "Gera"))
    articles, errors = visit(b, a, b)
    assert not errors
    assert [article.id for article in articles] == [b, a]
    assert site.asked == ["/robots.txt", "/b", "/a"]


def test_redirects_are_followed_and_the_id_stays(site: Site):
    page = site.put("/new", PAGE)
    address = site.send("/old", "/new", 301)
    articles, errors = visit(address)
    assert not errors
    assert [(a.id, a.url) for a in articles] == [(address, page)]


# What is refused


@pytest.mark.parametrize(
    ("status", "word"), [(404, "404"), (500, "500"), (204, "204"), (999, "unknown")]
)
def test_answers_that_are_no_pages_are_named(site: Site, status: int, word: str):
    site.pages["/a"] = (status, {}, b"")
    _, errors = visit(f"{site.root}/a")
    assert [type(e) for e in errors] == [UnreadableSource]
    assert word in errors[0].reason
    assert errors[0].source == f"{site.root}/a"


def test_redirects_without_end_are_cut(site: Site):
    _, errors = visit(site.send("/a", "/a"))
    assert "redirects more than 5 times" in errors[0].reason
    assert site.asked.count("/a") == 6


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://lens.example/",
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://",
        "http://169.254.169.254/latest/meta-data",
        "http://user:pass@lens.example/",
        "//",
        "http://0",
    ],
)
def test_redirects_to_where_no_visit_goes_are_refused(site: Site, target: str):
    articles, errors = visit(site.send("/a", target))
    assert not articles
    assert len(errors) == 1


class PlainContext:
    """Stands in for encryption: a socket that is shaken hands with and left as it is."""

    class Socket(socket.socket):
        def do_handshake(self) -> None:
            pass

    def wrap_socket(self, sock: socket.socket, **_: object) -> socket.socket:
        patience = sock.gettimeout()
        same = self.Socket(fileno=sock.detach())
        same.settimeout(patience)
        return same


def test_redirects_do_not_lead_out_of_encryption(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ssl, "create_default_context", PlainContext)
    page = site.put("/page", PAGE)
    secured = site.root.replace("http:", "https:")
    site.send("/inside", "/page")
    site.send("/outside", page)
    articles, errors = visit(f"{secured}/inside", f"{secured}/outside")
    assert [(a.id, a.url) for a in articles] == [(f"{secured}/inside", f"{secured}/page")]
    assert ["out of encryption" in e.reason for e in errors] == [True]


def test_servers_that_cannot_prove_who_they_are_get_no_request(site: Site):
    _, errors = visit(site.put("/a", PAGE).replace("http:", "https:"))
    assert [type(e) for e in errors] == [UnreadableSource]
    assert not site.asked


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0"])
def test_private_hosts_are_refused_unless_allowed_by_name(site: Site, host: str):
    address = site.put("/a", PAGE).replace("localhost", host)
    articles, errors = visit(address, allowed_hosts=frozenset())
    assert not articles
    assert len(errors) == 1
    assert "private network" in errors[0].reason
    assert site.asked == []
    allowed, _ = visit(address, allowed_hosts=frozenset({host}))
    assert len(allowed) == 1


def test_a_name_that_is_resolved_anew_leads_nowhere_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """The address that is judged is the one connected to, though the name changes."""
    found = [[("93.184.215.14", site.port)], [("127.0.0.1", site.port)]]
    asked: list[str] = []
    tried: list[object] = []

    def resolve(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        places = found[min(len(asked), 2) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    def connect(_: socket.socket, place: object) -> None:
        tried.append(place)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    for _ in range(2):
        with pytest.raises(UnreadableSource):
            fetch("http://rebind.example/a", policy=Policy(delay=0))
    assert tried == [("93.184.215.14", site.port)]


def test_where_a_host_has_a_private_address_too_only_the_public_one_is_tried(
    monkeypatch: pytest.MonkeyPatch,
):
    places = [("10.0.0.1", 80), ("93.184.215.14", 80), ("192.168.1.1", 80)]
    tried: list[object] = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", p) for p in places]
    )

    def connect(_: socket.socket, place: object) -> None:
        tried.append(place)
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(UnreadableSource):
        fetch("http://mixed.example/")
    assert tried == [places[1]]


def test_pages_larger_than_the_limit_are_refused(site: Site):
    address = site.put("/a", PAGE + " " * 200_000)
    _, errors = visit(address, max_bytes=100_000)
    assert [type(e) for e in errors] == [OversizeSource]


def test_bombs_are_refused(site: Site):
    bomb = gzip.compress(b" " * 100_000_000)
    _, errors = visit(site.put("/a", bomb, Content_Encoding="gzip"))
    assert [type(e) for e in errors] == [OversizeSource]


def test_answers_in_drops_end_at_the_time_limit(site: Site):
    stop = threading.Event()

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    def drip_headers(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        drip(handler)

    a, b = site.answer("/a", drip), site.answer("/b", drip_headers)
    _, errors = visit(a, b, timeout=0.5)
    stop.set()
    assert len(errors) == 2
    assert all("longer than 0.5 seconds" in error.reason for error in errors)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 302 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnonsense",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nxx",
    ],
)
def test_broken_answers_are_refused(site: Site, answer: bytes):
    address = site.answer("/a", lambda handler: handler.wfile.write(answer) and None)
    articles, errors = visit(address)
    assert not articles
    assert [type(e) for e in errors] == [UnreadableSource]


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "text/css", "audio/mpeg"])
def test_what_is_no_text_is_refused(site: Site, kind: str):
    _, errors = visit(site.put("/a", TEXT, kind))
    assert [type(e) for e in errors] == [UnsupportedSource]


def test_one_fault_costs_only_its_address(site: Site):
    good = site.put("/good", PAGE)
    articles, errors = visit(f"{site.root}/absent", good, "http://localhost:1/")
    assert [a.id for a in articles] == [good]
    assert len(errors) == 2


# The rules of the house


def test_robots_txt_is_heeded(site: Site):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n", "text/plain")
    public, private = site.put("/public", PAGE), site.put("/private/a", PAGE)
    articles, errors = visit(public, private)
    assert [a.id for a in articles] == [public]
    assert "robots.txt" in errors[0].reason
    assert "/private/a" not in site.asked
    assert site.asked.count("/robots.txt") == 1


def test_redirect_into_what_robots_txt_forbids_is_not_followed(site: Site):
    site.put("/robots.txt", "User-agent: kg-builder\nDisallow: /private\n", "text/plain")
    site.put("/private", PAGE)
    _, errors = visit(site.send("/a", "/private"))
    assert "robots.txt" in errors[0].reason
    assert "/private" not in site.asked


def test_where_robots_txt_fails_nothing_is_read(site: Site):
    site.pages["/robots.txt"] = (503, {}, b"")
    _, errors = visit(site.put("/a", PAGE))
    assert "robots.txt" in errors[0].reason
    assert site.asked == ["/robots.txt"]


@pytest.mark.parametrize(("asked", "pause"), [("", 1.5), ("Crawl-delay: 7", 7.0), ("x", 1.5)])
def test_pauses_are_kept_between_visits_to_a_host(site: Site, asked: str, pause: float):
    site.put("/robots.txt", f"User-agent: *\n{asked}\nDisallow: /x\n", "text/plain")
    site.put("/a", PAGE)
    pauses: list[float] = []
    visitor = Visitor(Policy(frozenset({"localhost"}), delay=1.5), pauses.append)
    for _ in range(3):
        visitor.fetch(parse_address(f"{site.root}/a"))
    assert len(pauses) == 2
    assert all(pause - 1 < waited <= pause for waited in pauses)


@pytest.mark.parametrize(
    ("rules", "target", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a/b\nAllow: /a", "/a/b/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: KG-Builder\nDisallow: /", "/a", False),
        ("User-agent: kg-builder\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a--b--c--", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("user-AGENT : *  # all\n disallow :/a # this", "/a", False),
        ("Disallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /" + "*a" * 2000 + "$", "/" + "a" * 2000 + "b", True),
    ],
)
def test_rules_are_read_by_the_standard(rules: str, target: str, allowed: bool):
    assert read_robots(rules, "kg-builder").allow(target) is allowed


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=50))
def test_any_rules_can_be_read(text: str, target: str):
    robots = read_robots(f"User-agent: *\n{text}\nDisallow: {text}", "kg-builder")
    assert robots.allow(f"/{target}") in (True, False)
    assert robots.delay >= 0


# Addresses


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
        "::127.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "240.0.0.1",
    ],
)
def test_addresses_that_are_not_public(ip: str):
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
)
def test_addresses_that_are_public(ip: str):
    assert is_public(ip)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("HTTPS://Lens.Example:443/a/../b?c=d#e", "https://lens.example/a/../b?c=d"),
        ("http://lens.example", "http://lens.example/"),
        ("http://lens.example.:8080?q", "http://lens.example:8080/?q"),
        ("http://münchen.example/ü?ö=ä", "http://xn--mnchen-3ya.example/%C3%BC?%C3%B6=%C3%A4"),
        ("http://[2606:2800::1]/a", "http://[2606:2800::1]/a"),
        ("http://lens.example//a", "http://lens.example//a"),
        ("http://lens.example/%41", "http://lens.example/%41"),
    ],
)
def test_addresses_are_written_in_one_way(written: str, read: str):
    assert str(parse_address(written)) == read
    assert str(parse_address(read)) == read


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http:///a",
        "http://a b/",
        "http://a:99999/",
        "http://[::1/",
        "http://a\nb/",
        "http://u@a/",
        "http://u:p@a/",
        "http://" + "a" * 300,
        "http://a/\r\nX: y",
        "http://..//",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a/",
        "http://a/" + "b" * 5000,
    ],
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(SourceError):
        parse_address(address)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_an_address_or_refused(first: str, second: str):
    for text in (first, f"http://{first}", f"http://lens.example/{first}"):
        try:
            joined = parse_address(text).join(second)
        except SourceError as error:
            assert_plain(error)
        else:
            assert parse_address(str(joined)) == joined
            assert str(joined).isascii()


# Feeds and sitemaps

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<link>{0}/</link><item><title>A</title><link>{0}/a</link></item>
<item><guid isPermaLink="true">{0}/b</guid></item><item><title>none</title></item>
<item><link>{0}/a</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="{0}/"/>
<entry><link rel="self" href="{0}/x"/><link href="/a"/></entry>
<entry><link rel="alternate" href="{0}/b"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel><link>{0}/</link></channel>
<item rdf:about="{0}/a"><link>{0}/a</link></item><item><link>{0}/b</link></item></rdf:RDF>"""
SITEMAP = """<!-- map --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> {0}/a </loc></url><url><loc>{0}/b</loc></url></urlset>"""


@pytest.mark.parametrize("feed", [RSS, ATOM, RDF, SITEMAP])
@pytest.mark.parametrize("kind", ["application/rss+xml", "text/xml", "text/html", "text/plain"])
def test_articles_of_feeds_are_read(site: Site, feed: str, kind: str):
    a, b = site.put("/a", PAGE), site.put("/b", PAGE.replace("Jena", "Gera"))
    articles, errors = visit(site.put("/feed", feed.format(site.root), kind))
    assert not errors
    assert [article.id for article in articles] == [a, b]
    assert site.asked == ["/robots.txt", "/feed", "/a", "/b"]


def test_sitemaps_lead_to_sitemaps_once(site: Site):
    index = "<sitemapindex>{}</sitemapindex>".format(
        "".join(f"<sitemap><loc>{site.root}/{n}</loc></sitemap>" for n in ("m1", "m2", "index"))
    )
    a = site.put("/a", PAGE)
    b = site.put("/b", PAGE.replace("Jena", "Gera"))
    site.put("/m1", gzip.compress(SITEMAP.format(site.root).encode()), "application/gzip")
    site.put("/m2", index, "text/xml")
    articles, errors = visit(site.put("/index", index, "text/xml"))
    assert [article.id for article in articles] == [a, b]
    assert not errors
    assert len(site.asked) == len(set(site.asked))


def test_lists_that_lead_to_lists_are_refused(site: Site):
    site.put("/a", RSS.format(site.root), "text/xml")
    site.put("/b", PAGE)
    articles, errors = visit(site.put("/feed", RSS.format(site.root), "text/xml"))
    assert len(articles) == 1
    assert [type(e) for e in errors] == [UnsupportedSource]


def test_long_feeds_are_cut(site: Site):
    items = "".join(f"<item><link>{site.root}/{n}</link></item>" for n in range(50))
    for n in range(50):
        site.put(f"/{n}", PAGE)
    address = site.put("/feed", f"<rss><channel>{items}</channel></rss>", "text/xml")
    articles, errors = visit(address, max_pages=3)
    assert [a.id for a in articles] == [f"{site.root}/{n}" for n in range(3)]
    assert [type(e) for e in errors] == [OversizeSource]
    assert "more than 3 pages" in errors[0].reason


def test_sitemap_of_one_host_lists_no_other():
    feed = read_feed(SITEMAP.format("https://other.example").encode(), BASE)
    assert not feed.pages
    assert len(feed.refused) == 2


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://localhost:1/x.dtd" [<!ENTITY % p SYSTEM "file:///x"> %p;]>',
    ],
)
def test_entities_of_feeds_are_not_expanded(head: str):
    data = f"{head}<rss><channel><item><link>https://lens.example/&b;</link></item></channel></rss>"
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(UnreadableSource):
            read_feed(data.encode(encoding), BASE)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_feed_is_read_or_refused(noise: bytes, place: int):
    data = RSS.format("https://lens.example").encode()
    for mangled in (noise, data[:place] + noise + data[place:], b"<a>" * 5000):
        try:
            feed = read_feed(mangled, BASE)
        except SourceError as error:
            assert_plain(error)
        else:
            assert all(urlsplit(str(page)).hostname for page in feed.pages)


def test_nothing_is_fetched_that_only_a_text_names(site: Site):
    site.put("/secret", PAGE)
    make_article(f"{TITLE}\n\n{site.root}/secret\n\n{TEXT}", id="a", url=f"{site.root}/secret")
    assert site.asked == []


def test_time_limit_does_not_count_pauses(site: Site):
    visitor = Visitor(Policy(frozenset({"localhost"}), delay=0.3, timeout=0.25), time.sleep)
    address = parse_address(site.put("/a", PAGE))
    for _ in range(2):
        assert visitor.fetch(address).data
