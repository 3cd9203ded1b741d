# `make` lists what there is. Variables given to make reach the commands as their environment: STAY, AMQP_URL, …

.DEFAULT_GOAL := help
.PHONY: help demo soak bench test sabotage fmt golden audit clean

INSTALL := ./mocks/broker/install.sh
BUILD_DEMO := cargo build --locked --bin lienthong --example demo
# What tests compile in beside the gateway: src/proof.rs, and the traces, so that they are tested without a build of their own.
PROOF := --features lienthong/crash-points,lienthong/sabotage,lienthong/otel
# Most tests wait for a process or a time more than they work, so there are more of them at once than cores.
AT_ONCE := RUST_TEST_THREADS=3
# The same sources lead the same lives (docs/proof.md), so that the verdict on them can be repeated.
LIVES := LIENTHONG_MODEL_FIRST=$$((0x$$(git rev-parse --short=12 'HEAD^{tree}' 2>/dev/null || echo 1)))
DEMO := cargo run --quiet --locked --example demo

# One line before, one line after, and the end of everything when the command fails: $(call step,NAME,COMMAND)
define step
@echo "==> $(1)"; start=$$(date +%s); $(2); status=$$?; seconds=$$(($$(date +%s) - start)); \
if [ $$status -ne 0 ]; then echo "==> $(1): FAILED after $$seconds s" >&2; exit 1; fi; \
echo "==> $(1): passed in $$seconds s"
endef

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

# A broker that is given needs no RabbitMQ here.
demo: ## replay the pilot commune against both mocks (STAY=1 leaves it running; AMQP_URL=… uses your broker)
	@[ -n "$$AMQP_URL" ] || $(INSTALL) rabbitmq-server
	@$(BUILD_DEMO) && $(DEMO)

# The same commit has the same seed. A failure keeps its folder and names the seed: SEED=… plays the same lives and faults.
soak: ## random faults at every edge, then the promises (MINUTES=10; SEED=… instead of the commit's hash)
	@$(INSTALL) rabbitmq-server
	@cargo build --locked --bin lienthong --example soak
	@SEED="$${SEED:-$$((0x$$(git rev-parse --short=12 HEAD)))}" cargo run --quiet --locked --example soak

# Both programs in one build, and no feature of the tests in either.
bench: ## measure the gateway beside a relay that keeps nothing (ONLY=drain-one,latency,… PAIRS=5 EVENTS=50000 WAITING=…)
	@$(INSTALL) rabbitmq-server strace
	@cargo build --release --locked --package lienthong --package bench --bins
	@"$${CARGO_TARGET_DIR:-target}/release/bench" run

# The demo of the gate runs on a private broker and ends, whatever the caller's environment says.
test: ## the one check: format, clippy, rustdoc, all tests, the demo
	$(call step,install,$(INSTALL) rabbitmq-server libxml2-utils strace prometheus chromium chromium-driver nodejs npm)
	$(call step,axe,npm ci --prefix tests/browser --ignore-scripts --loglevel=error)
	$(call step,alerts,promtool check rules config/prometheus/*.yml && promtool test rules tests/prometheus/*.yml)
	$(call step,format,cargo fmt --all --check)
	$(call step,clippy,cargo clippy --workspace --all-targets --locked $(PROOF) -- -D warnings)
	$(call step,clippy of what is handed out,cargo clippy --lib --bins --locked -- -D warnings)
	$(call step,rustdoc,RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked)
	$(call step,tests,$(LIVES) $(AT_ONCE) cargo test --workspace --locked --no-fail-fast $(PROOF))
	$(call step,marks,$(BUILD_DEMO) && ./.ci/marks absent "$${CARGO_TARGET_DIR:-target}/debug/lienthong")
	$(call step,demo,env -u STAY -u AMQP_URL $(DEMO))

sabotage: ## turn off one protection at a time, and see its test fall (docs/proof.md)
	$(call step,install,$(INSTALL) rabbitmq-server strace)
	$(call step,sabotage,./.ci/sabotage)

fmt: ## format everything
	cargo fmt --all

golden: ## write the golden files anew; review the difference as code
	INSTA_UPDATE=always cargo test --locked -p lienthong-core

audit: ## advisories, licences, duplicates and sources of the dependencies (needs cargo-deny and a network)
	@command -v cargo-deny >/dev/null || { \
	    echo "cargo-deny is missing; install it with: cargo install --locked cargo-deny --version '^0.20'" >&2; exit 1; }
	cargo deny check

clean: ## remove what was built
	cargo clean
