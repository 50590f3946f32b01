"""Programs for maintainers: ``python -m tools.publish`` and others; `make` lists what they are for."""
