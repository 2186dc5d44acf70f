#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh LOGS TEST...: runs each test, keeps its output in the folder LOGS, and adds up. A test is a
# cmocka program, or a script that prints `ok NAME` and `not ok NAME`. One that ends badly without
# saying which of its cases failed, or has none, counts as a failure; one that has not ended after
# half an hour is stopped, with exit status 124.

logs=$1
shift
mkdir -p "$logs"
passed=0
failed=0
limit=1800 # seconds

for test; do
	name=$(echo "$test" | sed 's,^build/,,')
	log=$logs/$(echo "$name" | tr / -).log
	printf '%-44s ' "$name"
	began=$(date +%s)
	timeout --foreground "$limit" "$test" >"$log" 2>&1
	status=$?
	took=$(($(date +%s) - began))
	[ $took -lt 5 ] && took= || took=", $took s"
	good=$(grep -cE '^(\[       OK \]|ok )' "$log")
	bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p; s/^not ok .*/1/p' "$log" |
		awk '{ n += $1 } END { print n + 0 }')
	if [ "$bad" -eq 0 ] && { [ $status -ne 0 ] || [ "$good" -eq 0 ]; }; then
		bad=1
	fi
	if [ "$bad" -eq 0 ]; then
		echo "$good ok$took"
	else
		echo "$good ok, $bad FAILED$took (exit status $status)"
		grep -vE '^\[ (RUN|      OK)|^\[=|^ok ' "$log" | tail -n 60 | sed 's/^/    /'
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
