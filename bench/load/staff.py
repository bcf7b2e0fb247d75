"""What each role does over and over, as Locust plays it. Waits between two pages are a person's, not a machine's."""

import random
import re
from typing import Any

from locust import HttpUser, between, task

PASSWORD = "closer-look-demo"
PATIENT = re.compile(r'href="(/patient/p[a-z0-9]+/)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(seen|key)" value="([^"]*)"')


class Person(HttpUser):
    """Someone at the desk: signs in once, then looks and records."""

    abstract = True
    wait_time = between(2, 8)
    name = ""
    found: list[str] = []

    def on_start(self) -> None:
        self.fields = dict(TOKEN.findall(""))
        page = self.client.get("/sign-in/", name="sign in, the form").text
        given = {
            "username": self.name,
            "login": self.name,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.token(page),
        }
        self.client.post("/sign-in/", given, name="sign in")

    def token(self, page: str) -> str:
        found = TOKEN.search(page)
        return found.group(1) if found else ""

    def look(self, path: str, name: str) -> str:
        with self.client.get(path, name=name, catch_response=True) as answer:
            if "/sign-in/" in str(answer.url):
                answer.failure("signed out")
            page = str(answer.text)
        self.found = list(dict.fromkeys(PATIENT.findall(page))) or self.found
        return page

    def one(self) -> str:
        return random.choice(self.found[:40]) if self.found else "/"

    @task(6)
    def home(self) -> None:
        self.look("/", "home")

    @task(3)
    def everyone(self) -> None:
        self.look("/?who=everyone", "home, everyone")

    @task(6)
    def patient(self) -> None:
        path = self.one()
        kept = self.found
        self.look(path, "a patient" if path != "/" else "home")
        self.found = kept

    @task(1)
    def find(self) -> None:
        page = self.look("/visits/", "the day's visits")
        asked = random.choice(["Olsen", "Chen", "Ana", "1968-05-03", "Haddad"])
        self.client.post("/find/", {"q": asked, "csrfmiddlewaretoken": self.token(page)}, name="find")


class Navigator(Person):
    """Rings people and records how it went."""

    weight = 20
    name = "navigator"

    @task(5)
    def call_back_desk(self) -> None:
        self.look("/calls/", "call-back desk")

    @task(4)
    def attempt(self) -> None:
        path = self.one()
        if path == "/":
            return
        form = f"{path}do/RecordContact/?subject=e1"
        with self.client.get(form, name="record an attempt, the form", catch_response=True) as answer:
            if answer.status_code not in (200, 404):
                answer.failure(str(answer.status_code))
            else:
                answer.success()
        page = answer.text
        given: dict[str, Any] = {"channel": "phone", "outcome": "no_answer", "csrfmiddlewaretoken": self.token(page)}
        given |= dict(HIDDEN.findall(page))
        if "seen" in given:
            self.client.post(form, given, name="record an attempt")


class FrontDesk(Person):
    """Posts letters, looks at what was set aside."""

    weight = 12
    name = "desk"

    @task(2)
    def post(self) -> None:
        self.look("/post/", "to post")

    @task(1)
    def inbox(self) -> None:
        self.look("/set-aside/", "set aside")


class Radiologist(Person):
    """Reads, and looks at the board of tissue."""

    weight = 12
    name = "radiologist"

    @task(4)
    def reading(self) -> None:
        self.look("/reading/", "reading room")

    @task(2)
    def board(self) -> None:
        self.look("/boards/tissue/", "tissue board")


class Manager(Person):
    """Looks at where it is late."""

    weight = 6
    name = "manager"

    @task(2)
    def unit(self) -> None:
        self.look("/unit/", "the unit")

    @task(1)
    def late(self) -> None:
        self.look("/unit/late/", "lateness")
