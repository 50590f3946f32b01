# Wheel Lab. `make` alone lists what there is to do.
#
# Two commands matter: `make lab` opens the lab, `make test` checks it. Both set the lab up first, once.

PYTHON ?= python3
BIN    := .venv/bin
SETUP  := "$(PYTHON)" -m wheel_lab.lab.setup

# The lab's server: this machine only, token on, the first free port from PORT on. jupytext's contents manager would
# write what a learner saves back into the texts that the notebooks are made from, so it stays off.
PORT     ?= 8888
LAB_ARGS ?=
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,--no-browser)
AS_ROOT  := $(if $(filter 0,$(shell id -u)),--allow-root)
SERVE     = $(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 --ServerApp.port=$(PORT) \
	--LabApp.default_url=/lab/tree/desk/00_start_here.ipynb \
	--ServerApp.jpserver_extensions="{'jupyterlab_jupytext': False}" $(HEADLESS) $(AS_ROOT) $(LAB_ARGS)

.DEFAULT_GOAL := help
# None of the targets is a file.
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' "$(firstword $(MAKEFILE_LIST))")

help:            ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "Wheel Lab needs Python 3.11 or newer, and there is no '$(PYTHON)' here. Install python3 with your package manager, or run: make lab PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wheel Lab needs Python 3.11 or newer, and '$(PYTHON)' is older. Name a newer one: make lab PYTHON=python3.12"; exit 1; }

setup: python    ## set the lab up without opening it
	@$(SETUP)

setup-dev: python
	@$(SETUP) --dev

lab: setup       ## set the lab up, and open it in the browser (PORT=, LAB_ARGS=)
	@$(SERVE)

lint: setup-dev  ## only read the code: style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

# The chapters in a run of their own: their kernels measure times, and must not be traced for the coverage.
test: lint       ## set the lab up, and check everything
	$(BIN)/python -m pytest tests --cov
	$(BIN)/python -m pytest --nbval notebooks

# The slow ones, each a minute to ten; CI runs them all (.ci/run).
test-notebooks: setup-dev ## run and compare the notebooks alone
	$(BIN)/python -m pytest --nbval notebooks
test-exercises: setup-dev ## run each exercise handed out, answered wrongly, and solved
	$(BIN)/python -m pytest -m exercises --durations=0 tests/chapters/test_exercises.py
test-orders: setup-dev ## run the notebooks alone, reversed, at once, and after a kill
	$(BIN)/python -m pytest -m orders --durations=0 tests/chapters/test_orders.py
test-falsified: setup-dev ## alter each output, and see each altered cell fail
	$(BIN)/python -m pytest -m falsified --durations=0 tests/chapters/test_falsified.py
test-memory: setup-dev ## run the example's tests under a memory checker
	$(BIN)/python -m pytest -m memory --durations=0 tests/example
test-variants: setup-dev ## build the wheels of chapter 6's table again, and hold its record to them
	$(BIN)/python -m pytest -m variants -rP --durations=0 tests/lab/test_variants.py
test-installed: setup-dev ## build the library, install it alone on each Python here, and run its tests
	$(BIN)/python -m tools.library
	$(BIN)/python -m pytest -m installed -rP --durations=0 tests/lab/test_installed.py tests/lab/test_stable_abi.py \
		tests/lab/test_doctor_in_ci.py
test-pyodide: setup-site ## try the doctor in a browser's Python: Pyodide under node
	$(BIN)/python -m pytest -m pyodide -rP --durations=0 tests/pyodide
test-lock: setup-dev ## ask the package index whether the lock holds for every Python and the image
	$(BIN)/python -m pytest -m network --durations=0 tests/lab/test_lock.py
test-wheels: setup-dev ## fetch a hundred real wheels (2 GB), and hold what the doctor says of each against a list
	$(BIN)/python -m pytest -m wheels -rP --durations=10 tests/lab/test_real_wheels.py
test-browser: setup-dev ## open and run each chapter in Chromium, and keep a picture of each
	$(BIN)/python -m pytest -m "browser and not full" --durations=0 tests/browser

