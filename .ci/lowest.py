"""Print the oldest versions that pyproject.toml allows of the packages that schemadiff needs, as pip takes them."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirement in project["dependencies"]:
    bound = re.fullmatch(r"([\w.-]+)(?:\[[\w,-]*\])?>=([\w.]+)(?:,.*)?", requirement.replace(" ", ""))
    if bound is None:
        sys.exit(f"pyproject.toml: {requirement!r} has no lower bound")
    print(f"{bound[1]}=={bound[2]}")
