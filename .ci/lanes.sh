# shellcheck shell=bash
# Named steps, one after another in a lane, and lanes side by side. .ci/run sources this; tests/lab/test_lanes.py tries it.
#
#     . lanes.sh
#     at_end() { rm -r FOLDER; }
#     begin FOLDER                           the logs go into this folder, one for each step
#     step NAME COMMAND...                   outside of a lane, too
#     lane_host() { step NAME COMMAND...; }  nothing but steps, so that they can be listed before they run
#     run_lanes host container
#
# The first failure ends its lane; the others go on, so that one run tells about all of them. What a script defines as
# `at_end` before it begins is called last, also when the run was killed.

# Everything that a run starts has the run's mark in its environment. So it can be found and ended, whatever process
# group it has moved to and whoever its parent is by now. A run inside a run (in a test of this file) has both marks.
if [ "${LANES_PID-}" != $$ ]; then
    LANES_PID=$$ LANES_RUN=$$.$(date +%s%N)
    export LANES_PID LANES_RUN LANES_MARK="${LANES_MARK-}:$LANES_RUN:"
    exec bash "$0" "$@"
fi

LANES_PULSE=${LANES_PULSE:-50}   # seconds after which a running step shows that it lives
LANES_LIMIT=${LANES_LIMIT:-3450} # seconds that the whole run may take: a step that hangs is to be named in its output
LANES_GRACE=${LANES_GRACE:-10}   # seconds in which a process that is asked to end may do so
lane=start
logs=

at_end() { :; }

clock() { # the time since the start, or of $1 seconds
    local seconds=${1:-$SECONDS}
    printf '%02d:%02d' $((seconds / 60)) $((seconds % 60))
}

say() { # standard input, not mixed with what another lane says at the same time
    flock "$logs/.lock" cat
}

closing_lines() { # how the test runners of a log end, and what the coverage is
    grep -aE '^(=+ )?(no tests ran|[0-9]+ [a-z]+(, [0-9]+ [a-z]+)*) in [0-9.]+s|^Required test coverage' "$1" || true
}

begin() { # keep the logs in the folder $1, and end everything when this shell ends
    logs=$1
    rm -rf "$logs"
    mkdir -p "$logs"
    trap finish EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    set -m
    heartbeat &
    set +m
}

step() { # run a command as the step $1 of this lane
    local name=$1 began=$SECONDS status=0 result=ok log
    shift
    if [ -n "${LANES_PLAN-}" ]; then
        printf '%s\t%s\n' "$lane" "$name" >>"$LANES_PLAN"
        return
    fi
    log="$logs/$lane, ${name//\//-}.log"
    printf '%s\t%s\t%s\t%s\n' "$began" "$name" "$log" "$BASHPID" >"$logs/.now.$lane"
    # With job control, a step gets a process group of its own, and can be interrupted.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    set +m
    wait $! || status=$?
    rm -f "$logs/.now.$lane"
    [ "$status" = 0 ] || result="failed with status $status"
    printf '%s\t%s\t%s\t%s\n' "$lane" "$name" "$result" $((SECONDS - began)) >>"$logs/.done"
    {
        printf '%s  %-9s  %s  %s in %d s\n' "$(clock)" "$lane" "$name" "$result" $((SECONDS - began))
        if [ "$status" = 0 ]; then closing_lines "$log"; else whole_log "$log" "$name"; fi
    } | say
    [ "$status" = 0 ] || exit 1
}

whole_log() { # the log $1 of the step $2
    printf -- '----- all that "%s" said:\n' "$2"
    cat "$1"
    printf -- '----- the end of "%s"\n' "$2"
}

run_lanes() { # run these lanes side by side, and fail when one of them failed
    local one failed=0 pids=()
    for one in "$@"; do
        lane=$one LANES_PLAN=$logs/.plan "lane_$one"
    done
    for one in "$@"; do
        set -m
        (set +m && lane=$one && "lane_$one") &
        set +m
        pids+=($!)
    done
    for one in "${pids[@]}"; do
        wait "$one" || failed=1
    done
    return "$failed"
}

