"""Messages as strangers meet them: their own files, libraries, symbols and versions, which the site has never seen."""

# (what is pasted into the search, the finding or the place that explains it)
PASTED = [
    # --- refused by the index ---
    ("400 Binary wheel 'a_b-4-cp313-cp313-linux_aarch64.whl' has an unsupported platform tag 'linux_aarch64'.", "I201"),
    ("ERROR HTTPError: 400 Bad Request from https://upload.example.org/legacy/ Binary wheel "
     "'corvid-4.1-cp313-cp313-macosx_15_7_arm64.whl' has an unsupported platform tag 'macosx_15_7_arm64'.", "I201"),
    ("400 Invalid distribution file. ZIP archive not accepted: Duplicate filename in local headers. "
     "See https://docs.example.org/archives for more information", "I101"),
    ("400 Invalid distribution file. ZIP archive not accepted: Mis-matched data size. See https://a.example", "I101"),
    ("ValueError: A second file is being added to the wheel archive at the same path: `corvid/data.json`", "I101"),
    ("400 Invalid distribution file. ZIP archive not accepted: Trailing data. See https://a.example", "I102"),
    ("ZIP contains a data descriptor", "I104"),
    ("400 Invalid distribution file. ZIP archive not accepted: Comment in central directory.", "I105"),
    ("ZIP archive not accepted: Filename not in central directory", "I109"),
    ("400 Invalid distribution file. File does not use a supported compression type", "I107"),
    ("Your recent upload of corvid 4.1 contains file contents that do not match the included RECORD file.", "I402"),
    ("InvalidDistribution: Metadata is missing required fields: Name, Version.", "I301"),
    ("Invalid distribution metadata: license-expression introduced in metadata version 2.4, not 2.2", "I303"),
    ("InvalidDistribution: Invalid distribution metadata: unrecognized or malformed field 'license-file'", "I304"),
    ("error: \"2.7\" is not a valid choice (choose from 2.1, 2.2)", "I302"),
    ("400 License-File COPYING.LESSER does not exist in distribution file corvid-4.1-py3-none-any.whl at "
     "corvid-4.1.dist-info/licenses/COPYING.LESSER", "I307"),
    ("400 Invalid distribution file. WHEEL not found at corvid-birds-4.1.dist-info/WHEEL", "I203"),
    ("400 Filename 'Corvid.Birds-4.1-py3-none-any.whl' should contain the normalized project name 'corvid_birds', not "
     "'Corvid.Birds'.", "I205"),
    ("error: Failed to install: corvid-4.1-py3-none-any.whl\n  Caused by: No .dist-info directory found", "I202"),
    ("400 Version in filename should be '4.1' not '4.2rc1'.", "I206"),
    ("cause: Wheel version does not match filename (4.1 != 4.2), which indicates a malformed wheel. If this is "
     "intentional, set `UV_SKIP_WHEEL_FILENAME_CHECK=1`.", "I206"),
    ("400 The use of local versions in <Version('4.1+rocm6')> is not allowed.", "I207"),
    ("400 File too large. Limit for project 'corvid' is 250 MB. See https://a.example", "I501"),
    ("400 Uploading new files to releases older than 30 days is not allowed.", "refused.html#the-release"),
    ("400 Wheel 'corvid-4.1-py3-none-any.whl' has invalid entry points defined in the entry_points.txt file", "I401"),
    ("400 Invalid distribution file. File exceeds compression ratio of 80", "I116"),
    # --- installs, then fails ---
    ("ImportError: libcorvid-core.so.7: cannot open shared object file: No such file or directory", "M101"),
    ("ImportError: /lib64/libc.so.6: version `GLIBC_2.41' not found (required by /opt/venv/corvid/_fly.so)", "P201"),
    ("auditwheel: error: cannot repair \"corvid-4.1-cp313-cp313-linux_x86_64.whl\" to \"manylinux_2_31_x86_64\" ABI "
     "because of the presence of too-recent versioned symbols. You'll need to compile the wheel on an older toolchain.",
     "P201"),
    ("ImportError: /opt/corvid/_fly.so: undefined symbol: _ZTIN6corvid4BeakE", "M201"),
    ("ImportError: /opt/corvid/_fly.so: undefined symbol: optarg, version 4", "M207"),
    ("ImportError: libcorvid.so.7: cannot enable executable stack as shared object requires: Invalid argument", "M301"),
    ("ImportError: libpython3.13t.so.1.0: cannot open shared object file: No such file or directory", "M108"),
    ("ImportError: /opt/conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.33' not found (required by _fly.so)", "P202"),
    ("ImportError: /opt/corvid.libs/libbeak-0f1e.so: ELF load command address/offset not page-aligned", "M302"),
    ("OMP: Error #15: Initializing libomp140.x86_64.dll, but found libiomp5md.dll already initialized.", "M602"),
    ("ImportError: libgomp-abcdef01.so.1: cannot allocate memory in static TLS block", "M602"),
    ("Segmentation fault (core dumped)", "M604"),
    ("Illegal instruction (core dumped)", "M304"),
    ("Process finished with exit code -1073741795 (0xC000001D)", "M308"),
    ("ImportError: Error relocating /opt/corvid/_fly.so: qsort_r: symbol not found", "M205"),
    ("delocate.libsana.DelocationError: Library dependencies do not satisfy target MacOS version 12.0:\n"
     "/opt/libbeak.dylib has a minimum target of 15.0", "P401"),
    ("ImportError: dlopen(/opt/corvid/_fly.so, 0x0002): tried: '/opt/corvid/_fly.so' (mach-o file, but is an "
     "incompatible architecture (have 'arm64', need 'x86_64'))", "P403"),
    ("ImportError: dlopen(/opt/_fly.so, 0x0002): Library not loaded: @rpath/libbeak.3.dylib", "M401"),
    ("zsh: killed     python -c 'import corvid'\nKilled: 9", "M406"),
    ("ImportError: DLL load failed while importing _fly: The specified module could not be found.", "M501"),
    ("corvid.abi3.so uses the Python 3.13 ABI, but is tagged for the Python 3.9 ABI", "P311"),
    ("RuntimeWarning: The global interpreter lock (GIL) has been enabled to load module 'corvid._fly'", "#the-gil"),
    ("RuntimeError: Invalid binary wheel, found the following shared library/libraries in purelib folder:\n"
     "\tbeak.so\nThe wheel has to be platlib compliant in order to be repaired by auditwheel.", "P110"),
    ("error: The wheel is invalid: Line 5 of the WHEEL file is invalid", "P103"),
    ("ERROR: corvid-4.1-cp313-cp313-win_arm64.whl is not a supported wheel on this platform.", "#the-wheel-is-for"),
]  # fmt: skip
