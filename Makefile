GO        ?= go
BIN       := bin/healer-sidecar
CORPUS    ?= ../shared/corpus/dev.jsonl
LDFLAGS   := -s -w -buildid=
PLATFORMS := linux/amd64 linux/arm64 darwin/arm64

.PHONY: bench-check curve house hub fleet streams train demo sim scenarios peers build test unit model lint cross fuzz eval corpus bench faults faults-quick transparent soak soak-plain test-vm test-arm64 package test-package clean

# demo builds the sidecar and lets it heal an agent that really fails.
demo: build
	@examples/demo.sh

build:
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags='$(LDFLAGS)' -o $(BIN) ./cmd/healer-sidecar

# hub builds the server of a fleet.
hub:
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags='$(LDFLAGS)' -o bin/healer-hub ./cmd/healer-hub

# test is everything that must hold before a change lands.
test: lint cross unit model fuzz

unit:
	$(GO) test -race -shuffle=on -timeout 900s ./...

# model lets a host, its people and deaths of ours happen at random beside the engine.
MODEL_STEPS ?= 1000000
model:
	HEALER_MODEL_STEPS=$(MODEL_STEPS) $(GO) test -count=1 -timeout 600s -run '^TestModel$$' -v ./internal/engine

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

cross:
	@for p in $(PLATFORMS); do \
	  echo "build $$p"; \
	  for c in healer-sidecar healer-hub; do \
	    CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -trimpath -buildvcs=false -o /dev/null ./cmd/$$c || exit 1; \
	  done; \
	done

