"""All negotiation protocols: those below, and those of installed packages (entry points, esc_sim.negotiations)."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from esc_sim.entries import entries
from esc_sim.errors import EscSimError, InputError, raised
from esc_sim.negotiations import contract_net, lowest_cost, most_reliable
from esc_sim.negotiations.protocol import NegotiationProtocol

GROUP: Final = "esc_sim.negotiations"
"""An entry point of this group names a module whose PROTOCOL is a class that needs no arguments."""

_OWN: Final = (lowest_cost, most_reliable, contract_net)

PROTOCOLS: Final[Mapping[str, type[NegotiationProtocol]]] = MappingProxyType(
    {name: kind for name, (kind, _) in entries(GROUP, _OWN, "PROTOCOL", "negotiation protocol").items()}
)
"""Every negotiation protocol by its name in a scenario."""
USUAL: Final = lowest_cost.PROTOCOL.name
"""The protocol of a scenario that names none."""

GivenProtocol = str | NegotiationProtocol | type[NegotiationProtocol] | Callable[..., float]
"""What a user of Python hands in: name, object or class of a protocol; or a pure function that ranks suppliers."""

if TYPE_CHECKING:
    NegotiationName = str
else:
    NegotiationName = Literal[tuple(PROTOCOLS)]


def protocol_of(given: GivenProtocol) -> NegotiationProtocol | None:
    """The protocol that is meant; None for the standard one, which needs no object.

    Raises:
        InputError: it is no protocol.
    """
    if isinstance(given, str):
        if given not in PROTOCOLS:
            near = difflib.get_close_matches(given, PROTOCOLS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"take one of {', '.join(PROTOCOLS)}, or a class"
            raise InputError(f"negotiation: there is no protocol {given!r}; {hint}")
        given = PROTOCOLS[given]
    if isinstance(given, type) and issubclass(given, NegotiationProtocol):
        kind = given
        try:
            given = kind()
        except TypeError as error:
            raise InputError(f"negotiation: {kind.__name__} cannot be made without arguments ({error})") from error
        except EscSimError:
            raise
        except Exception as error:
            raise raised(f"negotiation (class {kind.__name__})", kind.__init__, error) from error
    if not isinstance(given, NegotiationProtocol):
        raise InputError(
            f"negotiation: {given!r} is no protocol: give a name ({', '.join(PROTOCOLS)}), a class that is an "
            "esc_sim.NegotiationProtocol, or a function that ranks suppliers"
        )
    return None if type(given) is lowest_cost.LowestCost else copy.deepcopy(given)


def words_of_all() -> str:
    """Whom a buyer asks first, protocol by protocol."""
    return "; ".join(f"{name}: {kind.words}" for name, kind in PROTOCOLS.items())
