"""The published files of chapter 11: they are the ones that were published, and their attestations hold offline."""

import socket

import pytest
from pypi_attestations import (
    Attestation,
    Distribution,
    GitHubPublisher,
    GitLabPublisher,
    Provenance,
    VerificationError,
)

from wheel_lab.lab.commands import digest
from wheel_lab.lab.workbench import SOURCES

GITHUB = SOURCES["attested"] / "pypi_attestations-0.0.19.tar.gz"
GITLAB = SOURCES["attested"] / "gitlab_oidc_project-0.0.3.tar.gz"
THEN = GitHubPublisher(repository="trailofbits/pypi-attestations", workflow="release.yml")
PIPELINE = GitLabPublisher(repository="facutuesca/gitlab-oidc-project", workflow_filepath=".gitlab-ci.yml")
HASHES = {
    GITHUB: "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3",
    GITLAB: "c1ca9b0d85df1606451098233018534497bf584362e10e4a8c21dfaea92c02a8",
}


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """Keep nothing in the home folder, and fail at the first connection."""

    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(socket.socket, "connect", refuse)


def attestation(file):
    if file == GITLAB:
        return Attestation.model_validate_json(file.with_name(f"{file.name}.publish.attestation").read_bytes())
    provenance = Provenance.model_validate_json(file.with_name(f"{file.name}.provenance").read_bytes())
    [bundle] = provenance.attestation_bundles
    assert bundle.publisher == THEN
    [one] = bundle.attestations
    return one


@pytest.mark.parametrize("file", HASHES, ids=lambda file: file.name)
def test_the_files_are_those_that_were_published(file):
    [subject] = attestation(file).statement["subject"]
    assert subject == {"name": file.name, "digest": {"sha256": HASHES[file]}}
    assert digest(file) == HASHES[file]


@pytest.mark.parametrize(("file", "publisher"), [(GITHUB, THEN), (GITLAB, PIPELINE)], ids=["GitHub", "GitLab"])
def test_the_attestation_holds_for_the_publisher_and_the_file(file, publisher):
    attestation(file).verify(publisher, Distribution.from_file(file), offline=True)


@pytest.mark.parametrize(
    "publisher",
    [
        PIPELINE,
        GitHubPublisher(repository="pypi/pypi-attestations", workflow="release.yml"),
        GitHubPublisher(repository="trailofbits/pypi-attestations", workflow="other.yml"),
    ],
    ids=["another service", "another repository", "another workflow"],
)
def test_it_is_refused_for_another_publisher(publisher):
    with pytest.raises(VerificationError):
        attestation(GITHUB).verify(publisher, Distribution.from_file(GITHUB), offline=True)


def test_it_is_refused_when_one_byte_is_another(tmp_path):
    altered = tmp_path / GITHUB.name
    data = bytearray(GITHUB.read_bytes())
    data[1000] ^= 1
    altered.write_bytes(data)
    one = attestation(GITHUB)
    with pytest.raises(VerificationError, match="does not match distribution digest"):
        one.verify(THEN, Distribution.from_file(altered), offline=True)
    one.envelope.statement = one.envelope.statement.replace(digest(GITHUB).encode(), digest(altered).encode())
    with pytest.raises(VerificationError, match="signature"):
        one.verify(THEN, Distribution.from_file(altered), offline=True)
