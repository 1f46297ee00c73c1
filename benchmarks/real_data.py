"""All that is compared with real recordings, and with the truth of made ones, in one go.

    python benchmarks/real_data.py FOLDER [--rooms 12]

FOLDER holds ``aria_digital_twin/``, a recording with frames exported beside its tables, and
``sgaligner_3rscan/*/*.npy``, labelled point clouds; what is absent is passed over and said
so. Then come made rooms, written as ScanNet scans and read back. Exits with 1 where any
part does not hold what was promised, 2 where one can't be read.
"""

import argparse
import sys
from pathlib import Path

import aria_agreement
import labelled_clouds
import synth_round_trip


def run(folder: Path, rooms: int) -> int:
    """Run every part of which there are files; return the worst exit status."""
    aria, clouds = folder / "aria_digital_twin", sorted(folder.glob("sgaligner_3rscan/*/*.npy"))
    worst = 0
    print("--- Aria Digital Twin: boxes, depth, visible fractions", flush=True)
    if aria.is_dir():
        worst = max(worst, aria_agreement.main([str(aria)]))
    else:
        print(f"passed over: there is no {aria}")
    print("--- 3RScan: labelled points to questions that verify", flush=True)
    if clouds:
        worst = max(worst, labelled_clouds.main(list(map(str, clouds))))
    else:
        print(f"passed over: no sgaligner_3rscan/*/*.npy in {folder}")
    print("--- made rooms: written as ScanNet scans, read back, next to the truth", flush=True)
    return max(worst, synth_round_trip.main(["--rooms", str(rooms)]))


def main(arguments: list[str] | None = None) -> int:
    """Compare; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the real data are")
    parser.add_argument("--rooms", type=int, default=12, help="how many made rooms")
    options = parser.parse_args(arguments)
    return run(options.folder, options.rooms)


if __name__ == "__main__":
    sys.exit(main())
