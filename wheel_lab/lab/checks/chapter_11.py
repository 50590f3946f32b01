"""The exercises of chapter 11, Release it: what may be uploaded, a release taken back, and whose file this is."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pypi_attestations import Attestation, AttestationError, Distribution, Provenance

from wheel_lab.doctor import examine
from wheel_lab.lab import index
from wheel_lab.lab.candidates import releases, six_files
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = [
    "compare",
    "of_this_pipeline_alone",
    "pip_picks_the_good_one",
    "releases",
    "reset",
    "six_files",
    "solution",
    "what_may_be_uploaded",
]

# --- six files -------------------------------------------------------------------------------------------------------

REASONS = {"I201": "tag", "I101": "twice", "I206": "renamed", "I207": "local"}


@exercise("one wheel and the source distribution may be uploaded, and the other four may not")
def what_may_be_uploaded(answer: object) -> None:
    """Say of six files whether the index takes them, and why not."""
    six = six_files()
    if not isinstance(answer, Mapping) or set(answer) != set(six):
        raise NotYet("there should be one answer for each of the letters a to f")
    if any(value is None for value in answer.values()):
        raise NotYet("at least one of the answers is still None")
    known = ["yes", *REASONS.values()]
    if any(value not in known for value in answer.values()):
        raise NotYet(f"an answer is one of {', '.join(known)}")
    for letter, file in six.items():
        codes = {one.code for one in examine(file).findings if one.level == "error"}
        reasons = {word for code, word in REASONS.items() if code in codes} or {"yes"}
        if answer[letter] not in reasons:
            if answer[letter] == "yes":
                raise NotYet(f"{letter}: the index refuses {file.name}")
            if reasons == {"yes"}:
                raise NotYet(f"{letter}: the index takes {file.name}")
            raise NotYet(f"{letter}: the index refuses {file.name}, but for another reason")


# --- a release taken back --------------------------------------------------------------------------------------------


@exercise("pip installs 1.0, and who has asked for one of the others by its number still gets it")
def pip_picks_the_good_one(own: index.Index) -> None:
    """Yank two releases of `notes`, so that pip takes the third."""
    try:
        lines = (own.folder / index.YANKED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NotYet(f"there is no {index.YANKED} in the folder {own.folder.name}") from None
    if any(name.startswith("septembrse-0.2.0-") for name in own.files()) and not any("0.2.0" in one for one in lines):
        raise NotYet("septembrse 0.2.0 is no longer yanked: a file that is opened to write begins anew")
    for version in ("1.1", "1.2"):
        if f"notes-{version}-py3-none-any.whl" not in own.files():
            raise NotYet(f"who has asked for notes=={version} gets nothing any more; a yanked file stays where it is")
    picked = _picked(own)
    if picked is None:
        raise NotYet("pip finds no release of notes that it may take")
    if picked != "notes-1.0-py3-none-any.whl":
        raise NotYet(f"pip still takes {picked}")


def _picked(own: index.Index) -> str | None:
    """Return the name of the file of `notes` that pip takes from the index; None when it takes none."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "notes"]
        subprocess.run(command, env=index.clients(own, os.environ), capture_output=True, stdin=subprocess.DEVNULL)
        return next((path.name for path in Path(folder).iterdir()), None)


# --- whose file is this ----------------------------------------------------------------------------------------------

ATTESTED = Path(__file__).parents[1] / "attested"
THEIRS = ATTESTED / "gitlab_oidc_project-0.0.3.tar.gz"
OTHER = ATTESTED / "pypi_attestations-0.0.19.tar.gz"


@exercise("the file of that pipeline is verified, and another project's is refused")
def of_this_pipeline_alone(identity: object) -> None:
    """Write down the identity of the pipeline that published a file."""
    if identity is None:
        raise NotYet("identity is still None")
    theirs = Attestation.model_validate_json(THEIRS.with_name(f"{THEIRS.name}.publish.attestation").read_bytes())
    provenance = Provenance.model_validate_json(OTHER.with_name(f"{OTHER.name}.provenance").read_bytes())
    other = provenance.attestation_bundles[0].attestations[0]
    if not _verified(theirs, THEIRS, identity):
        raise NotYet("the attestation does not fit that identity; compare both with what the certificate says")
    if _verified(other, OTHER, identity):
        raise NotYet("with that identity, a file of another project is verified, too")


def _verified(attestation: Attestation, file: Path, identity: object) -> bool:
    try:
        attestation.verify(identity, Distribution.from_file(file), offline=True)  # type: ignore[arg-type]  # theirs
    except AttestationError:
        return False
    except (AttributeError, TypeError):
        raise NotYet("identity should be a publisher, such as GitLabPublisher(…)") from None
    return True
