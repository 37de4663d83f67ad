# Parley's commands. `make` alone lists them.

SHELL   := bash
VERSION := $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)

# What `make run` hands to the app and `make bench` to the comparison: make run ARGS="standup --join"
ARGS ?=

# Package call/apm is told by a build tag which webrtc-audio-processing is installed, if it is not 0.3.
APM      = $(shell for v in 2 1; do pkg-config --exists webrtc-audio-processing-$$v 2>/dev/null && echo -tags=apm$$v && break; done)
GOFLAGS += $(APM)
export GOFLAGS

# The tools of `make lint`; go run fetches them.
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help run demo test bench lint fmt package test-package test-devices test-sound clean FORCE

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-18s %s\n", $$1, $$2 }'

run: ## install what is missing, build, open the app: make run ARGS="standup --join"
	@.ci/setup build
	@$(MAKE) --no-print-directory build/parley
	@.ci/open $(ARGS)

demo: ## a call on this machine: a server, two participants, and the window
	@.ci/setup build
	@$(MAKE) --no-print-directory build/parley build/parleyd
	@.ci/demo

test: ## every test, in any order, with the race detector
	@.ci/setup build test
	@$(MAKE) --no-print-directory build/parley build/parleyd
	go vet ./... ./.ci/report
	go test -race -shuffle=on -timeout 20m ./... ./.ci/report
	@# The codec behind a build tag, where its library is there; these packages have no use for the tags of GOFLAGS.
	if pkg-config --exists openh264; then go test -race -tags h264 ./call/openh264 ./call/codec; fi

bench: ## the benchmarks, then Parley beside Chromium into app/compare/FIGURES.md, over an hour: make bench ARGS="--only loss --runs 1"
	@.ci/setup build test
	go test -run '^$$' -bench . -benchmem ./...
	@mkdir -p build
	go run ./app/compare --json build/figures.json --write app/compare/FIGURES.md $(ARGS)

lint: ## gofumpt, go vet, staticcheck
	@.ci/setup build
	@unformatted=$$(go run $(GOFUMPT) -l .) && [ -z "$$unformatted" ] || { echo "not gofumpt's form (make fmt):" $$unformatted; exit 1; }
	go vet ./... ./.ci/report
	go run $(STATICCHECK) ./... ./.ci/report

fmt: ## bring the source into gofumpt's form
	go run $(GOFUMPT) -w .

package: ## build/parley_VERSION_ARCH.deb
	@.ci/setup build package
	@.ci/package

test-package: package ## install the .deb in a clean Debian, open it by a link, remove it (as root)
	@.ci/test-package

test-devices: ## the app with a kernel's cameras and sound cards, in a small virtual machine (Debian)
	@.ci/setup build devices
	@$(MAKE) --no-print-directory build/parley build/parleyd
	@.ci/test-devices

test-sound: ## the sound with later libraries (AEC3, DRED), in another Debian (as root)
	@.ci/test-sound

clean: ## remove what was built
	rm -rf build

# go build knows best what is out of date, so it is always asked.
build/parley: FORCE
	@mkdir -p build
	go build -o $@ .

build/parleyd: FORCE
	@mkdir -p build
	CGO_ENABLED=0 go build -ldflags '-X main.version=$(VERSION)' -o $@ ./app/parleyd
