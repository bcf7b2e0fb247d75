"""The public pages keep nothing, can be found, are plain to read, and show no number that no row says."""

import re
import warnings
from importlib import import_module
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from closerlook.evidence.published import figure, shown_to_her
from tests.look.html import Page
from tests.public.conftest import ASKED, PAGES, WRONG
from tests.public.numbers import Numbers

EVERY = (*PAGES, *ASKED, *WRONG)
FALSE_COMFORT = re.compile(
    r"nothing to worry|do not worry|don.t worry|probably fine|likely harmless|often a cyst", re.I
)
HER_OWN = re.compile(r"your (?:own )?(?:chance|risk|odds)|chance that you", re.I)


def read(client: Client, page: str) -> str:
    found = client.get(f"/about/{page}")
    assert found.status_code == 200
    return str(found.content.decode())


@pytest.mark.parametrize("page", EVERY)
def test_a_page_keeps_nothing_of_who_reads_it(client: Client, page: str) -> None:
    found = client.get(f"/about/{page}")
    assert not found.cookies
    assert "Set-Cookie" not in found.headers
    assert "Cookie" not in found.headers.get("Vary", "")
    assert "csrf" not in found.content.decode()
    assert found.headers["Referrer-Policy"] == "no-referrer"
    kept = "private" if "?" in page else "public"
    assert found.headers["Cache-Control"] == f"{kept}, max-age=3600"


@pytest.mark.parametrize("page", EVERY)
def test_a_page_is_sound_and_safe(client: Client, page: str) -> None:
    html = read(client, page)
    assert Page(html).faults == []
    assert (
        re.findall(
            r"<script(?! type=\"module\" src=| type=\"application/json\")|<style|\sstyle=|\son\w+=|javascript:", html
        )
        == []
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_found(client: Client, page: str) -> None:
    html = read(client, page)
    metas = {attrs["name"]: attrs["content"] for attrs in Page(html).all("meta") if "name" in attrs}
    assert "robots" not in metas
    assert 50 <= len(metas["description"]) <= 200
    assert {"rel": "canonical", "href": f"https://clinic.example/about/{page}"} in Page(html).all("link")
    title = re.search(r"<title>(.*)</title>", html)
    assert title
    assert len(title[1]) <= 75


def test_what_she_chose_is_not_part_of_the_address_that_is_found(client: Client) -> None:
    assert {"rel": "canonical", "href": "https://clinic.example/about/chances/"} in Page(read(client, ASKED[0])).all(
        "link"
    )


@pytest.mark.parametrize("page", [*PAGES, *ASKED])
def test_every_number_is_said_by_a_published_row_or_a_helpline_on_file(client: Client, page: str) -> None:
    found = Numbers(read(client, page))
    assert found.stray == []
    assert all(shown_to_her(figure(row)) for row in found.rows)


def test_a_number_that_nothing_vouches_for_is_noticed() -> None:
    assert Numbers("<p>Of 100 women, 7 are.</p>").stray
    assert Numbers('<p data-rows="us-multisite-dbt-2014-2020-ppv1">about 7 have cancer</p>').stray
    assert not Numbers('<p data-rows="us-multisite-dbt-2014-2020-ppv1">Of 100, about 6 have cancer</p>').stray


@pytest.mark.parametrize("page", EVERY)
def test_no_page_comforts_falsely_or_speaks_of_her_own_chance(client: Client, page: str) -> None:
    words = Numbers(read(client, page)).words
    assert FALSE_COMFORT.findall(words) == []
    assert HER_OWN.findall(words) == []


@pytest.mark.parametrize("page", ASKED)
def test_one_country_at_a_time(client: Client, page: str) -> None:
    lands = {figure(row).population.country for row in Numbers(read(client, page)).rows}
    assert len({land.split("-")[0] for land in lands}) == 1


@pytest.mark.parametrize("page", PAGES[:4])
def test_a_page_is_plain_to_read(client: Client, page: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        textstat: Any = import_module("textstat")  # it has no types

        html = read(client, page)
        main = html[html.index("<main") : html.index("</main>")]
        main = re.sub(r"<(select|details|svg)\b.*?</\1>", "", main, flags=re.S)
        sentences = [
            re.sub(r"<[^>]+>", "", part).strip()
            for part in re.findall(r"<(?:p|li|dd|dt)\b.*?</(?:p|li|dd|dt)>", main, flags=re.S)
        ]
        said = " ".join(one if one.endswith((".", "?", "!")) else f"{one}." for one in sentences if one)
        assert textstat.flesch_kincaid_grade(said) <= 6.5


def test_a_wrong_age_is_said_and_nothing_is_shown(client: Client) -> None:
    html = read(client, "chances/?country=US&age=9")
    assert "Write an age in years, from 18 to 120." in html
    assert 'id="result"' not in html


def test_what_cannot_be_drawn_or_said_is_said_so(client: Client) -> None:
    words = Numbers(read(client, "chances/?country=UK&age=72")).words
    assert "We have no figure about women like you for this: how many women called back have cancer." in words
    assert "You are older than these women were." in words
    assert "Each small person" not in words


def test_a_page_cannot_be_posted_to(client: Client) -> None:
    assert client.post("/about/chances/").status_code == 405


def test_robots_may_read_these_pages_and_no_others(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines == [
        "User-agent: *",
        "Allow: /about/",
        "Allow: /static/",
        "Disallow: /",
        "Sitemap: https://clinic.example/sitemap.xml",
    ]


def test_the_map_lists_every_page(client: Client) -> None:
    found = client.get("/sitemap.xml")
    assert found.headers["Content-Type"].startswith("application/xml")
    tree = ElementTree.fromstring(found.content)
    listed = [node.text for node in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert listed == [f"https://clinic.example/about/{page}" for page in PAGES]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_leads_somewhere(client: Client, page: str) -> None:
    links = [attrs["href"] for attrs in Page(read(client, page)).all("a") if attrs["href"].startswith("/")]
    assert links
    assert all(client.get(link).status_code == 200 for link in links)
