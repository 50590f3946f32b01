// Make Python's memory as it is after the doctor was imported and has examined a few files, so that a browser can begin
// there: node snapshot.mjs FOLDER-OF-PYODIDE ARCHIVE TARGET FILE…
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { unpack } from "./unpack.mjs";

// Node shows the line of an error, and one line of Pyodide is the whole of it.
process.on("uncaughtException", error => {
    console.error(error.stack ?? error);
    process.exit(1);
});

const [core, archive, target, ...files] = process.argv.splice(1).slice(1); // Python is not to keep where this lies
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`));
const python = await loadPyodide({ _makeSnapshot: true });
unpack(python.FS, gunzipSync(readFileSync(archive)), "/doctor");
python.FS.mkdirTree("/given");
for (const file of files) python.FS.writeFile(`/given/${basename(file)}`, readFileSync(file));
python.runPython(`
import gc
import os
import sys

sys.path.insert(0, "/doctor")
from wheel_lab.views.webpage import examined, pictures

# What is imported late is imported now.
for name in os.listdir("/given"):
    found = examined(f"/given/{name}", None, lambda words: None)
    assert found.json, f"{name} {found.refused}"
    for _, drawing in pictures(f"/given/{name}"):
        drawing.source
    os.remove(f"/given/{name}")
del found, drawing, name
gc.collect()
# Memory that is free holds what lay there before. Zeros take no room in an archive.
size = 1 << 20
while size >= 64:
    blocks = [bytes(size) for _ in range((4 << 20) // size)]
    del blocks
    size >>= 1
`);
writeFileSync(target, gzipSync(python.makeMemorySnapshot(), { level: 9 }));
