// The worker of "Check a wheel": Python, with the doctor in it. The page can end it at any time.
//
// It starts by itself, and then takes `{id, file, seconds}` for one file after the other. `self.fresh` says whether this
// is the first visit.
import { loadPyodide } from "./pyodide.mjs";
import { LOCK, SAMPLE, SIZES } from "./contents.mjs";
import { unpack } from "./unpack.mjs";

const PAGE = 65536; // bytes of WebAssembly's memory
const MOST = 1024 ** 3; // bytes that Python may take, as the command allows itself
const AT_ONCE = 64 * 1024 ** 2; // bytes of a file that is read as a whole
const here = name => new URL(name, import.meta.url).href;
const say = (kind, more = {}) => postMessage({ kind, ...more });

let python, doctor, used = false;

// --- loading, with progress ---

const total = Object.values(SIZES).reduce((sum, size) => sum + size, 0);
let loaded = 0, told = 0;

function count(bytes) {
    loaded += bytes;
    if (loaded - told > total / 100 || loaded === total) {
        told = loaded;
        say("loading", { loaded: Math.min(loaded, total), total });
    }
}

// A response that is counted while it is read. The browser cannot keep compiled code for one that is: so only the first
// visit counts.
function counted(response) {
    const counter = new TransformStream({
        transform(chunk, controller) {
            count(chunk.byteLength);
            controller.enqueue(chunk);
        },
    });
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(counter), { status, headers });
}

async function bytes(name) {
    const response = await fetch(here(name));
    if (!response.ok) throw new Error(`${name} cannot be loaded (${response.status})`);
    const unpacked = response.body.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

// --- Python's memory ---

let room = 0; // bytes that it has to have from the beginning on, for what is put there

const stream = WebAssembly.instantiateStreaming;
WebAssembly.instantiateStreaming = async (response, imports) => {
    const made = await stream(response, imports).catch(error => {
        say("broken", { words: String(error.message ?? error) }); // Pyodide would wait for ever
        throw error;
    });
    const { memory } = made.instance.exports;
    const missing = Math.ceil((room - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    const grow = memory.grow.bind(memory);
    memory.grow = pages => {
        if (memory.buffer.byteLength + pages * PAGE > MOST) throw new RangeError("more memory than Python may take");
        return grow(pages);
    };
    return made;
};

// --- starting ---

// Python as it is after it has imported the doctor, as the site was made with it: it starts in a third of the time.
async function boot(snapshot) {
    const options = { indexURL: here("./"), lockFileContents: LOCK };
    if (snapshot) {
        room = snapshot.length;
        options._loadSnapshot = snapshot;
    }
    return loadPyodide(options);
}

async function start() {
    if (self.fresh) {
        const plain = self.fetch;
        self.fetch = async (...request) => counted(await plain(...request));
    }
    const [snapshot, archive] = await Promise.all([bytes("doctor.snapshot"), bytes("doctor.files")]);
    say("step", { words: "starting Python" });
    let whole = true;
    try {
        python = await boot(snapshot);
    } catch (error) { // a browser that cannot take it up
        console.warn(error);
        python = await boot();
        whole = false;
    }
    unpack(python.FS, archive, "/doctor");
    if (!whole) python.runPython('import sys; sys.path.insert(0, "/doctor")');
    python.FS.mkdirTree("/given");
    doctor = python.pyimport("wheel_lab.views.webpage");
    say("ready", { snapshot: whole });
    setTimeout(() => rehearse().catch(error => console.warn(error)), 500); // it can be done without
}

// --- a file ---

// A large one is read piece by piece, and never copied as a whole. Each piece is asked of the browser's main process,
// which takes longer than reading it: so any other file is read at once.
function reading(file, work) {
    const { FS } = python, path = `/given/${file.name}`, whole = file.size <= AT_ONCE;
    if (whole) FS.writeFile(path, new Uint8Array(new FileReaderSync().readAsArrayBuffer(file)), { canOwn: true });
    else FS.mount(FS.filesystems.WORKERFS, { files: [file] }, "/given");
    try {
        work(path);
    } finally {
        if (whole) FS.unlink(path);
        else FS.unmount("/given");
    }
}

function examine({ id, file, seconds }) {
    used = true;
    reading(file, path => {
        const begun = performance.now();
        const { html, text, json, refused } = doctor.examined(path, seconds, words => say("step", { id, words }));
        say("report", { id, html, text, json, refused, seconds: (performance.now() - begun) / 1000 });
        if (refused) return;
        say("step", { id, words: "drawing its pictures" });
        for (const [title, drawing] of doctor.pictures(path)) {
            say("picture", { id, title, source: drawing.source, alt: drawing.alt, width: drawing.width });
        }
    });
    say("done", { id });
}

// While nobody needs it, the worker gets into its stride; between two steps it takes a file that has come.
async function rehearse() {
    const response = await fetch(here(SAMPLE));
    const sample = new File([await response.blob()], SAMPLE);
    for (let step = 0; step < 3 && !used; step++) {
        reading(sample, path => doctor.rehearse(path));
        await new Promise(resolve => setTimeout(resolve));
    }
}

function guarded(work) {
    return async event => {
        try {
            await work(event?.data);
        } catch (error) {
            say("broken", { id: event?.data.id, words: String(error.message ?? error) });
        }
    };
}

self.onmessage = guarded(examine);
guarded(start)();
