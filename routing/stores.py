"""Which stores are near a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from config.problems import ConfigProblem
from config.stores import Flaw, Store, read_stores
from routing.places import Place
from routing.sphere import SphereIndex

__all__ = ["Flaw", "Near", "Store", "StoreIndex"]


@dataclass(frozen=True, slots=True)
class Near:
    """A store, and what makes it one of a place's."""

    store: Store
    by: Literal["distance", "area", "region", "country"]
    #: Over the ground; None where the place has no coordinates.
    km: float | None = None


class StoreIndex:
    """Stores by name and by place. Immutable."""

    __slots__ = ("_by_country", "_by_name", "_by_page", "_by_region", "_index", "_stores")

    def __init__(self, stores: Iterable[Store]) -> None:
        # By name: of equally near stores the index gives the first.
        self._stores = tuple(sorted(stores, key=lambda store: store.name))
        self._by_name = {store.name: store for store in self._stores}
        self._by_page = {store.page: store for store in self._stores if store.page}
        self._index = SphereIndex([(store.latitude, store.longitude) for store in self._stores])
        self._by_country: dict[str, list[Store]] = {}
        self._by_region: dict[tuple[str, str], list[Store]] = {}
        for store in self._stores:
            self._by_country.setdefault(store.country, []).append(store)
            if store.region:
                self._by_region.setdefault((store.country, store.region), []).append(store)

    @classmethod
    def load(
        cls,
        file: Path,
        check: Callable[[Store], Iterable[Flaw]] = lambda store: (),
        warnings: list[ConfigProblem] | None = None,
    ) -> StoreIndex:
        """Read a table; :class:`~config.problems.ConfigError`. See :func:`config.stores.read_stores`."""
        return cls(read_stores(file, check, warnings))

    def __len__(self) -> int:
        return len(self._stores)

    def __iter__(self) -> Iterator[Store]:
        return iter(self._stores)

    def get(self, name: str) -> Store | None:
        """The store of that name."""
        return self._by_name.get(name)

    def of_page(self, path: str) -> Store | None:
        """The store whose own page has this path."""
        return self._by_page.get(path) if self._by_page else None

    def near(self, place: Place, most_km: float | None = None) -> Iterator[Near]:
        """Stores in great-circle order, equally near ones by name. Lazy: stop at the first that will do.

        A place without coordinates has the stores of its area and then those of the rest of its region; where
        there are none, those of its country; each by name. ``most_km`` leaves out what lies farther: without
        coordinates all of them, as nothing says how far they are.
        """
        if at := place.coordinates:
            for km, number in self._index.nearest(*at):
                if most_km is not None and km > most_km:
                    return
                yield Near(self._stores[number], "distance", km)
            return
        if place.country is None or most_km is not None:
            return
        country = self._by_country.get(place.country, [])
        region = self._by_region.get((place.country, place.region), []) if place.region else []
        area = _of_area(region if place.region else country, place.area)
        yield from (Near(store, "area") for store in area)
        yield from (Near(store, "region") for store in region if store not in area)
        if not area and not region:
            yield from (Near(store, "country") for store in country)

    def nearest(self, place: Place, limit: int, most_km: float | None = None) -> tuple[Store, ...]:
        """The first ``limit`` stores of :meth:`near`."""
        return tuple(near.store for near in islice(self.near(place, most_km), limit))


def _of_area(stores: Iterable[Store], area: str | None) -> list[Store]:
    if area is None:
        return []
    folded = area.casefold()
    return [store for store in stores if store.area is not None and store.area.casefold() == folded]
