"""CPython's stable ABI as data: which symbols belong to it, since when, and where a symbol was there before.

``abi3info`` has the list that CPython keeps (``Misc/stable_abi.toml``). A function may have been there, for those who
compile for one Python, long before it was promised to stay: its absence from the stable ABI then breaks no import on
Linux and macOS. On Windows the stable ABI has a library of its own, ``python3.dll``, which has nothing else.
"""

import functools
from collections.abc import Mapping

__all__ = ["FREE_THREADED", "exported_since", "stable_since"]

# How the macros for references are compiled without the GIL; CPython's Include/refcount.h, read 2026-11-25.
FREE_THREADED = frozenset({"_Py_DecRefShared", "_Py_DecRefSharedDebug", "_Py_MergeZeroLocalRefcount"})
# The minor version of CPython that exports a symbol first, where the stable ABI has it later; 6 stands for 3.6 and
# before. Looked up in the shared libraries of CPython 3.6 to 3.13 (Debian 12, x86-64) on 2026-11-25.
EXPORTED = {
    6: """PyBuffer_FillContiguousStrides PyBuffer_FillInfo PyBuffer_FromContiguous PyBuffer_GetPointer
        PyBuffer_IsContiguous PyBuffer_Release PyBuffer_ToContiguous PyFrame_GetLineNumber PyMem_RawCalloc
        PyMem_RawFree PyMem_RawMalloc PyMem_RawRealloc PyMemoryView_FromBuffer PyObject_CallFinalizerFromDealloc
        PyObject_CopyData PyObject_GenericGetDict PyObject_GetBuffer PyUnicode_AsUTF8AndSize
        Py_FileSystemDefaultEncodeErrors Py_GetArgcArgv""",
    7: """PyImport_GetModule PyInterpreterState_GetID PyThread_tss_alloc PyThread_tss_create PyThread_tss_delete
        PyThread_tss_free PyThread_tss_get PyThread_tss_is_created PyThread_tss_set Py_UTF8Mode""",
    8: "PySys_Audit PyVectorcall_Call",
    9: """PyBuffer_SizeFromFormat PyFrame_GetCode PyModule_AddType PyObject_CallNoArgs PyObject_CheckBuffer
        PyObject_VectorcallMethod PyThreadState_GetFrame PyThreadState_GetID PyThreadState_GetInterpreter
        PyType_FromModuleAndSpec PyType_GetModule PyType_GetModuleState""",
    11: "PyObject_Vectorcall PyType_GetModuleByDef",
    13: """PyCriticalSection2_Begin PyCriticalSection2_End PyCriticalSection_Begin PyCriticalSection_End
        PyDict_SetDefaultRef PyLong_AsNativeBytes PyLong_FromNativeBytes PyLong_FromUnsignedNativeBytes""",
}
FIRST = {name: minor for minor, names in EXPORTED.items() for name in names.split()}
# What the list dates 3.7 or before, all of these export, unless it stands above. What it dates after 3.13, 3.14 may
# export already.
OLDEST, NEWEST = 7, 13


@functools.cache
def _added() -> Mapping[str, int]:
    """Read the list, when it is first asked for: it is a large module."""
    from abi3info import DATAS, FUNCTIONS

    return {symbol.name: one.added.minor for group in (FUNCTIONS, DATAS) for symbol, one in group.items()}


def stable_since(symbol: str) -> int | None:
    """Return the minor version of Python 3 since which a symbol is in the stable ABI; None when it is in none."""
    return _added().get(symbol)


def exported_since(symbol: str, system: str) -> int | None:
    """Return the minor version of Python 3 before which there surely was no such symbol; None when it is in no ABI.

    Parameters
    ----------
    symbol
        Its name.
    system
        ``"linux"``, ``"macos"``, ``"windows"``: there the stable ABI is all that there is.
    """
    added = stable_since(symbol)
    if added is None or system == "windows":
        return added
    return FIRST.get(symbol, 0 if added <= OLDEST else min(added, NEWEST + 1))
