"""Sites and products: their names, the other names they answer to, and what their sheets say of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any

from esc_sim.importing.found import Found
from esc_sim.importing.names import role_called
from esc_sim.importing.reading import Row
from esc_sim.importing.words import LONGEST, identifier_of, same_name


@dataclass
class Member:
    """A site or a product.

    Attributes:
        id: identifier, made of the name.
        name: as it is written.
        place: where it was first read.
        said: what its sheets say, by key.
        places: where they say so.
        code: short name by which sheets may name it, too.
        kind: role of the members of the first sheet that lists it; '' where its name says none.
    """

    id: str
    name: str
    place: str
    said: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    code: str = ""
    kind: str = ""

    @property
    def role(self) -> str:
        """What its row says it is, else what its sheet is called."""
        return self.said.get("role") or self.kind

    def say(self, key: str, value: Any, place: str, found: Found) -> None:
        """Take in what a cell says, or note that another cell says otherwise.

        Args:
            key: what it speaks of.
            value: None or '' where it says nothing.
            place: of the cell.
            found: takes notes.
        """
        if value is None or value == "":
            return
        if key in self.said and self.said[key] != value:
            found.problems.append(
                f"{place}: '{self.name}' stands here again with another {key.replace('_', ' ')}: {value}, but "
                f"{self.said[key]} in {self.places[key]}: keep one of the two rows, or give them different names"
            )
            return
        self.said[key] = value
        self.places.setdefault(key, place)


@dataclass
class Members:
    """All sites, or all products.

    Attributes:
        what: 'site' or 'product', for messages.
        found: takes notes.
        by_id: the members, by identifier.
        where: the sheet that lists them, for messages; '': none does.
    """

    what: str
    found: Found
    where: str = ""
    by_id: dict[str, Member] = field(default_factory=dict)
    called: dict[str, list[str]] = field(default_factory=dict)
    """Identifiers by what all writings of a name have in common."""

    def add(self, name: str, place: str, code: str = "") -> Member:
        """The member of this name and code, a new one where there is none.

        Args:
            name: as it is written.
            place: of the cell.
            code: short name; '' where there is none.
        """
        key = same_name(name)
        for known in (self.by_id[one] for one in self.called.get(key, ())):
            if same_name(known.name) == key and (
                not code or not known.code or known.code.casefold() == code.casefold()
            ):
                if code and not known.code:
                    self._answer(code, known)
                    known.code = code
                return known
        one = identifier_of(name)
        if one in self.by_id:
            one = f"{one}_{identifier_of(code)}" if code else one
        if one in self.by_id:
            self.found.problems.append(
                f"{place}: '{name}' cannot be told from '{self.by_id[one].name}' ({self.by_id[one].place}): give them "
                "different names"
            )
            return self.by_id[one]
        member = self.by_id[one] = Member(one, name, place, code=code)
        self._answer(name, member)
        if code:
            alike = (self.by_id[one] for one in self.called.get(same_name(code), ()))
            other = next((one for one in alike if one.code.casefold() == code.casefold()), None)
            if other is not None and other is not member:
                self.found.problems.append(f"{place}: the code '{code}' is that of '{other.name}', too ({other.place})")
            self._answer(code, member)
        return member

    def _answer(self, text: str, member: Member) -> None:
        known = self.called.setdefault(same_name(text), [])
        if member.id not in known:
            known.append(member.id)

    def add_or_find(self, text: str, place: str) -> str | None:
        """The member that a cell names, a new one where no cell has named it yet."""
        return self.find(text, place) if same_name(text) in self.called else self.add(text, place).id

    def _note_spelling(self, text: str, member: Member, place: str) -> None:
        """Note once that a name was found in another spelling."""
        if text.casefold() not in (member.name.casefold(), member.code.casefold()):
            said = f"'{text}' is '{member.name}'"
            if not any(said in one for one in self.found.assumed):
                self.found.assumed.append(f"{place}: {said}")

    def find(self, text: str, place: str) -> str | None:
        """The member that a cell names; where no sheet lists them, a new one. What cannot be told is noted."""
        known = self.called.get(same_name(text), [])
        if len(known) == 1:
            self._note_spelling(text, self.by_id[known[0]], place)
            return known[0]
        if len(known) > 1:
            codes = " or ".join(self.by_id[one].code or one for one in known)
            self.found.problems.append(f"{place}: '{text}' may be {codes}: write the code")
            return None
        if not self.where:
            return self.add(text, place).id
        near = difflib.get_close_matches(same_name(text), self.called, n=1, cutoff=0.75)
        meant = f"; did you mean '{self.by_id[self.called[near[0]][0]].name}'?" if near else f": add it to {self.where}"
        self.found.problems.append(f"{place}: there is no {self.what} '{text}'{meant}")
        return None


_SITE_NUMBERS = ("latitude", "longitude", "x", "y")


def read_site(row: Row, sites: Members) -> Member | None:
    """The site of a row, with what the row says of it."""
    found = row.sheet.found
    name, code = row.text("name"), row.text("code")
    if not name and not code:
        found.problems.append(f"{row.place('name')}: the row has no name")
        return None
    before = len(sites.by_id)
    site = sites.add(name or code, row.place("name"), code)
    several = row.sheet.has("product") or row.sheet.has("to")
    if len(sites.by_id) == before and not several and site.place != row.place("name"):
        found.left_out.append(f"{row.place('name')}: '{site.name}' stands here again; merged with {site.place}")
    if row.text("role"):
        site.say("role", role_called(row.text("role")) or identifier_of(row.text("role")), row.place("role"), found)
    elif row.sheet.mapping.role:
        site.kind = site.kind or row.sheet.mapping.role
    if row.text("region"):
        site.say("region", row.text("region").replace("/", "-")[:LONGEST], row.place("region"), found)
    for key in _SITE_NUMBERS:
        site.say(key, row.number(key, least=None), row.place(key), found)
    for key, most in (("latitude", 90.0), ("longitude", 180.0)):
        if abs(site.said.get(key, 0.0)) > most:
            found.problems.append(
                f"{row.place(key)}: {site.said[key]:g} is no {key}: it lies between -{most:g} and {most:g}"
            )
    alone = [key for key in ("latitude", "longitude") if key in site.said]
    if len(alone) == 1:
        found.problems.append(f"{site.places[alone[0]]}: latitude and longitude go together: give both, or neither")
    return site


def read_product(row: Row, products: Members) -> Member | None:
    """The product of a row."""
    name, code = row.text("name"), row.text("code")
    if not name and not code:
        row.sheet.found.problems.append(f"{row.place('name')}: the row has no name")
        return None
    before = len(products.by_id)
    product = products.add(name or code, row.place("name"), code)
    if len(products.by_id) == before:
        row.sheet.found.left_out.append(
            f"{row.place('name')}: '{product.name}' stands here again; merged with {product.place}"
        )
    return product
