// Lay the files of `doctor.files` into a folder of Python's file system: four bytes say how long the list of names and
// sizes is, then comes the list, as JSON, and then the files, one after the other.
export function unpack(FS, data, folder) {
    const length = new DataView(data.buffer, data.byteOffset).getUint32(0);
    const list = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
    const made = new Set();
    let at = 4 + length;
    for (const [name, size] of list) {
        const path = `${folder}/${name}`, parent = path.slice(0, path.lastIndexOf("/"));
        if (!made.has(parent)) FS.mkdirTree(parent);
        made.add(parent);
        FS.writeFile(path, data.subarray(at, at += size), { canOwn: true });
    }
}
