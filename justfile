# The commands people type.  `just` without a name lists them.
# The program comes with the test requirements: .venv/bin/just

python := ".venv/bin/python"

[private]
default:
    @{{just_executable()}} --list

# Make .venv with all that developing needs
setup:
    python3 -m venv .venv
    .venv/bin/pip install --quiet --require-hashes -r requirements/test.txt
    .venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .

# Run the quick tests, or all of some files: just test tests/dedupe
test *arguments:
    {{python}} -m pytest {{ if arguments == "" { '-m "not slow"' } else { arguments } }}

# Read 10,000 damaged documents of each kind, others every time; just fuzz -k html
fuzz *arguments:
    {{python}} -m pytest tests/fuzz --hypothesis-profile=night {{arguments}}

# Simulate a year of the daemon with 200 sources, in some quarter of an hour
year *arguments:
    {{python}} benchmarks/year.py {{arguments}}

# Kill the program at random points and compare: just torture 500 --seed 7
torture *arguments:
    {{python}} -m tests.support.torture {{arguments}}

# Check style, types and spelling
lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/codespell README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md docs deploy aggregator

# List the licences of what is installed, and known vulnerabilities (asks osv.dev)
audit:
    python3 -m venv .venv/audit
    .venv/audit/bin/pip install --quiet --require-hashes -r requirements/audit.txt
    .venv/audit/bin/pip-licenses --python {{python}} --format=plain
    .venv/audit/bin/pip-audit --vulnerability-service=osv --disable-pip --require-hashes -r requirements/run.txt

# Measure one thing: just bench once, just bench serving --help
bench name *arguments:
    {{python}} benchmarks/{{name}}.py {{arguments}}

# Write the generated documents: manual page, completions, reference of the configuration
docs:
    {{python}} -m tools.manual
    {{python}} -m tools.configuration
