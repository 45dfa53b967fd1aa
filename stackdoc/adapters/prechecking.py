"""The pages checked before anything is measured and before the last build is cleared away."""

from __future__ import annotations

from pathlib import Path

from markdown import Markdown

from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.prose import typed_quantities
from stackdoc.render import numbers
from stackdoc.site import Site


def check_pages(site: Site, docs: Path, rendered: Rendered | None = None) -> None:
    """Goes through every page; what was `rendered` on the way, the build of the same site need not render again.

    Raises one StackdocError with the problems of every fence, role and typed quantity, and of the numbers.
    """
    problems: list[Problem] = list(numbers.problems(site))
    extension = StackdocExtension()
    extension.site, extension.problems, extension.rendered = site, problems, rendered or Rendered()
    linted = [docs / name for name in ("layers", "systems", "alternatives")]
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text("utf-8-sig")
        extension.file = path.relative_to(site.root).as_posix() if path.is_relative_to(site.root) else path.name
        if path.parent in linted:
            problems.extend(typed_quantities(extension.file, text))
        if "stackdoc" not in text and "}`" not in text:
            continue
        Markdown(extensions=["fenced_code", extension]).convert(text)
    if problems:
        raise StackdocError(problems)
