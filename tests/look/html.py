"""Reads a rendered page strictly: what is opened is closed, ids are unique, and whatever points to an id finds it."""

from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
REFERENCES = ("for", "aria-labelledby", "aria-describedby")


class Page(HTMLParser):
    """The tags, ids, references and text of a page; `faults` says in words what is wrong with it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open] + self._loose_ends()

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def _loose_ends(self) -> list[str]:
        ids = [attrs["id"] for _, attrs in self.tags if "id" in attrs]
        pointed = [word for _, attrs in self.tags for name in REFERENCES for word in attrs.get(name, "").split()]
        twice = [f"id {name} is used twice" for name in sorted(set(ids)) if ids.count(name) > 1]
        return twice + [f"nothing has the id {name}" for name in pointed if name not in ids]
