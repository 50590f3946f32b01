// Makes the link with which a JupyterHub pulls the lab, and opens the chapter that one came from.

document.addEventListener("DOMContentLoaded", () => {
    const field = document.getElementById("hub-address");
    const place = document.getElementById("hub-link");
    const asked = new URLSearchParams(location.search).get("chapter") ?? "";
    const chapter = /^[\w/]+$/.test(asked) ? asked : "00_start_here";
    field.addEventListener("input", () => {
        place.replaceChildren();
        if (!/^https?:\/\/[^\s/]/.test(field.value)) return;
        const query = new URLSearchParams({
            repo: "https://github.com/wheel-lab/wheel-lab",
            branch: "desk",
            urlpath: `lab/tree/wheel-lab/desk/${chapter}.ipynb`,
        });
        const link = document.createElement("a");
        link.href = `${field.value.replace(/\/+$/, "")}/hub/user-redirect/git-pull?${query}`;
        link.textContent = link.href;
        place.append(link);
    });
});
