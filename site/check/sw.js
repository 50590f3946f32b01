// Keeps what the page needs, so that it works without a network after the first visit. `VERSION` and `FILES` stand above;
// `FILES` lie in a folder that is named by its contents, so that no two versions are ever mixed.

const NAME = `check-a-wheel ${VERSION}`;
const SCOPE = self.registration.scope;

self.addEventListener("install", event => {
    event.waitUntil((async () => {
        const cache = await caches.open(NAME);
        await cache.addAll(FILES.map(file => new URL(file, SCOPE).href));
        await self.skipWaiting();
    })());
});

self.addEventListener("activate", event => {
    event.waitUntil((async () => {
        const mine = (await caches.keys()).filter(name => name.startsWith("check-a-wheel "));
        await Promise.all(mine.filter(name => name !== NAME).map(name => caches.delete(name)));
        await self.clients.claim();
    })());
});

// The page itself comes from the server while there is one, and names the folder of its version.
async function page(request) {
    try {
        const response = await fetch(request, { cache: "no-cache" });
        if (response.ok) return response;
    } catch {
        // no network
    }
    return (await caches.match(request, { ignoreSearch: true })) ?? Response.error();
}

self.addEventListener("fetch", event => {
    const { request } = event;
    if (request.method !== "GET" || !request.url.startsWith(SCOPE)) return;
    if (request.mode === "navigate") event.respondWith(page(request));
    else event.respondWith(caches.match(request).then(kept => kept ?? fetch(request)));
});
