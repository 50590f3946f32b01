"""Where this repository keeps what it makes. Standard library only: set-up needs it first."""

from pathlib import Path

__all__ = ["CLINIC", "DESK", "PUBLISHED", "ROOT", "SPECIMENS", "STORE", "TWINS", "VENV", "WHEELHOUSE", "WHEELS"]

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STORE = ROOT / ".lab"
WHEELHOUSE = STORE / "wheelhouse"
SPECIMENS = STORE / "specimens"
TWINS = Path(__file__).with_name("twins.zip")
PUBLISHED = ROOT / "notebooks"
DESK = ROOT / "desk"
WHEELS = ROOT / "wheels"  # only in a bundle (tools/bundle.py): all that set-up would fetch
CLINIC = "clinic"  # the folder of the cases, in each of the two
