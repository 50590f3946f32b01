"""What a wheel owes for the OpenBLAS that a repair has put into it: the licence notices, and a list of what it carries.

    python carried.py notices            before the build: writes LICENSE.openblas, which license-files takes
    python carried.py sbom dist/*.whl    after the repair: puts a software bill of materials into each wheel (or into
                                         all wheels of a folder)

Both read the package that OpenBLAS came in, scipy-openblas32, so that they speak of the very version that is linked.
Where it is not installed in this Python, `--from FOLDER` says where it is. Standard library only.
"""

import argparse
import base64
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

PROVIDER = "scipy-openblas32"
NOTICES = Path(__file__).with_name("LICENSE.openblas")
# Where auditwheel and delvewheel, and delocate, put libraries.
CARRIED = re.compile(r"[^/]+\.libs/[^/]+|[^/]+/\.dylibs/[^/]+")


def provider(folder):
    """Return the installed scipy-openblas32: its metadata, and where its licence file is."""
    found = importlib.metadata.distributions(name=PROVIDER, path=[folder] if folder else sys.path)
    return next(iter(found), None) or sys.exit(f"{PROVIDER} is not installed here; --from FOLDER says where it is")


def licence_file(package):
    """Return the path of its licence file: one, with the texts of all that is linked into the library."""
    [path] = [one for one in package.files if ".dist-info" in one.parts[0] and one.name.startswith("LICENSE")]
    return Path(path.locate())


def works(package):
    """Return what is inside the library, as its licence file lists it: a CycloneDX component each."""
    blocks = re.findall(
        r"(?m)^Name: (.+)(?:\n.*?)+?^Availability: (.+)\nLicense: (.+)", licence_file(package).read_text()
    )
    made = []
    for name, source, licence in blocks:
        one = {"type": "library", "name": name, "licenses": [{"license": {"name": licence}}]}
        one["externalReferences"] = [{"type": "vcs", "url": source}]
        if name == "OpenBLAS":  # the package's version is OpenBLAS's, and two numbers of its own
            one["version"] = ".".join(package.version.split(".")[:3])
            one["purl"] = f"pkg:github/OpenMathLib/OpenBLAS@v{one['version']}"
        made.append(one)
    return made


def bill(info, carried, package):
    """Return a CycloneDX document for one wheel: `info` is its METADATA, `carried` its libraries by their names."""
    name, version = (re.search(rf"(?m)^{field}: (.+)", info)[1].strip() for field in ("Name", "Version"))
    this = {"type": "library", "bom-ref": name, "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
    components = []
    for path, data in carried.items():
        one = {"type": "file", "bom-ref": path, "name": path}
        one["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}]
        if "openblas" in path:
            one |= {"type": "library", "name": PROVIDER, "version": package.version}
            one |= {"purl": f"pkg:pypi/{PROVIDER}@{package.version}", "components": works(package)}
            one["evidence"] = {"occurrences": [{"location": path}]}
        components.append(one)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": this},
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": list(carried)}],
    }


def add_sbom(wheel, package):
    """Write `wheel` anew, with a bill of materials in `.dist-info/sboms/` and a line for it in RECORD."""
    new = wheel.with_suffix(".new")
    with zipfile.ZipFile(wheel) as source:
        [record] = [name for name in source.namelist() if re.fullmatch(r"[^/]+\.dist-info/RECORD", name)]
        folder = record.removesuffix("RECORD")
        carried = {name: source.read(name) for name in source.namelist() if CARRIED.fullmatch(name)}
        if not any("openblas" in name for name in carried):
            sys.exit(f"{wheel.name} carries no OpenBLAS: repair it first")
        document = bill(source.read(f"{folder}METADATA").decode(), carried, package)
        member, data = f"{folder}sboms/{PROVIDER}.cdx.json", json.dumps(document, indent=2).encode() + b"\n"
        if member in source.namelist():
            return
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as made:
            for one in source.infolist():
                if one.filename == record:  # RECORD comes last, after what it lists
                    made.writestr(member, data)
                    made.writestr(one, source.read(one) + f"{member},sha256={digest},{len(data)}\n".encode())
                else:
                    made.writestr(one, source.read(one))
    os.replace(new, wheel)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["notices", "sbom"])
    parser.add_argument("wheels", nargs="*", type=Path, help="wheels, or folders of wheels")
    parser.add_argument("--from", dest="folder", help=f"where {PROVIDER} is installed")
    options = parser.parse_args()
    package = provider(options.folder)
    if options.what == "notices":
        shutil.copy(licence_file(package), NOTICES)
        inside = (f"{one['name']} ({one['licenses'][0]['license']['name']})" for one in works(package))
        print(f"{NOTICES.name}: {', '.join(inside)}")
    for path in options.wheels:
        for wheel in sorted(path.glob("*.whl")) if path.is_dir() else [path]:
            add_sbom(wheel, package)
            print(f"{wheel.name}: now with an SBOM")


if __name__ == "__main__":
    main()
