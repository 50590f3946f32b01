"""METADATA, and PKG-INFO of a source distribution, as the index looks at them: rules I3xx.

What they are compared with is looked at elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.doctor.index.description import find_in_description

__all__ = ["VERSIONS", "find_in_metadata"]

VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
REQUIRED = ("metadata_version", "name", "version")
SUMMARY, LABEL = 512, 32  # characters of Summary, and of the label of a Project-URL, at most
# What is parsed takes time and depth; no real value of these fields is a tenth as long.
PARSED = ("metadata_version", "name", "version", "requires_python", "license_expression", "description_content_type")
LONGEST, MOST = 4096, 10_000  # characters of such a value, and values in all
# Fields that can be there several times; the key of each ends in an s, and the field's name does not.
PLURALS = ("platforms", "supported_platforms", "classifiers", "project_urls", "license_files", "import_names",
           "import_namespaces")  # fmt: skip
DEPENDENCIES = ("requires_dist", "provides_dist", "obsoletes_dist")


def find_in_metadata(
    check_time: Callable[[], None],
    raw: RawMetadata,
    unparsed: Mapping[str, list[str]],
    file: str,
    named: str = "METADATA",
) -> Iterator[Finding]:
    """Find what the index or an upload tool refuses in METADATA.

    Parameters
    ----------
    check_time
        Is called before work that takes time, and may raise.
    raw, unparsed
        What :func:`wheel_lab.distinfo.parse_metadata` returns.
    file
        The name of the whole file as a shell takes it.
    named
        The name of the file that the fields stand in: PKG-INFO in a source distribution.
    """
    fields = cast(dict[str, Any], raw)
    count = sum(len(value) if isinstance(value, list | dict) else 1 for value in fields.values())
    if count > MOST:
        yield found("I301", metadata=named, problem=f"it has {count:,} values of fields, and at most {MOST:,} are read")
        return
    version = str(fields.get("metadata_version", ""))
    if version and version not in VERSIONS:
        yield found("I302", metadata=named, subject=version, known=", ".join(VERSIONS))
    invalid = dict(_invalid(check_time, fields, unparsed))
    yield from found_in("I301", ({"subject": key, "problem": text} for key, text in invalid.items()), metadata=named)
    names = (one.removeprefix("not-") if one == "not-content-type" else one for one in unparsed)
    yield from found_in("I304", ({"subject": name} for name in sorted(names)), metadata=named)
    if version in VERSIONS:
        newer = _too_new(fields, version, invalid)
        yield from found_in("I303", ({"subject": one, "version": version} for one in newer), metadata=named)
    yield from _of_the_index(fields, named)
    if "description-content-type" not in invalid:
        check_time()
        yield from find_in_description(fields, named, file)


def _invalid(
    check_time: Callable[[], None], fields: dict[str, Any], unparsed: Mapping[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong) for what is missing, or not what its field can hold."""
    for key in REQUIRED:
        if key not in fields and _written(key) not in unparsed:
            yield _written(key), f"{_written(key)} is not there"
    for key, value in fields.items():
        if key in DEPENDENCIES:
            continue
        values = value if isinstance(value, list) else [value]
        if (key in PARSED or isinstance(value, list)) and any(len(one) > LONGEST for one in values):
            yield _written(key), f"a value of {_written(key)} is longer than {LONGEST:,} characters"
            continue
        check_time()
        if key == "metadata_version":
            continue  # a rule of its own
        try:
            getattr(Metadata.from_raw(cast(RawMetadata, {key: value}), validate=False), key)
        except InvalidMetadata as error:
            yield error.field, str(error)
        except (RecursionError, MemoryError):
            yield _written(key), f"a value of {_written(key)} is nested too deep"
    for key in DEPENDENCIES:
        for text in fields.get(key, ()):
            check_time()
            if problem := _bad_requirement(text):
                yield f"{_written(key)}: {text[:LONGEST]}", problem
    if len(fields.get("summary", "")) > SUMMARY:
        yield "summary", f"the summary is longer than {SUMMARY} characters"
    for label, url in fields.get("project_urls", {}).items():
        if not label or len(label) > LABEL:
            yield f"project-url {label}", f"the label of a Project-URL has 1 to {LABEL} characters, and not {label!r}"
        elif not url:
            yield f"project-url {label}", f"the Project-URL {label!r} has no URL"


def _bad_requirement(text: str) -> str:
    """Say what is wrong with a dependency; "" when nothing is."""
    if len(text) > LONGEST:
        return f"a dependency is longer than {LONGEST:,} characters"
    try:
        Requirement(text)
    except InvalidRequirement as error:
        return f"the dependency {text!r} cannot be read: {str(error).splitlines()[0]}"
    except RecursionError:
        return "the marker of a dependency is nested too deep"
    return ""


def _too_new(fields: dict[str, Any], version: str, invalid: dict[str, str]) -> Iterator[str]:
    """Name fields that came with a later version of the format than METADATA is written in.

    `packaging` knows which came when. Upload tools leave out License-File below 2.4, as setuptools wrote it before
    PEP 639.
    """
    for key, value in fields.items():
        if key in REQUIRED or _written(key) in invalid:
            continue
        if key == "license_files" and Version(version) < Version("2.4"):
            continue
        # Whether the values of a list are valid is looked at elsewhere.
        harmless = type(value)() if isinstance(value, list | dict) else value
        try:
            Metadata.from_raw(
                cast(RawMetadata, {"metadata_version": version, "name": "a", "version": "1", key: harmless})
            )
        except ExceptionGroup:
            yield _written(key)


def _of_the_index(fields: dict[str, Any], named: str) -> Iterator[Finding]:
    """Look at what is valid by the specifications, and refused by the index all the same."""
    if fields.get("license") and fields.get("license_expression"):
        yield found("I308", metadata=named, subject="license")
    private = (one for one in fields.get("classifiers", ()) if one.lower().startswith("private ::"))
    yield from found_in("I306", ({"subject": one} for one in private))
    dependencies = (text for key in DEPENDENCIES for text in fields.get(key, ()))
    urls = (text for text in dependencies if not _bad_requirement(text) and Requirement(text).url is not None)
    yield from found_in("I305", ({"subject": text} for text in urls))
    try:
        version = Version(fields.get("version", ""))
    except InvalidVersion:
        return
    if version.local:
        yield found("I207", subject=str(version), public=version.public)


def _written(key: str) -> str:
    """Return the name that METADATA has for a key of :class:`packaging.metadata.RawMetadata`."""
    return (key.removesuffix("s") if key in PLURALS else key).replace("_", "-")
