// Run `wheel-lab doctor` in Pyodide: node doctor.mjs FOLDER-OF-PYODIDE WHEELS-TO-INSTALL ARGUMENTS, each of the last
// two a list in JSON. What it prints goes to standard output, and its exit status is this program's.
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";

const [folder, installed, args] = [process.argv[2], ...process.argv.slice(3).map(JSON.parse)];
const { loadPyodide } = createRequire(`${folder}/`)("pyodide");
const pyodide = await loadPyodide();
// Pyodide and this machine share what is read here, and nothing else.
for (const [place, root] of [["/work", process.cwd()], ...installed.map((one, i) => [`/wheels/${i}`, dirname(one)])]) {
  pyodide.FS.mkdirTree(place);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, place);
}
pyodide.globals.set("wheels", pyodide.toPy(installed.map((one, i) => `/wheels/${i}/${basename(one)}`)));
pyodide.globals.set("arguments", pyodide.toPy(args));
process.exitCode = pyodide.runPython(`
import os
import sys
import zipfile

for wheel in wheels:
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall("/installed")
sys.path.insert(0, "/installed")
from wheel_lab.__main__ import main

os.chdir("/work")
status = main(["doctor", *arguments])
sys.stdout.flush()
status
`);
