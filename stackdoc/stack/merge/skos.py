"""The stack and its sources as SKOS: one concept scheme each, and mapping relations between them.

A guest's scheme has a note that it has no vote.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.html.document import row_anchor
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.taxonomies.types import Relation, Taxonomy

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

NO_ADDRESS = "urn:stackdoc:"  # the root of names if the site has no address
# "broad" says that the source's layer is the broader one, so ours is its narrower match.
MATCH: dict[Relation, tuple[str, str]] = {
    "exact": ("exactMatch", "exactMatch"),
    "close": ("closeMatch", "closeMatch"),
    "broad": ("narrowMatch", "broadMatch"),
    "narrow": ("broadMatch", "narrowMatch"),
    "related": ("relatedMatch", "relatedMatch"),
}


def graph(stack: Stack, address: str = "") -> Graph:
    """Return all concepts, named by their addresses below `address`. Raises StackdocError without rdflib."""
    try:
        from rdflib import Graph
    except ImportError as error:
        raise StackdocError([Problem("rdflib", 0, "", "is not installed", "pip install 'stackdoc[mkdocs]'")]) from error
    rdf_graph = Graph()
    rdf_graph.bind("dcterms", "http://purl.org/dc/terms/")
    base = f"{address.rstrip('/')}/" if address else NO_ADDRESS
    _add_stack(rdf_graph, stack, base)
    for taxonomy in stack.sources:
        _add_source(rdf_graph, taxonomy, base)
    return rdf_graph


def turtle(rdf_graph: Graph) -> bytes:
    return rdf_graph.serialize(format="turtle", encoding="utf-8")


def json_ld(rdf_graph: Graph) -> bytes:
    """Serialise as JSON-LD in a fixed order; the order of rdflib depends on hashes."""
    data = json.loads(rdf_graph.serialize(format="json-ld"))
    return (json.dumps(_sorted(data), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sorted(data: Any) -> Any:
    """Sort sets of values; a value of `@list` keeps its order."""
    if isinstance(data, dict):
        return {key: [*map(_sorted, value)] if key == "@list" else _sorted(value) for key, value in data.items()}
    if isinstance(data, list):
        return sorted(map(_sorted, data), key=lambda item: json.dumps(item, sort_keys=True))
    return data


def _add_stack(rdf_graph: Graph, stack: Stack, base: str) -> None:
    from rdflib import Literal, URIRef
    from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

    scheme = URIRef(f"{base}crosswalk/#stack")
    rdf_graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    rdf_graph.add((scheme, DCTERMS.title, Literal(stack.title, "en")))
    rdf_graph.add((scheme, RDFS.label, Literal(stack.title, "en")))
    for place in stack.places:
        concept = _layer(base, place.id)
        _add_concept(rdf_graph, concept, scheme, place.id, place.name, place.summary, top=True)
    for atom in stack.atoms:
        concept = URIRef(f"{base}crosswalk/#atom-{atom.id}")
        _add_concept(rdf_graph, concept, scheme, atom.id, atom.name, "")
        rdf_graph.add((concept, SKOS.broader, _layer(base, atom.layer)))
        rdf_graph.add((_layer(base, atom.layer), SKOS.narrower, concept))
    _add_order(rdf_graph, URIRef(f"{base}crosswalk/#order"), [_layer(base, layer.id) for layer in stack.layers])


def _add_source(rdf_graph: Graph, taxonomy: Taxonomy, base: str) -> None:
    from rdflib import Literal, URIRef
    from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

    source = taxonomy.source
    scheme = URIRef(f"{base}sources/{source.id}/")
    rdf_graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    rdf_graph.add((scheme, DCTERMS.title, Literal(source.title)))
    rdf_graph.add((scheme, RDFS.label, Literal(source.name, "en")))
    rdf_graph.add((scheme, DCTERMS.creator, Literal(source.author)))
    rdf_graph.add((scheme, DCTERMS.rights, Literal(source.licence)))
    if source.url:
        rdf_graph.add((scheme, DCTERMS.source, URIRef(source.url)))
    if source.published:
        rdf_graph.add((scheme, DCTERMS.issued, Literal(source.published)))
    if source.guest:
        rdf_graph.add((scheme, SKOS.editorialNote, Literal("Guest: shown for comparison, without a vote.", "en")))
    for row in taxonomy.layers:
        concept = _row(base, row.qualified)
        _add_concept(rdf_graph, concept, scheme, row.label, row.name, row.description, top=True)
        for alias in row.aliases:
            rdf_graph.add((concept, SKOS.altLabel, Literal(alias, "en")))
        for mapping in row.mappings:
            there, back = MATCH[mapping.relation]
            rdf_graph.add((concept, SKOS[there], _layer(base, mapping.layer)))
            rdf_graph.add((_layer(base, mapping.layer), SKOS[back], concept))
        if row.same_as:
            rdf_graph.add((concept, SKOS.exactMatch, _row(base, row.same_as)))
            rdf_graph.add((_row(base, row.same_as), SKOS.exactMatch, concept))
    tower = [_row(base, row.qualified) for row in taxonomy.layers if row.position is not None]
    _add_order(rdf_graph, URIRef(f"{base}sources/{source.id}/#order"), tower)


def _layer(base: str, id: str) -> URIRef:
    from rdflib import URIRef

    return URIRef(f"{base}layers/{id}/")


def _row(base: str, qualified: str) -> URIRef:
    from rdflib import URIRef

    source, _, label = qualified.partition(":")
    return URIRef(f"{base}sources/{source}/#{row_anchor(label)}")


def _add_concept(
    rdf_graph: Graph, concept: URIRef, scheme: URIRef, notation: str, name: str, text: str, *, top: bool = False
) -> None:
    from rdflib import Literal
    from rdflib.namespace import RDF, SKOS

    rdf_graph.add((concept, RDF.type, SKOS.Concept))
    rdf_graph.add((concept, SKOS.inScheme, scheme))
    rdf_graph.add((concept, SKOS.notation, Literal(notation)))
    rdf_graph.add((concept, SKOS.prefLabel, Literal(name, "en")))
    if text:
        rdf_graph.add((concept, SKOS.definition, Literal(text, "en")))
    if top:
        rdf_graph.add((concept, SKOS.topConceptOf, scheme))
        rdf_graph.add((scheme, SKOS.hasTopConcept, concept))


def _add_order(rdf_graph: Graph, name: URIRef, members: list[URIRef]) -> None:
    """The tower as an ordered collection, from the bottom up."""
    from rdflib import BNode
    from rdflib.collection import Collection
    from rdflib.namespace import RDF, SKOS

    if not members:
        return
    head = BNode()
    Collection(rdf_graph, head, list(members))
    rdf_graph.add((name, RDF.type, SKOS.OrderedCollection))
    rdf_graph.add((name, SKOS.memberList, head))
