"""What pre-commit installs for the hook `lakelint`: nothing but the built lakelint of the same version, from the package index.

pre-commit runs `pip install .` at the root of a repository of hooks. Were lakelint's own wheel built from there, every user of the hook
would need a Rust toolchain and ten minutes.
"""

import re
from pathlib import Path

from setuptools import setup

manifest = Path(__file__).with_name("Cargo.toml").read_text(encoding="utf-8")
version = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE).group(1)
setup(
    name="lakelint-hook",
    version=version,
    description="The lakelint of the same version, for pre-commit",
    install_requires=[f"lakelint=={version}"],
    python_requires=">=3.8",
    py_modules=[],
)
