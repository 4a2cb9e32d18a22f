"""All benches one after the other, and what each came to: python -m tests.bench [name ...]"""

import subprocess
import sys

from tests.bench.figures import CONCLUSION, console

BENCHES = ("claims", "relay", "consumer", "signatures", "payouts", "log_verification", "latency", "loops", "idle")


def run(name: str) -> list[str]:
    """Run one bench, pass on what it prints; its conclusions, or that it failed."""
    console.rule(name)
    command = [sys.executable, "-u", "-m", f"tests.bench.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bench:  # noqa: S603  # our own program
        conclusions = []
        for line in bench.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            if line.startswith(CONCLUSION):
                conclusions.append(line.removeprefix(CONCLUSION).rstrip())
    return conclusions if bench.returncode == 0 else [*conclusions, f"{name}: failed"]


def main(names: list[str]) -> int:
    """Run the benches named, all if none is; 1 if one failed."""
    if unknown := set(names) - set(BENCHES):
        console.print(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
        return 2
    conclusions = [line for name in names or BENCHES for line in run(name)]
    console.rule("summary")
    for line in conclusions:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return int(any(line.endswith(": failed") for line in conclusions))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
