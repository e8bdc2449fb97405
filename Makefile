# make demo               a live fleet on this machine, in the terminal
# make demo HEADLESS=1    the same without the screen: prints the command that opens one from another terminal
# make demo GUESTS=real   with a hypervisor of real QEMU guests
# make demo FLEET=100x40  a simulated fleet of 100 hypervisors with 40 machines each (SCENARIO=busy, storm, partition, ...)
# make test               every test, on real servers and hypervisors
# make bench              the budgets, measured; ONLY=selector,memory RUNS=5 SCALE=small|large|full KEEP=1 (docs/budgets.md)
# make fuzz TIME=60      every parser under a fuzzer, for that many seconds each
# make lint               what must be clean before a commit
#
# Each installs what it needs and this machine lacks, and says so (conf/setup/packages.sh).

export PATH := $(PATH):$(HOME)/.cargo/bin

PACKAGES := conf/setup/packages.sh

.PHONY: demo test bench fuzz lint

demo:
	@$(PACKAGES) $(if $(filter real,$(GUESTS)),real,demo)
	@cargo build --workspace
	@exec env HEADLESS='$(HEADLESS)' GUESTS='$(GUESTS)' FLEET='$(FLEET)' SCENARIO='$(SCENARIO)' target/debug/archipel-demo

# The programs first: tests start them.
test:
	@$(PACKAGES) test
	cargo build --workspace
	cargo test --workspace

# Both in one go, else the programs' dependencies are built twice: the bench's own need other features of them.
bench:
	@$(PACKAGES) test
	cargo build --workspace --release --bins --benches
	@ONLY='$(ONLY)' RUNS='$(RUNS)' SCALE='$(SCALE)' KEEP='$(KEEP)' cargo bench --workspace --bench budgets

TIME := 60
fuzz:
	@$(PACKAGES) fuzz
	@fuzz/run.sh $(TIME)

lint:
	@$(PACKAGES) build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps
	cargo test --workspace --test licences
