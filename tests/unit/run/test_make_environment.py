"""What is installed, read from files alone."""

from __future__ import annotations

from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from stackdoc.run.make_environment import installed_packages
from tests.made.tree import tree


@pytest.mark.parametrize(
    ("metadata", "code", "version"),
    [
        ("2.13.0", "__version__ = '2.13.0+cu130'\ndebug = False\n", "2.13.0+cu130"),
        ("2.13.0+cpu", "__version__ = 'another'\n", "2.13.0+cpu"),
        ("2.13.0", "", "2.13.0"),
    ],
)
def test_the_version_of_torch_states_its_build(tmp_path: Path, metadata: str, code: str, version: str) -> None:
    """A wheel from PyPI for CUDA has the same metadata as one for processors."""
    files = {f"{name}-{metadata}.dist-info/METADATA": f"Name: {name}\nVersion: {metadata}\n" for name in ("torch", "x")}
    tree(tmp_path, files | {"torch/version.py": code} if code else files)
    assert installed_packages([tmp_path]) == {"torch": version, "x": metadata}


def test_all_packages_are_read_as_importlib_reads_them(tmp_path: Path) -> None:
    expected: dict[str, str] = {}
    for distribution in distributions():
        expected.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution.version)
    expected["torch"] = installed_packages()["torch"]
    assert installed_packages() == expected
    mail = "Metadata-Version: 2.1\r\nname : a\r\nNAME: Cafe_Bar \r\nVersion:\t1.0\r\nName: b\r\n\r\nVersion: 2\r\n"
    tree(tmp_path, {"cafe_bar-1.0.dist-info/METADATA": mail, "d-1.egg-info/PKG-INFO": "Version: 3\nName: d\n\nName: e"})
    assert installed_packages([tmp_path]) == {"cafe-bar": "1.0", "d": "3"}
