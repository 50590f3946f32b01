// The theme that was chosen on the site, before anything is drawn.
(() => {
    let mode = null;
    try {
        mode = localStorage.getItem("mode");
    } catch {
        // nothing can be kept here
    }
    const dark = mode === "dark" || (mode !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
