"""What the families of rules ask of one wheel, each fact read once, when the first rule asks for it."""

import shlex
from email.message import Message
from functools import cached_property

from packaging.tags import Tag
from packaging.utils import BuildTag
from packaging.version import Version

from wheel_lab.binaries.reading import Binaries, read_binaries
from wheel_lab.distinfo import Row, info_folder, read_rows, read_wheel_metadata
from wheel_lab.limits import WheelError, noted
from wheel_lab.members import MemberProblem, shown
from wheel_lab.tags import parse_filename
from wheel_lab.wheelfile import OpenWheel

__all__ = ["Contents"]


class Contents:
    """One open wheel and what stands in it.

    Parameters
    ----------
    source
        The open wheel.
    policy
        The platform tag to judge against instead of those in the file's name; None for those.
    deep
        Whether rules may also do what takes long, such as taking machine code apart.

    Raises
    ------
    WheelError
        The file's name is not a wheel's.
    """

    def __init__(self, source: OpenWheel, *, policy: str | None = None, deep: bool = False) -> None:
        self.source, self.policy, self.deep = source, policy, deep
        source.hashes = {}  # so that a compiled file that is read for its own sake is not read again for RECORD's
        self._row_problems: list[MemberProblem] = []
        try:
            self._name = parse_filename(source.name)
        except ValueError as error:
            raise WheelError(shown(str(error), 500)) from None

    @property
    def file(self) -> str:
        """The file's name as a shell takes it."""
        return shlex.quote(shown(self.source.name))

    @property
    def distribution(self) -> str:
        """The project's name in the file's name, normalized: ``"scikit-learn"``."""
        return self._name[0]

    @property
    def version(self) -> Version:
        """The version in the file's name."""
        return self._name[1]

    @property
    def build(self) -> BuildTag:
        """The build number in the file's name; ``()`` without one."""
        return self._name[2]

    @property
    def tags(self) -> frozenset[Tag]:
        """All tags that the file's name stands for."""
        return self._name[3]

    @property
    def platforms(self) -> frozenset[str]:
        """The platform tags to judge against: those in the file's name, or the one that was asked for."""
        return frozenset([self.policy]) if self.policy else frozenset(tag.platform for tag in self.tags)

    @cached_property
    def info(self) -> str:
        """The ``.dist-info`` folder, without a slash at its end."""
        return info_folder(self.source)

    @cached_property
    def wheel_fields(self) -> Message | None:
        """The fields of WHEEL; None when it is missing or cannot be read, of which the index's rules tell."""
        try:
            return read_wheel_metadata(self.source, self.info)
        except WheelError as error:
            if error.problem is None:
                raise
            return None

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows of RECORD up to where they can be read; what is wrong with them, the index's rules tell."""
        rows: list[Row] = []
        with noted(self._row_problems):
            rows.extend(read_rows(self.source, self.info))
        return tuple(rows)

    @property
    def row_problems(self) -> tuple[MemberProblem, ...]:
        """Why RECORD cannot be read to its end; empty when it can."""
        _ = self.rows
        return tuple(self._row_problems)

    @cached_property
    def binaries(self) -> Binaries:
        """The compiled files, each read once."""
        return read_binaries(self.source)
