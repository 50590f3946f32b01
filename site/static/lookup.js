// Holds a message against those that the site explains. MESSAGES stands in messages.js.

const SHOWN = 5; // suggestions at most
const LONGEST = 5000; // letters of a text that are read

function escaped(text) {
    return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

// Return what a text may be about, the likeliest first, and whether that is more than a guess. A pattern that leaves less
// open tells more; without one, what shares most of its words is a guess.
function lookUp(text) {
    const found = new Map();
    const note = (one, weight) => {
        if (weight > (found.get(one.page)?.weight ?? 0)) found.set(one.page, { ...one, weight });
    };
    for (const one of MESSAGES) {
        if (new RegExp(one.pattern, "is").test(text)) note(one, one.weight);
    }
    const sure = found.size > 0;
    if (!sure) {
        const given = new Set(text.toLowerCase().match(/[a-z][a-z_.-]{3,}[a-z]/g) ?? []);
        for (const one of MESSAGES) {
            const shared = one.words.filter((word) => given.has(word)).length;
            if (shared >= 2 && shared / one.words.length >= 0.6) note(one, shared / one.words.length);
        }
    }
    const likeliest = [...found.values()].sort((one, other) => other.weight - one.weight);
    return { sure, pages: likeliest.slice(0, SHOWN) };
}

// Show under a field what its text may be about, as it is typed or pasted.
function follow(field, place) {
    const root = document.documentElement.dataset.content_root;
    const show = () => {
        const { sure, pages } = lookUp(field.value.slice(0, LONGEST));
        const rows = pages.map(({ page, title, says }) =>
            `<li><a href="${root}${page}">${escaped(title)}</a><br><code>${escaped(says)}</code></li>`);
        const heading = sure ? "This looks like" : "This may be";
        place.innerHTML = pages.length ? `<p><strong>${heading}</strong></p><ol>${rows.join("")}</ol>` : "";
    };
    field.addEventListener("input", show);
    show();
}

document.addEventListener("DOMContentLoaded", () => {
    const place = document.createElement("section");
    place.id = "looks-like";
    place.setAttribute("aria-live", "polite");
    const results = document.getElementById("search-results"); // on the page of the site's own search
    const field = document.querySelector(results ? ".bd-search-container input[name=q]" : "#message");
    if (results) {
        field.value ||= new URLSearchParams(location.search).get("q") ?? "";
        const heading = document.createElement("h2");
        heading.textContent = "Pages with all of these words";
        results.before(place, heading);
    } else {
        field.after(place);
    }
    follow(field, place);
});
