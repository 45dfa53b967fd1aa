"""Export the crosswalk as JSON and the merge as SKOS."""

from __future__ import annotations

import dataclasses
from typing import Any

from stackdoc.render.exports import encoded
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Layer, Stack
from stackdoc.stack.merge.coverage import collisions, coverage, joins, lineages_by_atom
from stackdoc.stack.merge.guests import with_guests
from stackdoc.stack.merge.merge import Merge, merge
from stackdoc.stack.merge.order import Orders
from stackdoc.stack.merge.skos import graph, json_ld, turtle
from stackdoc.stack.merge.votes import Pair
from stackdoc.stack.taxonomies.types import SourceLayer, Taxonomy

CROSSWALK = "stackdoc.crosswalk/1"


def files(site: Site, address: str = "") -> dict[str, bytes]:
    """Return every export by its path on the site; `address` is the published root, for the names in SKOS.

    Raises StackdocError when rdflib is not installed.
    """
    concepts = graph(handbook(site).stack, address)
    return {
        "data/crosswalk.json": encoded(crosswalk(handbook(site).stack)),
        "data/stack.ttl": turtle(concepts),
        "data/stack.jsonld": json_ld(concepts),
    }


def crosswalk(stack: Stack) -> dict[str, Any]:
    """Return the complete merge: layers, planes, sources, votes, orders, coverage, joins and collisions.

    Guests have their own list, and appear in no other part except the order that their votes would give.
    """
    merged = merge(stack)
    return {
        "schema": CROSSWALK,
        "title": stack.title,
        "layers": [_place(stack, layer) for layer in stack.layers],
        "planes": [_place(stack, plane) for plane in stack.planes],
        "atoms": [
            {"id": atom.id, "name": atom.name, "layer": atom.layer, "lineages": lineages_by_atom(stack)[atom.id]}
            for atom in stack.atoms
        ],
        "sources": [_source(taxonomy) for taxonomy in stack.taxonomies],
        "guests": [_source(taxonomy) for taxonomy in stack.guests],
        "dependencies": [dataclasses.asdict(edge) for edge in stack.dependencies],
        "rulings": [dataclasses.asdict(ruling) for ruling in stack.rulings],
        "order": _order(merged),
        "order_with_guests": _order(merge(with_guests(stack))) if stack.guests else None,
        "pairs": [_pair(pair) for pair in merged.pairs],
        "coverage": [dataclasses.asdict(covered) for covered in coverage(stack)],
        "joins": [dataclasses.asdict(join) for taxonomy in stack.taxonomies for join in joins(taxonomy)],
        "collisions": [dataclasses.asdict(collision) for collision in collisions(stack)],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    votes = [dataclasses.asdict(vote) for vote in pair.votes]
    return {"lower": pair.lower, "upper": pair.upper, "kind": pair.kind, "votes": votes}


def _place(stack: Stack, place: Layer) -> dict[str, Any]:
    rows = [
        {"row": row.qualified, "relation": mapping.relation, "note": mapping.note}
        for taxonomy in stack.taxonomies
        for row in taxonomy.layers
        for mapping in row.mappings
        if mapping.layer == place.id
    ]
    return {**dataclasses.asdict(place), "atoms": [a.id for a in stack.atoms if a.layer == place.id], "sources": rows}


def _source(taxonomy: Taxonomy) -> dict[str, Any]:
    return {**dataclasses.asdict(taxonomy.source), "layers": [_row(row) for row in taxonomy.layers]}


def _row(row: SourceLayer) -> dict[str, Any]:
    fields = ("label", "position", "name", "description", "inputs", "outputs", "atoms", "same_as")
    mappings = [dataclasses.asdict(mapping) for mapping in row.mappings]
    return {"id": row.qualified, **{name: getattr(row, name) for name in fields}, "mappings": mappings}


def _order(merged: Merge) -> dict[str, Any]:
    return {
        "agreed": merged.agreed,
        "overruled": len(merged.overruled),
        "with_dependencies": _orders(merged.with_dependencies),
        "votes_alone": _orders(merged.votes_alone),
        "sources": [{**dataclasses.asdict(source), "tau": source.tau} for source in merged.agreements],
        "without": [
            {
                "lineage": left_out.lineage,
                "with_dependencies": _orders(left_out.with_dependencies),
                "votes_alone": _orders(left_out.votes_alone),
            }
            for left_out in merged.leave_one_out
        ],
    }


def _orders(orders: Orders) -> dict[str, Any]:
    return {"overruled": orders.cost, "count": orders.count, "first": orders.orders[0]}
