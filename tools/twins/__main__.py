"""Make the archive of twins anew: ``python -m tools.twins``."""

from tools.twins import build, write

write(build())
