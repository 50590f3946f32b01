// The page "Check a wheel": it takes files, hands them to the worker one by one, and shows what the doctor says.
import { SAMPLE, SECONDS } from "./contents.mjs";

const here = name => new URL(name, import.meta.url).href;
const at = id => document.getElementById(id);
const SILENCE = 1000 * (SECONDS + 15); // after which a worker that says nothing is ended: Python has its own limit before
const LARGEST = 2 * 1024 ** 3; // bytes: beyond, Python in a browser cannot say where in a file it is

const results = []; // of each file its name, its section, and then text and JSON
let waiting = [], current = null, worker = null, ready = false, watch = 0;

// --- the worker ---

function start() {
    ready = false;
    // A worker that is made of a blob keeps the policy of this page. One with an address of its own would not.
    const fresh = !navigator.serviceWorker?.controller;
    const code = `self.fresh = ${fresh}; import(${JSON.stringify(here("worker.mjs"))})`
        + '.catch(error => postMessage({ kind: "broken", words: String(error) }));';
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    worker = new Worker(address, { type: "module" });
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = event => hear({ kind: "broken", id: current?.id, words: event.message ?? "the worker failed" });
    tell("Loading …");
    progress(0, 1);
    guard();
    show();
}

function end() {
    delete document.documentElement.dataset.ready;
    clearTimeout(watch);
    worker?.terminate();
    worker = null;
    ready = false;
}

function guard() {
    clearTimeout(watch);
    if (!ready || current) watch = setTimeout(give_up, SILENCE);
}

function give_up() {
    if (!ready) {
        end();
        tell("Python does not start here. Reload the page to try again.");
        show();
        return;
    }
    fail(`${current?.name}: given up, because nothing was heard for ${SILENCE / 1000} seconds`);
}

// The file that is examined has brought the worker down, or keeps it: another worker takes the next one.
function fail(words) {
    if (current) refuse(current, words);
    current = null;
    end();
    start();
}

const HEARD = {
    loading({ loaded, total }) {
        progress(loaded, total);
        at("loaded").textContent = `${mb(loaded)} of ${mb(total)} MB`;
    },
    step({ words }) {
        if (current) current.state.textContent = `${words} …`;
        else tell(`${words[0].toUpperCase()}${words.slice(1)} …`);
    },
    ready() {
        ready = true;
        at("loaded").textContent = "";
        tell(waiting.length ? "" : "Ready. Choose a wheel.");
        document.documentElement.dataset.ready = performance.now().toFixed();
        keep();
        next();
    },
    report(found) {
        Object.assign(current, { text: found.text, json: found.json });
        if (found.refused) refuse(current, found.refused);
        else report(current, found);
    },
    picture(drawn) {
        current.section.append(figure(drawn));
    },
    done() {
        current.section.removeAttribute("aria-busy");
        if (!current.refused) current.state.textContent = "";
        current = null;
        next();
    },
    broken({ words }) {
        if (!ready) {
            end();
            tell(`Python does not start here (${words}). Reload the page to try again.`);
            show();
        } else if (current?.text !== undefined) { // there is a report; its pictures failed
            current.state.textContent = "Its pictures could not be drawn.";
            current.section.removeAttribute("aria-busy");
            current = null;
            end();
            start();
        } else fail(`${current?.name}: cannot be examined here (${words})`);
    },
};

function hear(message) {
    if (message.id !== undefined && message.id !== current?.id) return; // about a file that was stopped
    HEARD[message.kind](message);
    guard();
}

// --- files ---

function add(files) {
    for (const file of files) {
        const one = { id: results.length, file, name: file.name };
        one.section = section(one);
        results.push(one);
        if (file.size > LARGEST) refuse(one, `${one.name}: ${mb(file.size)} MB, and this page takes ${mb(LARGEST)}: use the command`);
        else waiting.push(one);
    }
    if (!worker) start();
    next();
}

function next() {
    if (ready && !current && waiting.length) {
        current = waiting.shift();
        current.section.setAttribute("aria-busy", "true");
        tell(`Examining ${current.name} …`);
        worker.postMessage({ id: current.id, file: current.file, seconds: SECONDS });
        guard();
    }
    show();
}

function stop() {
    const stopped = current ? [current, ...waiting] : waiting;
    for (const one of stopped) if (one.text === undefined) refuse(one, `${one.name}: stopped`);
    current = null;
    waiting = [];
    end();
    start();
    at("files").focus();
}

async function sample() {
    const response = await fetch(here(SAMPLE));
    add([new File([await response.blob()], SAMPLE)]);
}

// --- what is shown ---

function show() {
    const busy = worker !== null && (current !== null || waiting.length > 0);
    at("stop").hidden = !busy;
    at("progress").hidden = ready || worker === null;
    at("all").hidden = results.filter(one => one.json).length < 2;
}

