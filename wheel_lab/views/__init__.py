"""Pictures and controls: each is built from the facts of one module of :mod:`wheel_lab`."""
