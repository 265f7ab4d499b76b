#!/bin/sh
# Stands in for `python -P -m namestui.tui explain RUN RUN`: says what it was asked, and an answer of two lines.
shift 4
echo "explains $*"
echo "RNN does better: 83.9 % to 80.1 % of 90 validation names."
printf 'It rests on \033[2J12 names.\n'