# --- while they run, and at the end ---

heartbeat() { # tell how far each running step is; end the run when its time is over or its shell is gone
    local next=$LANES_PULSE now began name log _
    set +m
    while sleep 1; do
        kill -0 $$ 2>/dev/null || finish
        if ((SECONDS >= LANES_LIMIT)); then
            echo "$(clock)  the time is over: a run may take $(clock "$LANES_LIMIT")" | say
            kill -TERM $$
            return
        fi
        ((SECONDS >= next)) || continue
        next=$((SECONDS + LANES_PULSE))
        for now in "$logs"/.now.*; do
            IFS=$'\t' read -r began name log _ 2>/dev/null <"$now" || continue # it ended at this very moment
            printf '%s  %-9s  %s  for %d s now: %s\n' "$(clock)" "${now##*.}" "$name" $((SECONDS - began)) \
                "$(tail -c 2000 "$log" | tr '\r' '\n' | tr -cd '\n -~' | grep '[^ ]' | tail -n 1 | cut -c-100)" | say
        done
    done
}

marked() { # the processes of this run and all below them, but for its shell and the process $1
    local roots
    roots=$(grep -lsazE "^LANES_MARK=.*:$LANES_RUN:" /proc/[0-9]*/environ | cut -d/ -f3 | grep -vxE "$$|$1" || true)
    # A process without an environment is still somebody's child.
    grep -s '^PPid:' /proc/[0-9]*/status | awk -F '[/:\t]+' -v roots="$roots" -v apart="$1" '
        BEGIN { split(roots, all, "\n"); for (i in all) found[all[i]] }
        { parent[$3] = $6 }
        END {
            do {
                more = 0
                for (pid in parent) if (!(pid in found) && parent[pid] in found && pid != apart) { found[pid]; more = 1 }
            } while (more)
            for (pid in found) print pid
        }'
}

end_processes() { # ask them to end, and make them when they do not
    local me=$BASHPID pids signal=TERM deadline=$((SECONDS + LANES_GRACE))
    while ((SECONDS <= deadline + 10)); do
        mapfile -t pids <<<"$(marked "$me")"
        kill -s "$signal" "${pids[@]}" || return 0 # nobody was there to hear it
        if ((SECONDS < deadline)); then signal=0; else signal=KILL; fi
        sleep 0.2
    done
}

table() { # all steps: those that ran, and those that were still to come
    printf '\n%-9s  %-46s  %7s\n' lane step time
    awk -F '\t' '
        FILENAME == ARGV[1] { ran[$1, $2]; printf "%-9s  %-46s  %4d:%02d  %s\n", $1, $2, $4 / 60, $4 % 60, $3; next }
        !(($1, $2) in ran) { printf "%-9s  %-46s  %7s  not run\n", $1, $2, "" }' "$logs/.done" "$logs/.plan"
    printf '%-9s  %-46s  %4d:%02d\n' "" "all of it" $((SECONDS / 60)) $((SECONDS % 60))
}

finish() { # the last thing of a run, whatever ended it
    local status=$? now began name log shell
    trap '' HUP INT TERM
    trap - EXIT
    set +e
    {
        # The shells of the lanes first, or they would report their step as failed when it is ended here.
        for now in "$logs"/.now.*; do
            IFS=$'\t' read -r began name log shell <"$now" || continue
            [ "$shell" = $$ ] || kill -KILL "$shell"
        done
        end_processes
    } 2>/dev/null
    touch "$logs/.done" "$logs/.plan"
    for now in "$logs"/.now.*; do
        IFS=$'\t' read -r began name log shell 2>/dev/null <"$now" || continue
        printf '%s\t%s\t%s\t%s\n' "${now##*.}" "$name" "stopped" $((SECONDS - began)) >>"$logs/.done"
        whole_log "$log" "$name"
    done
    table
    at_end
    exit "$status"
}
