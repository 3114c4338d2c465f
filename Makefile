# Nutkin: the commands that people and CI use.
#
#   make quickstart   build Nutkin and run the first pipeline; needs Rust, make and a C compiler
#   make test         everything CI runs; what needs a missing outside part is named and skipped
#   make setup        install the outside parts (as root, on Debian): Java, Maven, Python, PostgreSQL
#   make lint         formatting and clippy only
#   make bench        Nutkin beside real Apache Flink on the same events; make bench ARGS="--rounds 1 --queries q0"
#   make bench-functions   functions and aggregates by family: rows a second, allocations per row
.PHONY: quickstart test setup lint bench bench-functions

quickstart:
	cargo build --release --locked -p nutkin
	@exec "$$(tests/target.sh)/release/nutkin" quickstart $(ARGS)

test:
	@tests/run.sh

setup:
	@tests/setup.sh

lint:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

bench:
	@bench/run.sh $(ARGS)

bench-functions:
	@cargo run --release --locked -q -p nutkin-functions --example function_speed -- $(ARGS)
