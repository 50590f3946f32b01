// Paper is white: a page is printed in the light theme, also from a browser that shows the dark one.

const root = document.documentElement;
let shown;
addEventListener("beforeprint", () => {
    shown = root.dataset.theme;
    root.dataset.theme = "light";
});
addEventListener("afterprint", () => {
    root.dataset.theme = shown;
});
