"""An option of mkdocs.yml that names a licence."""

from __future__ import annotations

from mkdocs.config import config_options as option
from mkdocs.config.base import ValidationError

from stackdoc.reading.configuration import SPDX_IDENTIFIER


class Identifier(option.Type[str]):
    """The identifier of a licence, as SPDX writes it; empty for none."""

    def run_validation(self, value: object) -> str:
        if value and not SPDX_IDENTIFIER.fullmatch(str(value)):
            raise ValidationError(f"{value!r} is not the identifier of a licence, such as CC0-1.0")
        return str(super().run_validation(value))
