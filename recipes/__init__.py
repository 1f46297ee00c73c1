"""The closed loop: a proposer asks, programs answer, a solver learns, its confidence steers."""