test-image: setup-dev ## build the image on the stand-in, and run the lab in it as Binder does; old and new systems; cibuildwheel
	$(BIN)/python -m pytest -m image -rP --durations=0 tests/lab/test_systems.py tests/lab/test_automation.py tests/image

test-release: setup-dev ## take the example from its sources to a stranger, by the steps of its workflows
	$(BIN)/python -m pytest -m release -rP --durations=0 tests/lab/test_workflow_steps.py tests/example/test_other_systems.py

test-room: setup-dev ## serve the image to learners in containers here, and watch them: seats, hostile ones, a killed hub
	$(BIN)/python deploy/hub/serve.py prepare
	$(APART) $(BIN)/python -m pytest -m room -rP --durations=0 tests/hub

# The whole cross product: every chapter in every order, and every output altered. It runs every week.
test-all: test test-installed test-pyodide test-memory test-variants test-falsified test-exercises test-orders test-lock test-wheels test-image test-release test-browser test-room test-site test-bundle ## all of these, and what takes hours
	$(BIN)/python -m pytest -m full --durations=0 tests

systems: setup-dev ## build the example on old and new Debians, try each wheel on each, and write down what happened
	$(BIN)/python -m tools.systems

automation: setup-dev ## let cibuildwheel build the example in the stand-in, and write down what it did and how long it took
	$(BIN)/python -m tools.automate

# The lab in its image. podman or docker, whichever works here; BASE=standin where the real base cannot be had.
BASE   ?=
ENGINE ?= $(shell for engine in podman docker; do $$engine info >/dev/null 2>&1 && echo $$engine && break; done)
IMAGE  := localhost/wheel-lab
# For a test that makes a network: root has one of its own for it, where podman can make bridges and nothing leads out.
APART   = $(if $(filter 0,$(shell id -u)),unshare --net sh -c 'ip link set lo up && exec "$$@"' apart)

image: image-build ## build the lab's image and open the lab in it (BASE=standin, PORT=)
	$(ENGINE) run --rm --interactive --tty --publish 127.0.0.1:$(PORT):$(PORT) $(IMAGE) \
		jupyter lab --ServerApp.ip=0.0.0.0 --ServerApp.port=$(PORT) --ServerApp.port_retries=0 \
		--LabApp.default_url=/lab/tree/desk/00_start_here.ipynb

standin:
	@ENGINE="$(ENGINE)" tools/standin

image-build:
	@[ -n "$(ENGINE)" ] || { echo "neither podman nor docker works here. On Debian or Ubuntu: sudo apt install podman"; exit 1; }
	@set -e; case "$(BASE)" in \
		"") arguments= ;; \
		standin) base=$$(ENGINE="$(ENGINE)" tools/standin); arguments="--build-arg BASE_IMAGE=$$base" ;; \
		*) arguments="--build-arg BASE_IMAGE=$(BASE)" ;; \
	esac; $(ENGINE) build $$arguments --file binder/Dockerfile --tag $(IMAGE) .

setup-site: setup-dev ## fetch what the website gives to a browser: Pyodide and the doctor's dependencies (needs npm)
	$(BIN)/python -m tools.pyodide
check-page: setup-site ## make the page "Check a wheel" alone, under .lab/check-page
	$(BIN)/python -m tools.checkpage
site: setup-site ## make the website from the notebooks and the doctor's rules, under .lab/site
	$(BIN)/python -m tools.site
test-site: setup-site ## visit each page of the website in Chromium
	$(BIN)/python -m pytest -m "site and not full" --durations=0 tests/browser/test_site.py tests/browser/test_check_page.py tests/browser/test_handouts.py
links: setup-dev ## ask each address that the website leads to whether it still answers (needs the network)
	$(BIN)/python -m tools.links

PYTHONS ?=
bundle: setup    ## pack the lab with all that its set-up fetches, for a room without a network (PYTHONS="3.12 3.13")
	@$(BIN)/python -m tools.bundle $(PYTHONS)
