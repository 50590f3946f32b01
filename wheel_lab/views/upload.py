"""A field that uploads a file into a folder of the kernel's machine, in parts, and says how far it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wheel_lab.views.picture import WIDE

__all__ = ["LIMIT", "Upload"]

MIB = 1 << 20
# Jupyter's server closes the connection to the kernel over a message of more than 10 MiB (tornado's
# websocket_max_message_size, which it leaves as it is), without a word to the page. So a file comes in parts.
PART = MIB
LIMIT = 100 * MIB  # what the package index takes of a project that has asked for no more


class Upload(anywidget.AnyWidget):
    """The browser's own field for a file, with a label and with words for what happens.

    The upload field of ipywidgets sends a file as one message, and the page loses its kernel when that is too large.

    Parameters
    ----------
    folder
        Where the files go. It is made when the first one comes.
    description
        The label.
    refuse
        Is given the name of a file, and returns why it is not wanted; "" when it is.
    done
        Is given the path of a file that is complete.
    limit
        The largest file that is taken, in bytes.
    """

    description = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int().tag(sync=True)
    part = traitlets.Int(PART).tag(sync=True)

    def __init__(
        self,
        folder: str | Path,
        description: str,
        refuse: Callable[[str], str],
        done: Callable[[Path], None],
        limit: int = LIMIT,
    ) -> None:
        self._folder, self._refuse, self._done = Path(folder), refuse, done
        self._taken = -1, 0  # the number of the upload that is under way, and how many bytes of it are here
        super().__init__(description=description, limit=limit, layout=WIDE)
        self.on_msg(self._receive)

    def _receive(self, _: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take one part of a file, and ask for the next one.

        A part holds the `number` of its upload, the file's `name` and `size`, and the `offset` of its bytes in it. One
        that does not continue what is here belongs to an upload that was given up.
        """
        name, number, offset = Path(str(content["name"])).name, int(content["number"]), int(content["offset"])
        size = int(content["size"])
        if reason := self._refuse(name) or (size > self.limit and "The file is too large.") or "":
            self.send({"number": number, "refused": reason})
            return
        if offset == 0:
            self._taken = number, 0
        if self._taken != (number, offset):
            return
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if offset else "wb") as file:
                offset += file.write(buffers[0])
        except OSError as error:
            self.send({"number": number, "refused": f"The file cannot be kept: {error.strerror}."})
            return
        self._taken = number, offset
        self.send({"number": number, "offset": offset})
        if offset >= size:
            self._done(path)

    _css = """
    .wheel-lab-upload { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3em 1em;
                        font-size: var(--jp-widgets-font-size, 13px); color: var(--jp-content-font-color1, inherit); }
    .wheel-lab-upload label { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3em 1em; }
    .wheel-lab-upload input { color: inherit; font: inherit; max-width: 100%; }
    """

    _esm = """
    function render({ model, el }) {
        const label = document.createElement("label");
        const field = document.createElement("input");
        const state = document.createElement("span");
        let number = 0, file = null;
        const mib = bytes => (bytes / 2 ** 20).toFixed(1) + " MiB";
        const send = async offset => {
            const one = number;
            const part = await file.slice(offset, offset + model.get("part")).arrayBuffer();
            if (one !== number) return;
            model.send({ number, name: file.name, size: file.size, offset }, undefined, [part]);
        };
        field.type = "file";
        field.accept = ".whl";
        field.setAttribute("data-lm-suppress-shortcuts", "true");  // else JupyterLab takes Enter for itself
        state.setAttribute("role", "status");
        field.addEventListener("change", () => {
            number = Date.now();
            file = field.files[0];
            if (!file) return;
            if (file.size > model.get("limit")) {
                state.textContent = `${file.name} has ${mib(file.size)}; this field takes ${mib(model.get("limit"))}. `
                    + "Put the file into a folder with JupyterLab's file browser, and give its path.";
                return;
            }
            state.textContent = "uploading …";
            send(0);
        });
        model.on("msg:custom", message => {
            if (message.number !== number) return;
            if (message.refused) state.textContent = message.refused;
            else if (message.offset >= file.size) state.textContent = `${mib(file.size)} uploaded`;
            else {
                state.textContent = `${mib(message.offset)} of ${mib(file.size)}`;
                send(message.offset);
            }
        });
        label.append(model.get("description"), field);
        el.classList.add("wheel-lab-upload");
        el.append(label, state);
    }
    export default { render };
    """
