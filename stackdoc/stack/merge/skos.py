"""The stack and its sources as SKOS: a concept scheme for each, and mapping relations between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.html.document import row_anchor
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.taxonomies.types import Relation, Taxonomy

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

NOWHERE = "urn:stackdoc:"  # the root of names while the site has no address
# "broad" says that the source's layer is the broader one, so ours is its narrower match.
MATCH: dict[Relation, tuple[str, str]] = {
    "exact": ("exactMatch", "exactMatch"),
    "close": ("closeMatch", "closeMatch"),
    "broad": ("narrowMatch", "broadMatch"),
    "narrow": ("broadMatch", "narrowMatch"),
    "related": ("relatedMatch", "relatedMatch"),
}


def graph(stack: Stack, address: str = "") -> Graph:
    """All concepts, named by their addresses below `address`. Raises StackdocError when rdflib is not installed."""
    try:
        from rdflib import Graph
    except ImportError as error:
        raise StackdocError([Problem("rdflib", 0, "", "is not installed", "pip install 'stackdoc[mkdocs]'")]) from error
    made = Graph()
    made.bind("dcterms", "http://purl.org/dc/terms/")
    base = f"{address.rstrip('/')}/" if address else NOWHERE
    _add_stack(made, stack, base)
    for taxonomy in stack.taxonomies:
        _add_source(made, taxonomy, base)
    return made


def turtle(made: Graph) -> bytes:
    return made.serialize(format="turtle", encoding="utf-8")


def json_ld(made: Graph) -> bytes:
    """JSON-LD in an order of its own: rdflib's follows the hashes."""
    data = json.loads(made.serialize(format="json-ld"))
    return (json.dumps(_sorted(data), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sorted(data: Any) -> Any:
    """Sorts sets of values; what stands under `@list` keeps its order."""
    if isinstance(data, dict):
        return {key: [*map(_sorted, value)] if key == "@list" else _sorted(value) for key, value in data.items()}
    if isinstance(data, list):
        return sorted(map(_sorted, data), key=lambda item: json.dumps(item, sort_keys=True))
    return data


def _add_stack(made: Graph, stack: Stack, base: str) -> None:
    from rdflib import Literal, URIRef
    from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

    scheme = URIRef(f"{base}crosswalk/#stack")
    made.add((scheme, RDF.type, SKOS.ConceptScheme))
    made.add((scheme, DCTERMS.title, Literal(stack.title, "en")))
    made.add((scheme, RDFS.label, Literal(stack.title, "en")))
    for place in stack.places:
        concept = _layer(base, place.id)
        _add_concept(made, concept, scheme, place.id, place.name, place.summary, top=True)
    for atom in stack.atoms:
        concept = URIRef(f"{base}crosswalk/#atom-{atom.id}")
        _add_concept(made, concept, scheme, atom.id, atom.name, "")
        made.add((concept, SKOS.broader, _layer(base, atom.layer)))
        made.add((_layer(base, atom.layer), SKOS.narrower, concept))
    _add_order(made, URIRef(f"{base}crosswalk/#order"), [_layer(base, layer.id) for layer in stack.layers])


def _add_source(made: Graph, taxonomy: Taxonomy, base: str) -> None:
    from rdflib import Literal, URIRef
    from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

    source = taxonomy.source
    scheme = URIRef(f"{base}sources/{source.id}/")
    made.add((scheme, RDF.type, SKOS.ConceptScheme))
    made.add((scheme, DCTERMS.title, Literal(source.title)))
    made.add((scheme, RDFS.label, Literal(source.name, "en")))
    made.add((scheme, DCTERMS.creator, Literal(source.author)))
    made.add((scheme, DCTERMS.rights, Literal(source.licence)))
    if source.url:
        made.add((scheme, DCTERMS.source, URIRef(source.url)))
    for row in taxonomy.layers:
        concept = _row(base, row.qualified)
        _add_concept(made, concept, scheme, row.label, row.name, row.description, top=True)
        for alias in row.aliases:
            made.add((concept, SKOS.altLabel, Literal(alias, "en")))
        for mapping in row.mappings:
            there, back = MATCH[mapping.relation]
            made.add((concept, SKOS[there], _layer(base, mapping.layer)))
            made.add((_layer(base, mapping.layer), SKOS[back], concept))
        if row.same_as:
            made.add((concept, SKOS.exactMatch, _row(base, row.same_as)))
            made.add((_row(base, row.same_as), SKOS.exactMatch, concept))
    tower = [_row(base, row.qualified) for row in taxonomy.layers if row.position is not None]
    _add_order(made, URIRef(f"{base}sources/{source.id}/#order"), tower)


def _layer(base: str, id: str) -> URIRef:
    from rdflib import URIRef

    return URIRef(f"{base}layers/{id}/")


def _row(base: str, qualified: str) -> URIRef:
    from rdflib import URIRef

    source, _, label = qualified.partition(":")
    return URIRef(f"{base}sources/{source}/#{row_anchor(label)}")


def _add_concept(
    made: Graph, concept: URIRef, scheme: URIRef, notation: str, name: str, text: str, *, top: bool = False
) -> None:
    from rdflib import Literal
    from rdflib.namespace import RDF, SKOS

    made.add((concept, RDF.type, SKOS.Concept))
    made.add((concept, SKOS.inScheme, scheme))
    made.add((concept, SKOS.notation, Literal(notation)))
    made.add((concept, SKOS.prefLabel, Literal(name, "en")))
    if text:
        made.add((concept, SKOS.definition, Literal(text, "en")))
    if top:
        made.add((concept, SKOS.topConceptOf, scheme))
        made.add((scheme, SKOS.hasTopConcept, concept))


def _add_order(made: Graph, name: URIRef, members: list[URIRef]) -> None:
    """The tower as an ordered collection, from the bottom up."""
    from rdflib import BNode
    from rdflib.collection import Collection
    from rdflib.namespace import RDF, SKOS

    if not members:
        return
    head = BNode()
    Collection(made, head, list(members))
    made.add((name, RDF.type, SKOS.OrderedCollection))
    made.add((name, SKOS.memberList, head))
