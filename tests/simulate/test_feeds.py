"""What real senders write leads where the steps lead: the same programme, taken directly and through the inbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from closerlook.exchange.models import Message
from closerlook.exchange.routing import Unplaced, route
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind, SideAssessment
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind
from closerlook.people import sites
from closerlook.people.models import Site, TrustedSender
from closerlook.record import door
from closerlook.record.models import Taken
from closerlook.simulate.delivering import Post
from closerlook.simulate.doorways import Alone, ThroughDoor
from closerlook.simulate.engine import Case, Engine
from closerlook.simulate.feeds import RIVER, TRUSTED, Folder
from closerlook.simulate.population import Woman
from closerlook.simulate.programme import at_once, programme, unit
from closerlook.simulate.sending import Sent, step_of
from tests.command_line.processes import run, said
from tests.simulate import standing
from tests.simulate.sents import DONE, L, report
from tests.stores import copied_file, using

FIRST, LIVE_FROM = date(2024, 1, 1), date(2024, 3, 1)


def ready(country: str) -> None:
    """Make the unit of this record one of the country, which trusts the made-up senders."""
    zone = "Europe/London" if country == "uk" else "America/Chicago"
    Site.objects.update(protocol=country, zone=zone, live_from=LIVE_FROM)
    for sender in TRUSTED:
        TrustedSender.objects.get_or_create(sender=sender, site=Site.objects.get())
    sites.forget()


def play(country: str, women: int, years: float, post: Post | None) -> Engine:
    """Play a programme on this record: directly, or all that is sent through the inbox."""
    ready(country)
    made = unit(sites.protocol(), country=country, women=women, years=years, place="Clinic", live_from=LIVE_FROM)
    last = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=round(years * 365))
    with ThroughDoor(in_bulk=post is None) as doorway:
        deliver = post.deliver if post is not None else at_once
        played = programme(made, doorway, seed=5, women=women, first=FIRST, last=last, deliver=deliver)
        played.run()
    return played


def same(found: dict[str, standing.Hers], expected: dict[str, standing.Hers]) -> None:
    """Fail on the first woman who stands elsewhere, with nothing but what differs."""
    assert found.keys() == expected.keys()
    for number, hers in expected.items():
        for what, value in hers.items():
            assert (number, what, found[number][what]) == (number, what, value)


def differential(country: str, women: int, years: float, direct: str, by_inbox: str) -> None:
    with using(direct):
        plainly = play(country, women, years, None)
        expected, expected_places = standing.everyone(), standing.places()
        standing.clean()
    with using(by_inbox):
        post = Post()
        delivered = play(country, women, years, post)
        assert standing.places() == expected_places
        same(standing.everyone(), expected)
        assert post.messages == Message.objects.count() > women / 4
        assert set(post.became) <= {"taken", "no_round_waits", "round_within_60_days", "two_rounds_wait"}
        assert delivered.refused == plainly.refused
        standing.clean()


@pytest.mark.parametrize(("country", "women", "years"), [("us", 70, 2), ("uk", 80, 2)])
@pytest.mark.usefixtures("sqlite_record")
def test_through_the_inbox_everyone_stands_where_the_steps_lead(
    country: str, women: int, years: float, sqlite_template: Path, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("direct", "by_inbox")]
    for place in places:
        place.mkdir()
    differential(country, women, years, *[copied_file(sqlite_template, place) for place in places])


@pytest.mark.usefixtures("sqlite_record")
def test_on_postgresql_too(postgres_record_url: str, sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "direct").mkdir()
    differential("us", 14, 1.5, copied_file(sqlite_template, tmp_path / "direct"), postgres_record_url)


def left_open(url: str, post: Post | None) -> dict[str, standing.Hers]:
    """Send a normal screening, then further pictures for its round, which waits for none; return where she stands."""
    with using(url):
        ready("us")
        made = unit(sites.protocol(), country="us", women=1, years=1, place="Clinic")
        with ThroughDoor(in_bulk=False) as doorway:
            deliver = post.deliver if post is not None else at_once
            last = DONE + timedelta(days=30)
            e = programme(made, doorway, seed=5, women=1, first=FIRST, last=last, deliver=deliver)
            e.now = DONE + timedelta(days=1)
            case = e.cases[0]
            case.stream = doorway.enter(case.woman, e.now)
            screened = report(RIVER, (SideAssessment(A.NEGATIVE),), number=0)
            e.send(case, screened)
            (episode,) = e.look(case).episodes
            pictures = {"kind": ExaminationKind.DIAGNOSTIC, "looked_at": (L,), "accession": "A2", "episode": episode}
            e.send(case, report(RIVER, (), number=0, reported_at=None, density=None, **pictures))
            assert len(e.look(case).episodes) == 1
        standing.clean()
        return standing.everyone()


@pytest.mark.usefixtures("sqlite_record")
def test_a_round_that_routing_leaves_open_is_said_by_the_front_desk(sqlite_template: Path, tmp_path: Path) -> None:
    for name in ("direct", "by_inbox"):
        (tmp_path / name).mkdir()
    post = Post()
    expected = left_open(copied_file(sqlite_template, tmp_path / "direct"), None)
    same(left_open(copied_file(sqlite_template, tmp_path / "by_inbox"), post), expected)
    assert post.became == {"taken": 1, "no_round_waits": 1}


# ---------------------------------------------------------------- a folder, taken by a process of its own


@contextmanager
def collected(folder: Path, women: int) -> Iterator[list[tuple[Sent, Woman]]]:
    """Give all that a programme sent, in the order in which its files are read."""
    found: list[tuple[Path, int, Sent, Woman]] = []
    files = Folder(folder)

    def deliver(e: Engine, case: Case, sent: Sent) -> None:
        at_once(e, case, sent)
        found.append((files.add(sent, case.woman, e.now), len(found), sent, case.woman))

    protocol = sites.protocol()
    made = unit(protocol, country="us", women=women, years=2, place="Clinic", live_from=LIVE_FROM)
    last = datetime(2026, 1, 1, tzinfo=UTC)
    programme(made, Alone(protocol), seed=8, women=women, first=FIRST, last=last, deliver=deliver).run()
    files.close()
    yield [(sent, woman) for _, _, sent, woman in sorted(found, key=lambda one: one[:2])]


@pytest.mark.usefixtures("sqlite_record")
def test_a_folder_ingested_by_a_process_leads_where_its_steps_lead(sqlite_template: Path, tmp_path: Path) -> None:
    folder, data, other = tmp_path / "feed", tmp_path / "data", tmp_path / "other"
    for place in (folder, data, other):
        place.mkdir()
    ingested = copied_file(sqlite_template, data)
    with using(ingested):
        ready("us")
    with using(copied_file(sqlite_template, other)):
        ready("us")
        with collected(folder, 50) as sents:
            done = run(data, "ingest", str(folder), "--json", url=ingested)
        became = said(done)["messages"]
        assert len(became) == len(sents) > 50
        with using(ingested):
            taken = dict(Taken.objects.values_list("key", "taken_at"))
            expected, expected_places = standing.everyone(), standing.places()
            standing.clean()
        streams: dict[int, str] = {}
        doorway = ThroughDoor(in_bulk=False)
        for (sent, her), one in zip(sents, became, strict=True):
            now = taken.get(f"message:{one['message']}:0")
            if sent.number not in streams:
                streams[sent.number] = doorway.enter(her, now or DONE)
            assert taken_directly(streams[sent.number], sent, now) == one["outcome"], one
        assert standing.places() == expected_places
        same(standing.everyone(), expected)
        standing.clean()


def taken_directly(stream: str, sent: Sent, now: datetime | None) -> str:
    """Take it as a step, at the moment its message was taken; say what becomes of it."""
    history = sites.protocol().calendar.on(sent.performed_at) < LIVE_FROM
    hers = door.look(stream).patient
    step = step_of(sent, hers, "main", history=history)
    assert isinstance(step, st.TakeExamination | st.TakeReport)
    if isinstance(route(hers, step.examination), Unplaced):
        return "set_aside"
    assert now is not None, "the inbox set aside what the rules of routing place"
    door.take(step, stream=stream, actor=Actor(Kind.FEED, sent.sender), key=sent.accession + step_key(sent), now=now)
    return "taken"


def step_key(sent: Sent) -> str:
    return f":{sent.reported_at}:{sent.status}"
