"""Operations that an integrator declares outside this project: `BFF_CATALOGUE__EXTRA`.

Such a module holds declarations like those of this package, `TAG`, the title of its group in the
documentation, and a docstring, which says what the group is about. Its operations are checked when
it is imported, as ours are, and must not get in the way of what is offered already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import combinations
from types import ModuleType
from typing import Any

from app.catalogue.operation import Operation
from app.catalogue.operations import BUILT_IN, INTERNAL, Catalogue, Group, declared
from app.settings import SettingsFault


def catalogue_with(extra: Sequence[str]) -> Catalogue:
    """What is built in, and the operations of these modules.

    Raises SettingsFault with one sentence per fault: a module that cannot be imported or declares
    nothing, an operationId or an address that is taken.
    """
    if not extra:
        return BUILT_IN
    groups = [*BUILT_IN.groups, *(_group(name) for name in dict.fromkeys(extra))]
    catalogue = Catalogue(groups)
    faults = [_sentence(fault) for fault in _clashes(catalogue.operations)]
    if faults:
        raise SettingsFault(faults)
    return catalogue


def covers(template: str, path: str) -> bool:
    """Whether the template also matches what the other one stands for.

    `/campaigns/{campaignId}` covers `/campaigns/traffic`, which therefore answers PATCH as well.
    """
    ours, theirs = template.split("/"), path.split("/")
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(a == b or a.startswith("{") for a, b in pairs)


def _group(name: str) -> Group:
    module = _imported(name)
    title, about = getattr(module, "TAG", None), (module.__doc__ or "").strip()
    if not isinstance(title, str) or not title.strip() or not about:
        raise _fault(f"{name} needs a `TAG`, its title in the documentation, and a docstring")
    if title in {group.title for group in BUILT_IN.groups}:
        raise _fault(f"{name} has a `TAG` that is taken: {title}")
    if not any(declared(module)):
        raise _fault(f"{name} declares no operation")
    return Group(title, about.partition("\n")[0], (module,))


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except TypeError as error:
        # How an incomplete declaration says what it lacks; the words are those of a declaration.
        raise _fault(f"{name}: {error}") from error
    except Exception as error:  # whatever a module of others does when it is imported
        raise _fault(f"{name} cannot be imported ({type(error).__name__}: {error})") from error


def _clashes(operations: Sequence[type[Operation[Any]]]) -> Iterator[str]:
    """What two operations cannot have both: an operationId, or a request that means either."""
    for one, other in combinations(operations, 2):
        if one.id == other.id:
            yield f"{other.__module__} declares {other.id}, which there is already"
        elif one.method == other.method and _overlap(one.path, other.path):
            yield f"{other.id} has the route of {one.id}: {other.route}"
    for operation in operations:
        if operation.id in INTERNAL:
            yield f"{operation.__module__} declares {operation.id}, which there is already"


def _overlap(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _fault(sentence: str) -> SettingsFault:
    return SettingsFault([_sentence(sentence)])


def _sentence(fault: str) -> str:
    return f"BFF_CATALOGUE__EXTRA: {fault}."
