"""The structure of the Zero to JupyterHub chart's settings: which keys there are, of which types.

    python -m tools.chartschema values.schema.yaml "chart of 2026-07-24, commit 48ea50e3"

reads the chart's own schema (``jupyterhub/values.schema.yaml`` in a checkout of
https://github.com/jupyterhub/zero-to-jupyterhub-k8s) and writes ``deploy/z2jh/schema.json``, without the chart's texts.
A test holds ``deploy/z2jh/values.yaml`` against it with no network; a workflow asks the published chart itself.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from wheel_lab.lab.paths import ROOT

OUT = ROOT / "deploy/z2jh/schema.json"
PLAIN = {"type", "enum", "pattern", "minimum", "maximum", "const"}
NAMED, ONE, MANY = {"properties", "patternProperties"}, {"items", "additionalProperties"}, {"oneOf", "anyOf", "allOf"}


def structure(schema: Any) -> Any:
    """Return a schema without its texts, and without what is required: helm lays values over the chart's own."""
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in PLAIN:
            kept[key] = value
        elif key in NAMED:
            kept[key] = {name: structure(part) for name, part in value.items()}
        elif key in ONE:
            kept[key] = structure(value)
        elif key in MANY:
            kept[key] = [structure(part) for part in value]
    return kept


def main(path: str, read: str) -> None:
    """Write the structure of the schema at `path`; `read` says which version of it that is."""
    schema = structure(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    OUT.write_text(json.dumps({"$comment": f"Zero to JupyterHub, {read}", **schema}, separators=(",", ":")) + "\n")
    print(f"{OUT.relative_to(ROOT)}: {len(schema['properties'])} groups of settings")


if __name__ == "__main__":
    main(*sys.argv[1:])
