function render({ model, el }) {
    const make = (tag, name, ...inside) => {
        const one = document.createElement(tag);
        if (name) one.className = name;
        one.append(...inside);
        return one;
    };
    const nodes = model.get("nodes");
    const below = nodes.map(() => []);
    const roots = [];
    nodes.forEach(([, , parent], place) => (parent < 0 ? roots : below[parent]).push(place));
    const shown = new Map();  // the places of the nodes that are on the page, and their elements

    const tree = make("ul", "tree");
    tree.setAttribute("role", "tree");
    tree.setAttribute("aria-label", model.get("description"));
    tree.setAttribute("data-lm-suppress-shortcuts", "true");  // else JupyterLab takes the arrow keys for itself
    const add = (list, places, level) => places.forEach((place, index) => {
        const [text, note] = nodes[place];
        const sign = make("span", "sign");
        sign.setAttribute("aria-hidden", "true");
        const item = make("li", "", make("span", "row", sign, text, make("span", "note", note)));
        item.firstChild.title = text;
        item.dataset.place = place;
        item.tabIndex = -1;
        item.setAttribute("role", "treeitem");
        item.setAttribute("aria-label", note ? `${text}, ${note}` : text);
        item.setAttribute("aria-level", level);
        item.setAttribute("aria-posinset", index + 1);
        item.setAttribute("aria-setsize", places.length);
        item.setAttribute("aria-selected", "false");
        if (below[place].length) item.setAttribute("aria-expanded", "false");
        sign.textContent = below[place].length ? "▸" : "";
        shown.set(place, item);
        list.append(item);
    });
    const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
    const setOpen = (item, open) => {
        if (!item.hasAttribute("aria-expanded") || isOpen(item) === open) return;
        item.setAttribute("aria-expanded", open);
        item.querySelector(".sign").textContent = open ? "▾" : "▸";
        if (open) {
            const group = make("ul", "");
            group.setAttribute("role", "group");
            group.style.paddingLeft = "1em";
            item.append(group);
            add(group, below[item.dataset.place], Number(item.getAttribute("aria-level")) + 1);
        } else {
            item.querySelectorAll("li").forEach((one) => shown.delete(Number(one.dataset.place)));
            item.querySelector("ul").remove();
        }
    };
    const reveal = (place) => {
        const parent = nodes[place][2];
        if (parent >= 0) {
            reveal(parent);
            setOpen(shown.get(parent), true);
        }
    };

    const image = make("img", "wheel-lab-picture");
    const spot = make("div", "spot");
    const picture = make("div", "picture", image, spot);
    const percent = (part, whole) => `${100 * part / whole}%`;
    const draw = () => {
        image.src = model.get("source");
        image.alt = model.get("alt");
        picture.style.maxWidth = `${model.get("size")[0]}px`;
    };
    const frame = (place) => {
        // What has no place of its own, such as a small file, is in that of the folder around it.
        const places = new Map(model.get("spots").map((one) => [one[0], one]));
        let at = place;
        while (at >= 0 && !places.has(at)) at = nodes[at][2];
        spot.hidden = at < 0 || !model.get("framed");
        if (spot.hidden) return;
        const [, left, top, width, height] = places.get(at);
        const [wide, high] = model.get("size");
        Object.assign(spot.style, { left: percent(left, wide), top: percent(top, high),
                                    width: percent(width, wide), height: percent(height, high) });
    };

    let chosen = null;
    const mark = (place) => {
        const before = shown.get(chosen);
        if (before) {
            before.setAttribute("aria-selected", "false");
            before.tabIndex = -1;
        }
        chosen = place;
        reveal(place);
        const item = shown.get(place);
        item.setAttribute("aria-selected", "true");
        item.tabIndex = 0;
        const row = item.firstChild;
        const [top, bottom] = [row.offsetTop - tree.offsetTop, row.offsetTop - tree.offsetTop + row.offsetHeight];
        if (top < tree.scrollTop) tree.scrollTop = top;
        if (bottom > tree.scrollTop + tree.clientHeight) tree.scrollTop = bottom - tree.clientHeight;
        frame(place);
    };
    const choose = (place) => {
        if (place !== chosen) {
            mark(place);
            // Nothing piles up: while the kernel is busy with one, ipywidgets keeps only the last that follows.
            model.set("value", place);
            model.save_changes();
        }
        shown.get(place).focus({ preventScroll: true });
    };

    tree.addEventListener("click", (event) => {
        const item = event.target.closest("li");
        if (!item) return;
        const place = Number(item.dataset.place);
        if (event.target.closest(".sign") || place === chosen) setOpen(item, !isOpen(item));
        choose(place);
    });
    tree.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const items = [...tree.querySelectorAll("li")];
        const item = shown.get(chosen);
        const at = items.indexOf(item);
        const parent = item.parentElement.closest("li");
        let next = null;
        if (event.key === "ArrowDown") next = items[at + 1];
        else if (event.key === "ArrowUp") next = items[at - 1];
        else if (event.key === "Home") next = items[0];
        else if (event.key === "End") next = items[items.length - 1];
        else if (event.key === "ArrowRight" && isOpen(item)) next = items[at + 1];
        else if (event.key === "ArrowRight") setOpen(item, true);
        else if (event.key === "ArrowLeft" && isOpen(item)) setOpen(item, false);
        else if (event.key === "ArrowLeft") next = parent;
        else if (event.key === "Enter" || event.key === " ") setOpen(item, !isOpen(item));
        else if (event.key.length === 1) {
            const typed = event.key.toLowerCase();
            const order = [...items.slice(at + 1), ...items.slice(0, at)];
            next = order.find((one) => nodes[one.dataset.place][0].toLowerCase().startsWith(typed));
        } else return;
        event.preventDefault();
        event.stopPropagation();
        if (next) choose(Number(next.dataset.place));
    });
    const under = (event) => {
        const box = image.getBoundingClientRect();
        const [wide, high] = model.get("size");
        const x = (event.clientX - box.left) * wide / box.width;
        const y = (event.clientY - box.top) * high / box.height;
        const hit = model.get("spots").filter(([, left, top, width, height]) =>
            left <= x && x < left + width && top <= y && y < top + height);
        return hit.sort((one, other) => one[3] * one[4] - other[3] * other[4])[0];
    };
    image.addEventListener("click", (event) => {
        const hit = under(event);
        if (hit) choose(hit[0]);
    });
    image.addEventListener("mousemove", (event) => {
        const hit = under(event);
        image.title = hit ? nodes[hit[0]].slice(0, 2).filter(Boolean).join("  ") : "";
    });

    const label = make("span", "label", model.get("description"));
    label.setAttribute("aria-hidden", "true");  // the tree has it as its name
    el.classList.add("wheel-lab-chooser");
    const names = make("div", "names", label, tree);
    const scrolled = make("div", "scrolled", picture);
    scrolled.style.flex = `0 1 ${model.get("size")[0]}px`;
    el.append(names, scrolled);
    // Beside the picture the tree is as high as that; above it, in a narrow column, it is low, so that both are seen.
    new ResizeObserver(() => {
        el.classList.toggle("stacked", scrolled.offsetTop > names.offsetTop + 5);
    }).observe(el);
    add(tree, roots, 1);
    roots.forEach((place) => setOpen(shown.get(place), true));
    draw();
    mark(model.get("value"));
    model.on("change:source", draw);
    model.on("change:value", () => mark(model.get("value")));
}
export default { render };
