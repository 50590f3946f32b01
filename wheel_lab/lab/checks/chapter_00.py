"""The exercise of chapter 0, Start here."""

from wheel_lab.lab.checks import NotYet, compare, exercise, progress, reset, solution

__all__ = ["compare", "name_of_the_c_library", "progress", "reset", "solution"]


@exercise("that is the C library of most Linux distributions")
def name_of_the_c_library(name: object) -> None:
    """Name the C library of most Linux distributions."""
    if name is None:
        raise NotYet("the name is still None; put a text in its place")
    if not isinstance(name, str):
        raise NotYet("the name should be a text, in quotation marks")
    word = name.strip().lower()
    if word in ("musl", "musl libc"):
        raise NotYet("that is the C library of Alpine Linux; the other one is older and more common")
    if word in ("libc", "libc.so", "libc.so.6"):
        raise NotYet("that is the name of its file; the library has a name that begins with the letter of GNU")
    if word not in ("glibc", "gnu libc", "gnu c library", "the gnu c library"):
        raise NotYet("that is another name; the hints lead to it")