# fuzz runs every fuzz target for a short while.
FUZZTIME ?= 5s
# A run may end with "context deadline exceeded" when the machine is busy; an input that
# really fails was written down by then and fails again.
fuzz:
	@for spec in $$(grep -rHo --include='*_test.go' 'func Fuzz[A-Za-z]*' . | sed 's/:func /:/'); do \
	  dir=$$(dirname $${spec%%:*}); name=$${spec##*:}; \
	  fuzz() { $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$dir; }; \
	  fuzz || fuzz || exit 1; \
	done

# eval scores the classifier: with whole programs held out from its model, on all corpora, on another one
# where it is present, on the streams of healthy programs, and the detectors on their truth tables. It
# fails where a score is below its bar, or the model is not the one that the corpora give.
eval:
	$(GO) run ./corpus/train -check
	$(GO) run ./corpus/train -cv
	$(GO) test -count=1 -run 'Score$$|TestHealthyStreams' -v ./internal/offline
	HEALER_CORPUS=$(CORPUS) $(GO) test -count=1 -run TestCorpusScore -v ./internal/offline
	$(GO) test -count=1 -run 'RedactionScore|RealLinesKeep' -v ./internal/classify/redact
	$(GO) test -count=1 -run TruthTable -v ./internal/detect/...
	$(GO) test -count=1 -run 'TestLivingPrograms|TestHealthyStreamsAtAnyPace' -v ./internal/detect

# corpus makes our own corpus anew, by really breaking programs: Python, Node, Go, Java,
# Rust, Ruby, PHP, Perl, shell, git, PostgreSQL, Redis, nginx, SQLite.
corpus:
	$(GO) run ./corpus

# streams records what healthy programs print, and counts for how many of them people would be called; train fits the model of wordings to all corpora.
streams:
	$(GO) run ./corpus -streams
	$(GO) test -count=1 -run 'TestHealthyStreamsAtAnyPace' -v ./internal/detect

train:
	$(GO) run ./corpus/train

# bench measures the sidecar beside baselines in the same run.
bench: build
	@$(GO) run ./bench -bin $(BIN)
	$(GO) test -run '^$$' -bench . -benchmem ./internal/...

# bench-check compares a few figures, as ratios to baselines in the same run, with those that are
# committed in bench/figures.json, and fails where one is worse than noise explains. It takes a minute.
bench-check: build
	@$(GO) run ./bench -bin $(BIN) -check

# curve prints what 1, 10, 100, 500, 1,000 and 2,000 agents cost: start, memory, idle CPU, a crash, status.
curve: build
	@$(GO) run ./bench -bin $(BIN) -curve

# house prints which packages, types, interfaces and lines are larger than they should be.
house:
	@$(GO) run ./bench/house

# sim lets the engine decide in the fault world of the tool, where that is present, and
# prints it beside other policies and an oracle.
SIM ?= ../shared/sim/sim.py
SEEDS ?= 9101,9102,9103,9104,9105,9106,9107,9108,9109,9110
sim: build
	@if [ ! -e $(SIM) ]; then echo "skip: no $(SIM) to drive the engine with"; exit 0; fi; \
	python3 $(SIM) drive --exec "$(abspath $(BIN)) simulate --stdio" --seeds $(SEEDS)

# scenarios lets agents fail in front of the sidecar and judges from outside: once told each
# scenario's remedy, once told only what there is. HB_SCENARIOS names others.
LANES ?= 6
scenarios: build
	@scratch=$$(mktemp -d); \
	HB_ADAPTERS=$(abspath bench/healer_adapter.py) HB_HEALER=$(abspath $(BIN)) \
	  python3 bench/healbench.py $$scratch --peers healer,healer_untold --lanes $(LANES) --results $$scratch/results; \
	code=$$?; rm -rf $$scratch; exit $$code

# peers runs the scenarios and the basic measures for us and for other supervisors, which it
# installs, and writes the comparison.
PEERS_WORK ?= /tmp/healer-peers
peers: build
	@HB_HEALER=$(abspath $(BIN)) sh bench/peers.sh $(PEERS_WORK) docs/benchmarks.md

# faults breaks the sidecar on purpose and prints a table; faults-quick takes a minute.
faults: build
	@$(GO) run ./faults -bin $(BIN)

faults-quick: build
	@$(GO) run ./faults -bin $(BIN) -quick

# transparent compares programs with and without the sidecar, into every kind of output, byte by
# byte; SIZE is how many bytes the largest of them write.
SIZE ?= 8388608
transparent: build
	@$(GO) run ./transparent -bin $(BIN) -size $(SIZE)

# fleet runs real sidecars against a real hub, kills the provider of their agents for a minute, and
# prints the herd with and without a fleet.
FLEET_HOSTS ?= 50
fleet: build hub
	@$(GO) build -o bin/fleetlab ./fleetlab && bin/fleetlab -bin $(BIN) -hub bin/healer-hub -hosts $(FLEET_HOSTS)

# soak lets ten agents fail for half an hour in front of a sidecar with the race detector,
# soak-plain in front of the one that is shipped, whose memory is judged.
SOAK ?= 30m
soak:
	$(GO) build -race -trimpath -buildvcs=false -o bin/healer-sidecar-race ./cmd/healer-sidecar
	@$(GO) build -o bin/soak ./soak && bin/soak -bin bin/healer-sidecar-race -for $(SOAK)

soak-plain: build
	@$(GO) build -o bin/soak ./soak && bin/soak -bin $(BIN) -for $(SOAK)

# test-vm runs the sidecar under systemd and cgroup v2 in a guest, where the tool that
# makes one is present.
VMTEST ?= ../shared/env/vmtest.sh
VMWORK ?= /tmp/healer-sidecar-vm
test-vm: build
	@if [ ! -e $(VMTEST) ]; then echo "skip: no $(VMTEST) to run a guest with"; exit 0; fi; \
	payload=$$(mktemp -d) && cp $(BIN) packaging/systemd/*.service test/vm/check.sh $$payload/ && \
	VMTEST_TIMEOUT=450 bash $(VMTEST) $(VMWORK) $$payload bash check.sh; rc=$$?; rm -rf $$payload; exit $$rc

# test-arm64 runs the tests for arm64 in an emulation, where that is installed (Debian:
# qemu-user-static), but one that starts itself again. What an emulation lacks, pidfds and
# cgroups, the product has to do without there.
QEMU ?= qemu-aarch64-static
test-arm64:
	@command -v $(QEMU) >/dev/null || { echo "skip: no $(QEMU) to run arm64 programs with"; exit 0; }; \
	CGO_ENABLED=0 GOARCH=arm64 $(GO) test -timeout 600s -exec $(QEMU) -skip '^TestAKillLeavesOldOrNew$$' \
	  ./internal/actions ./internal/config ./internal/detect/... ./internal/engine/... ./internal/heal ./internal/journal \
	  ./internal/notify ./internal/snapshot ./internal/supervisor

# package builds .deb and .rpm for two architectures, with checksums, into dist/.
package:
	@for arch in amd64 arm64; do sh packaging/build.sh $$arch || exit 1; done
	@cd dist && sha256sum *.deb *.rpm >SHA256SUMS && cat SHA256SUMS

# test-package installs the .deb of this machine into a clean root, uses it and removes it.
test-package: package
	@sh test/package.sh dist/*_$$($(GO) env GOARCH).deb

clean:
	rm -rf bin dist
