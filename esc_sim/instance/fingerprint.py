"""A fingerprint of plain data: equal for what says the same, whatever objects say it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from pydantic import BaseModel

from esc_sim.scenario.histories import empirical_laws

_Digest = Any
_UNLIKE = itertools.count()


def fingerprint(*values: object, leave_out: Collection[str] = ()) -> str:
    """Hash of arrays, dataclasses, models, mappings, sequences and plain values.

    What cannot be looked into (a lock, a compiled function) counts as unlike anything else, so that two fingerprints
    may differ where the values do not, but never the other way round.

    Args:
        values: what to hash.
        leave_out: names of fields of dataclasses that do not count.
    """
    digest = hashlib.blake2b(digest_size=16)
    _feed(digest, values, frozenset(leave_out))
    return digest.hexdigest()


def _feed(digest: _Digest, value: object, leave_out: frozenset[str]) -> None:
    digest.update(type(value).__qualname__.encode())
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        digest.update(repr(value).encode())
    elif isinstance(value, np.ndarray):
        digest.update(f"{_words(value.dtype)}{value.shape}".encode())
        if value.dtype.hasobject:
            _feed(digest, value.tolist(), leave_out)
        else:
            digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, BaseModel):
        digest.update(value.model_dump_json(by_alias=True).encode())
        for _, law in empirical_laws(value):  # it says the name of its series only
            _feed(digest, law.values, leave_out)
    elif isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            digest.update(repr(key).encode())
            _feed(digest, value[key], leave_out)
    elif isinstance(value, Sequence):
        digest.update(f"{len(value)}".encode())
        for inner in value:
            _feed(digest, inner, leave_out)
    elif isinstance(value, set | frozenset):
        digest.update(repr(sorted(value, key=repr)).encode())
    elif is_dataclass(value):
        for part in fields(value):
            if part.name not in leave_out:
                digest.update(part.name.encode())
                _feed(digest, getattr(value, part.name), leave_out)
    else:
        _feed_object(digest, value, leave_out)


@lru_cache(maxsize=1024)
def _words(kind: np.dtype[Any]) -> str:
    """What numpy calls a kind of numbers; it takes long to say so of rows."""
    return str(kind)


def _feed_object(digest: _Digest, value: object, leave_out: frozenset[str]) -> None:
    """An object that is none of the above: its state as pickle would take it."""
    try:
        state = None if callable(value) else value.__getstate__()
    except TypeError:
        state = None
    if state is None:
        digest.update(f"unlike {next(_UNLIKE)}".encode())
    else:
        _feed(digest, state, leave_out)
