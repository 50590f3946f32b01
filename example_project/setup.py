"""scikit-build needs this file: its setup() runs CMake, then setuptools. The metadata stands in pyproject.toml."""

from skbuild import setup

setup(
    packages=["example_pkg"],
    package_data={"example_pkg": ["*.pyi", "py.typed"]},
    include_package_data=False,  # or scikit-build puts all that MANIFEST.in names into the wheel too
)
