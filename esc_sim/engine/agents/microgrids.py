"""Microgrids of the agents: gas is burnt, recipes say what energy they want, and the energy plan is settled."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from esc_sim.behaviours import power as sums_of
from esc_sim.behaviours.power import energy_allowed, gas_settled, settle_day, sun_factor
from esc_sim.behaviours.recipes import recipe_amount, trial_runs, try_runs
from esc_sim.errors import InputError
from esc_sim.instance.energy_plans import EXPORT, IMPORT, SHED, SOLAR, UP
from esc_sim.instance.power import BUS_SERIES, ENGINE_SERIES, Power
from esc_sim.sampling.timetable import Timetable

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Microgrids:
    """The energy plan of a replication and what becomes of it, period by period.

    Args:
        model: whose nodes the buses feed.
        power: the microgrids.
        timetable: outages that the plan heeds.
    """

    def __init__(self, model: SupplyChainModel, power: Power, timetable: Timetable) -> None:
        self.model, self.power = model, power
        instance, grid = model.instance, power.grid
        assert instance.energy_plans is not None
        plans = instance.energy_plans.plans_of(instance, [timetable])
        self.leaflets, self.day_plan = plans.leaflets, plans.plan[0].tolist()
        starts = power.bus_start.tolist()
        self.nodes = [power.bus_node[a:b].tolist() for a, b in pairwise(starts)]
        self.buses = list(enumerate(grid.buses))
        self.load: list[float] = power.load.tolist()
        self.planned: list[float] = power.planned.tolist()
        self.voll: list[float] = grid.lost_load.tolist()
        self.price_in: list[list[float]] = power.price_in.tolist()
        self.price_out: list[list[float]] = power.price_out.tolist()
        self.sun: list[list[float]] = power.sun.tolist()
        self.shape: list[list[list[float]]] = power.shape.tolist()
        self.mean_price: list[float] = power.mean_price.tolist()
        self.sunshine = list(
            zip(power.sun_loc.tolist(), power.sun_scale.tolist(), power.sun_column.tolist(), strict=True)
        )
        self.gas_item: list[int] = power.gas_item.tolist()
        self.gas: list[float] = power.gas_start.tolist()
        self.gas_energy: list[float] = power.gas_energy.tolist()
        self.engine_bus: list[int] = power.engine_bus.tolist()
        self.first = instance.observed.index(power.observed[0])

    def supply(self, draws: list[float]) -> None:
        """Power of a period: before recipes run, after goods have arrived."""
        power, period = self.power, self.model.period
        wanted = self.request()
        load = [self.load[b] for b, _ in self.buses]
        for b, nodes in enumerate(self.nodes):
            for node in nodes:
                load[b] += wanted[node]
        sums = [[0.0] * sums_of.SUMS for _ in self.buses]
        prices = [0.0] * len(load)
        today = [self.leaflets[n] for n in self.day_plan[period * power.days : (period + 1) * power.days]]
        if not today:
            raise InputError(f"energy is planned for {period} periods only: give a larger run.periods")
        cost, price, lost = 0.0, 0.0, [0.0, 0.0]
        for leaflet in today:
            self._settle(leaflet.kind, leaflet.lists, load, draws, sums)
            for b, mean in enumerate(leaflet.price.tolist()):
                prices[b] += mean
            cost += leaflet.rest
            lost[0] += leaflet.in_lines
            lost[1] += leaflet.in_batteries
            price += self.mean_price[leaflet.kind]
        shortfall = self.burn(price / len(today), sums)
        self._limit(wanted, load, sums)
        self._book(cost, shortfall, lost, sums, [mean / len(today) for mean in prices])

    def request(self) -> list[float]:
        """The energy that each node's recipes would use if there were enough; burnt gas is no longer there."""
        books, model = self.model.books, self.model
        stock, process = [item.stock for item in books.items], [item.in_process for item in books.items]
        for i in self.gas_item:
            stock[i] = 0.0
        slot = books.maturing[model.period % len(books.maturing)]
        for i in books.making.lagged:
            process[i] -= slot[i]
            stock[i] += slot[i]
        wanted = [0.0] * books.node_count
        for recipe in books.making.recipes:
            node = recipe.node
            health, room = model.health.produce[node], books.nodes[node].energy - wanted[node]
            runs = trial_runs(books.terms, books.making, recipe, books.items, stock, process, health, room)
            if runs > 0.0:
                try_runs(books.terms, books.making, recipe, books.items, stock, process, runs)
                wanted[node] += recipe_amount(recipe.energy, runs, room, books.offset)
        return wanted

    def _settle(
        self, kind: int, hours: list[list[list[float]]], load: list[float], draws: list[float], sums: list[list[float]]
    ) -> None:
        """Settle a day of every bus."""
        for b, bus in self.buses:
            loc, scale, column = self.sunshine[b]
            settle_day(
                hours[IMPORT][b],
                hours[EXPORT][b],
                hours[SHED][b],
                hours[SOLAR][b],
                hours[UP][b],
                self.shape[kind][b],
                self.sun[kind],
                self.price_in[kind],
                self.price_out[kind],
                bus.import_max,
                bus.export_max,
                bus.pv_peak,
                self.planned[b],
                load[b],
                sun_factor(loc, scale, draws[column]),
                self.voll[b],
                sums[b],
            )

    def burn(self, price: float, sums: list[list[float]]) -> float:
        """Burn the gas that nodes have; returns what is paid for the power of gas that is not there."""
        model, books, days = self.model, self.model.books, self.power.days
        today = [self.leaflets[n] for n in self.day_plan[model.period * days : (model.period + 1) * days]]
        place = self.first + len(BUS_SERIES) * len(self.buses)
        paid = 0.0
        for k, chp in enumerate(self.power.grid.chps):
            made, burnt, flared = 0.0, 0.0, 0.0
            for leaflet in today:
                made += float(leaflet.power[k])
                burnt += float(leaflet.burnt[k])
                flared += float(leaflet.flared[k])
            i = self.gas_item[k]
            gas, books.items[i].stock = books.items[i].stock, 0.0
            books.items[i].consumed += gas
            if books.terms.tally:
                books.items[i].requested += gas
                books.items[i].filled += gas
            self.gas[k], short, gone = gas_settled(self.gas[k], gas * self.gas_energy[k], burnt, flared, chp.gas_max)
            bought = short * chp.eta
            paid += bought * price
            sums[self.engine_bus[k]][sums_of.IMPORTED] += bought
            for value in (made - bought, self.gas[k], gone):
                books.observed[place] = value
                place += 1
        return paid

    def _limit(self, wanted: list[float], load: list[float], sums: list[list[float]]) -> None:
        """Recipes of a bus that sheds get their part of what is left."""
        books, offset = self.model.books, self.model.books.offset
        for b, nodes in enumerate(self.nodes):
            for node in nodes:
                allowed = energy_allowed(wanted[node], load[b], sums[b][sums_of.SHED])
                if allowed < wanted[node]:
                    books.nodes[node].energy = recipe_amount(1.0, allowed, books.nodes[node].energy, offset)

    def _book(
        self, cost: float, shortfall: float, lost: list[float], sums: list[list[float]], prices: list[float]
    ) -> None:
        """Money of the period, and the series that are shown."""
        books, place = self.model.books, self.first
        deviation, deviation_cost, spilled = 0.0, shortfall, 0.0
        shown = (sums_of.LOAD, sums_of.IMPORTED, sums_of.EXPORTED, sums_of.SHED, sums_of.SOLAR)
        for own, price in zip(sums, prices, strict=True):
            cost += own[sums_of.GRID_COST]
            deviation += own[sums_of.DEVIATION]
            deviation_cost += own[sums_of.DEVIATION_COST]
            spilled += own[sums_of.SPILLED]
            for value in (*[own[column] for column in shown], price):
                books.observed[place] = value
                place += 1
        place += len(ENGINE_SERIES) * len(self.gas)
        for value in (deviation, deviation_cost, cost + shortfall, *lost, spilled):
            books.observed[place] = value
            place += 1
        books.nodes[self.power.operator].recipe_cost += cost + shortfall
