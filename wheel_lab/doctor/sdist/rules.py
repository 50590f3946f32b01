"""What the index asks of a source distribution, restated in our own words and dated.

Read on 2026-08-21 in ``pypi/warehouse`` at commit 6b62157124ab (``warehouse/forklift/legacy.py``), and in the
specification of the format. PKG-INFO is judged by the rules for METADATA, I3xx.
"""

from wheel_lab.doctor.findings import RULES_AS_OF, register, rule

__all__ = ["SDIST"]

READ = f"read {RULES_AS_OF}"
LEGACY, STATED = f"warehouse/forklift/legacy.py, {READ}", f"Source distribution format, {READ}"
SDIST = "https://packaging.python.org/en/latest/specifications/source-distribution-format/"
ARCHIVES = "https://github.com/pypi/warehouse/blob/main/docs/user/archives.md"
BUILD = "python -m build --sdist (in the project's folder, with a current version of the build backend)"


register([
    rule("I601", "sdist-name", "error", LEGACY, SDIST,
         "the file should be named {subject}",
         "The index takes a source distribution under no other name (PEP 625): the project's normalized name, with "
         "underscores, and the normalized version",
         BUILD),
    rule("I602", "sdist-unreadable", "error", LEGACY, SDIST,
         "it is no tar archive packed with gzip that can be read: {problem}",
         "Neither the index nor an installer can open it",
         BUILD),
    rule("I603", "sdist-is-zip-too", "error", LEGACY, SDIST,
         "it is a tar archive and a zip archive at once",
         "The index refuses an archive that two readers can read in two ways",
         BUILD),
    rule("I604", "sdist-sparse-member", "error", LEGACY, ARCHIVES,
         "{member} is stored as a sparse file",
         "Tar programs disagree about these, and the index refuses them",
         BUILD.replace("backend)", "backend; tar --sparse is what makes them)")),
    rule("I605", "sdist-folder", "error", LEGACY, SDIST,
         "its members do not lie in one folder: {members}",
         "The index and installers look for everything in the folder {subject}",
         BUILD),
    rule("I606", "sdist-pkg-info-missing", "error", LEGACY, SDIST,
         "there is no {member}",
         "The index looks for it there; a tag's archive from GitHub or GitLab does not have it",
         BUILD),
    rule("I607", "sdist-licence-missing", "error", LEGACY, SDIST,
         "PKG-INFO lists the licence file {subject}, and {member} is not in the archive",
         "The index looks for each file that is listed",
         "see that the backend includes the file (MANIFEST.in with setuptools), and build anew"),
    rule("I608", "sdist-unsafe-member", "warning", STATED, SDIST,
         "{member} {problem}",
         "The index does not look, but installers do not unpack such a member, and may refuse the whole file",
         "remove it from the project, and build anew"),
    rule("I609", "sdist-folder-name", "note", STATED, SDIST,
         "its folder is named {member}, and not {subject}",
         "The index takes that; some programs that build from it expect the name that the format gives",
         BUILD),
    rule("I610", "sdist-without-pyproject", "note", STATED, SDIST,
         "there is no {member}",
         "The format asks for it; installers then build with setup.py and whatever setuptools is current",
         'put [build-system] with requires = ["setuptools"] into a pyproject.toml, and build anew'),
    rule("I611", "sdist-not-buildable", "warning", STATED, SDIST,
         "there is neither {member} nor a setup.py beside it",
         "The index takes it, but no installer can build from it",
         BUILD),
    rule("I612", "sdist-metadata-version", "note", STATED, SDIST,
         "PKG-INFO is written in version {subject} of its format",
         "Since 2.2 it says which fields can change in a build; without that, installers build the project before "
         "they know what it depends on",
         BUILD),
])  # fmt: skip
