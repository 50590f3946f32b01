"""Facts about Python wheels: what they say, what their compiled files ask of a system, and where they run.

The modules of this package need its core dependencies alone. :mod:`wheel_lab.views` draws, with the extra ``notebook``;
:mod:`wheel_lab.lab` belongs to the repository of Wheel Lab, where the chapters live.
"""

__all__ = ["SITE", "__version__"]

__version__ = "0.2.0"
SITE = "https://wheel-lab.github.io/wheel-lab/"  # where the pages about findings are published
