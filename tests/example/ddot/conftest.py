"""How hard to search. `pytest --hypothesis-profile=quick` is for a memory checker, which makes all 50 times slower."""

from hypothesis import settings

settings.register_profile("usual", max_examples=200, deadline=None)
settings.register_profile("quick", max_examples=15, deadline=None)
settings.load_profile("usual")


def pytest_configure(config):
    config.addinivalue_line("markers", "long_vectors: lengths beyond a 32-bit integer; some seconds each")