function tell(words) {
    if (words) at("status").textContent = words;
}

function progress(value, max) {
    Object.assign(at("progress"), { value, max });
}

const mb = bytes => Math.round(bytes / 1e6);

function made(tag, properties = {}, ...inside) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
}

function section(one) {
    const id = `file-${one.id}`;
    const title = made("h2", { id, tabIndex: -1, textContent: one.name });
    one.state = made("p", { className: "state", textContent: "Waiting …" });
    const all = made("section", { className: "file" }, title, one.state);
    all.setAttribute("aria-labelledby", id);
    at("results").append(all);
    return all;
}

function refuse(one, words) {
    one.refused = true;
    one.state.textContent = `${words}.`;
    one.state.classList.add("refused");
    one.section.removeAttribute("aria-busy");
    tell(one.state.textContent);
}

function report(one, { html, text, json, seconds }) {
    const [wheel] = JSON.parse(json).wheels;
    one.section.dataset.seconds = seconds.toFixed(2);
    const words = made("div", { className: "wheel-lab-report", innerHTML: html }); // Python has escaped what is the file's
    for (const link of words.querySelectorAll("a")) {
        const [page] = link.pathname.match(/findings\/\w+\.html$/) ?? [];
        if (page) link.href = `../${page}`;
    }
    const copy = made("button", { type: "button", textContent: "Copy as text", onclick: () => copied(text) });
    const save = made("button", { type: "button", textContent: "Download JSON", onclick: () => saved(json, one.name) });
    copy.setAttribute("aria-describedby", `file-${one.id}`);
    save.setAttribute("aria-describedby", `file-${one.id}`);
    one.section.append(words, made("p", { className: "buttons" }, copy, save));
    const counts = ["error", "warning", "note"].map(level => [wheel.findings.filter(it => it.level === level).length, level]);
    const found = counts.filter(([count]) => count).map(([count, level]) => `${count} ${level}${count > 1 ? "s" : ""}`);
    tell(`${one.name}: ${found.join(", ") || "nothing was found"}.`);
}

function figure({ title, source, alt, width }) {
    const picture = made("img", { className: "wheel-lab-picture", src: source, alt, width });
    const scrolled = made("div", { className: "scrolled", tabIndex: 0, role: "region", ariaLabel: title }, picture);
    return made("figure", {}, made("figcaption", { textContent: title }), scrolled);
}

async function copied(text) {
    try {
        await navigator.clipboard.writeText(text);
        tell("The report is on the clipboard.");
    } catch {
        tell("This browser does not let the page write to the clipboard. Select the report, or download it.");
    }
}

function saved(json, name) {
    const address = URL.createObjectURL(new Blob([`${json}\n`], { type: "application/json" }));
    made("a", { href: address, download: `${name}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// One document about all of them, as the command writes for several files.
function together() {
    const documents = results.filter(one => one.json).map(one => JSON.parse(one.json));
    const unexamined = documents.flatMap(one => one.unexamined ?? []);
    const all = { ...documents[0], wheels: documents.flatMap(one => one.wheels), unexamined };
    if (!unexamined.length) delete all.unexamined;
    return JSON.stringify(all, null, 2);
}

// --- the page without a network ---

async function keep() {
    try {
        await navigator.serviceWorker?.register(new URL("../sw.js", import.meta.url), { updateViaCache: "none" });
        await navigator.serviceWorker?.ready;
        document.documentElement.dataset.kept = "";
    } catch (error) {
        console.warn(error); // it works all the same, with a network
    }
}

// --- what the reader does ---

at("files").addEventListener("change", ({ target }) => {
    add([...target.files]);
    target.value = ""; // so that the same file can be chosen once more
});
at("sample").addEventListener("click", sample);
at("stop").addEventListener("click", stop);
at("copy-all").addEventListener("click", () => copied(results.flatMap(one => one.text ?? []).join("\n\n")));
at("save-all").addEventListener("click", () => saved(together(), "wheels"));

for (const kind of ["dragover", "drop", "dragleave"]) {
    addEventListener(kind, event => {
        event.preventDefault();
        at("drop").classList.toggle("over", kind === "dragover");
        if (kind === "drop") add([...event.dataTransfer.files]);
    });
}

const theme = at("theme"), root = document.documentElement;
const name_other = () => (theme.textContent = root.dataset.theme === "dark" ? "Light theme" : "Dark theme");
theme.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    name_other();
    try {
        localStorage.setItem("mode", root.dataset.theme);
        localStorage.setItem("theme", root.dataset.theme);
    } catch {
        // it holds for this page alone
    }
});
name_other();
start();
