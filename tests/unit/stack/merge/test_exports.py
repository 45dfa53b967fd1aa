"""The crosswalk as data."""

from __future__ import annotations

import json

from stackdoc.render.exports import files
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook


def test_the_crosswalk_holds_every_row_and_every_place(handbook_site: Site) -> None:
    stack = handbook(handbook_site).stack
    found = json.loads(files(handbook_site)["data/crosswalk.json"])
    assert [layer["id"] for layer in found["layers"]] == [layer.id for layer in stack.layers]
    assert {source["id"] for source in found["guests"]} == {guest.source.id for guest in stack.guests}
    assert all(source["guest"] for source in found["guests"])
    rows = {row["id"] for source in found["sources"] for row in source["layers"]}
    assert rows == {row.qualified for taxonomy in stack.taxonomies for row in taxonomy.layers}
    named = {(row["row"], place["id"]) for place in found["layers"] + found["planes"] for row in place["sources"]}
    assert named == {
        (row.qualified, mapping.layer)
        for taxonomy in stack.taxonomies
        for row in taxonomy.layers
        for mapping in row.mappings
    }