test-bundle: setup-dev ## make the bundle for this Python, set the lab up from it with no network, and follow the short plans
	$(BIN)/python -m pytest -m bundle -rP --durations=0 tests/lab/test_bundle.py tests/lab/test_workshop.py

# A room: JupyterHub on this machine, and a container of the image for each learner; see deploy/README.md.
HUB_ARGS ?=
ROOM      = $(BIN)/python deploy/hub/serve.py
HUB_PORT  = --port $(if $(filter 8888,$(PORT)),8000,$(PORT))
hub: setup       ## serve the image to a room (PORT=, HUB_ARGS="--names list --progress"; HUB_ARGS=--help)
	@$(ROOM) prepare
	@$(ENGINE) image inspect $(IMAGE) >/dev/null 2>&1 || $(MAKE) image-build BASE=$(BASE)
	@$(ROOM) $(HUB_PORT) --image $(IMAGE) $(HUB_ARGS)
hub-desk:        ## offer the chapters as they are now to the room, and print the link that brings them
	@$(ROOM) $(HUB_PORT) $(HUB_ARGS) desk
hub-progress:    ## which exercises of `make hub` are done, by name (in a room that was started with --progress)
	@$(ROOM) progress
hub-stop:        ## end the learners' servers; their files stay
	@$(ROOM) stop

desk: setup      ## lay the desk, or a fresh copy of one chapter and keep the old (NOTEBOOK=04)
	@$(BIN)/python -m wheel_lab.lab.desk $(NOTEBOOK)

notebooks: setup-dev  ## make the notebooks from notebooks/text (NOTEBOOK=04 for one of them)
	$(BIN)/python -m tools.publish $(NOTEBOOK)

# Two layers from one resolution. The second leaves out what the first pins, and includes it with -r; what the first
# pins for older Pythons only, the second may need on all.
COMPILE = $(BIN)/uv pip compile pyproject.toml --extra lab --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-annotate --custom-compile-command "make lock"
lock: setup-dev  ## make requirements.txt and requirements-dev.txt anew (LOCK_ARGS=--upgrade for newer versions)
	$(COMPILE) $(LOCK_ARGS) --output-file requirements.txt
	grep -v '^-r' requirements-dev.txt > .lab/dev.txt  # what is pinned stays, unless an upgrade is asked for
	$(COMPILE) $(LOCK_ARGS) --group dev --constraint requirements.txt \
		$$(sed -nE '/python_full_version </d; s/^([a-z0-9._-]+)(\[.*\])?==.*/--no-emit-package \1/p' requirements.txt | sort -u) \
		--output-file .lab/dev.txt
	{ echo "# What only checks need, on top of what a learner runs. Made by: make lock"; echo "-r requirements.txt"; \
		grep -v '^#' .lab/dev.txt; } > requirements-dev.txt
	rm .lab/dev.txt

FUZZ ?= 600
fuzz: setup-dev  ## try the doctor on files that no test has tried yet, for ten minutes (FUZZ=seconds)
	$(BIN)/python -m tools.fuzz $(FUZZ)

judges: setup-dev ## forty wheels with one defect each, judged by eleven tools and by the doctor (needs the network)
	PYTHONPATH=.:tests/library:tests/library/doctor $(BIN)/python benchmarks/judges.py

bench: setup-dev ## measure what the lab promises about speed, and write the results under benchmarks/
	PYTHONPATH=. $(BIN)/python benchmarks/bench.py

bench-room: setup-dev ## rooms of 5, 20 and 40 learners here, from the log-in to the wheel (needs the image, and podman as root)
	$(BIN)/python deploy/hub/serve.py prepare
	$(APART) env PYTHONPATH=. $(BIN)/python benchmarks/room.py

variants: setup-dev ## make the record behind chapter 6's table of sizes (needs libopenblas-dev)
	$(BIN)/python -m tools.variants

clean:           ## take away all that was made, but for your desk (DESK=yes takes that too)
	rm -rf .venv .lab notebooks/_work desk/_work $(if $(filter yes,$(DESK)),desk) wheel_lab.egg-info .*_cache .hypothesis
	find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +
