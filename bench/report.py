#!/usr/bin/env python3
"""report.py RESULTS: the comparison as Markdown on standard output, from what measure.py and healbench.py kept."""
import json
import os
import platform
import statistics
import sys

OURS = "healer"
MARKS = {"pass": "", "fail": "fails", "cannot": "cannot", "error": "error"}


class Report:
    def __init__(self, folder):
        self.folder = folder

    def load(self, name):
        try:
            with open(os.path.join(self.folder, name + ".json")) as f:
                return json.load(f)
        except OSError:
            return None

    def data(self, name):
        kept = self.load(name)
        return kept["data"] if kept else {}


def number(x, digits=1):
    if x is None:
        return "–"
    return "%.*f" % (digits, x) if isinstance(x, float) else str(x)


def median(values):
    values = [x for x in values if x is not None]
    return statistics.median(values) if values else None


def against(x, ours):
    """A figure and its ratio to ours."""
    if x is None:
        return "–"
    return number(x) if not ours else "%s (%s)" % (number(x), number(x / ours, 2) + "×")


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(number(x) for x in row) + " |")
    print()


def machine(report):
    cpu = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1]) / (1 << 20)
    when = (report.load("versions") or {}).get("time", "")[:10]
    print("# Benchmarks: the peers side by side\n")
    print(
        "Made by `make peers` on %s; anybody can make it again. The harness, the policies of the peers and the rules of"
        % when
    )
    print("fairness are in [bench](../bench/README.md). Every peer is at the best configuration that it documents.")
    print("Ratios in brackets are to healer-sidecar in the same run; other machines give other figures.\n")
    print("Machine: %s, %d cores, %.0f GiB, Linux %s.\n" % (cpu, os.cpu_count(), memory, platform.release()))
    table(["supervisor", "version"], [(p, v[-1]["version"]) for p, v in report.data("versions").items()])


def scenarios(report):
    kept = report.load("heal")
    if not kept:
        return
    by = {}
    for r in kept["results"]:
        by.setdefault(r["scenario"], {})[r["peer"]] = r
    peers = list(dict.fromkeys(r["peer"] for r in kept["results"]))
    print("## Fault scenarios\n")
    print("%d scenarios, each judged from outside: useful work, time to repair, starts, state, a bystander." % len(by))
    print(
        "`healer` is told each scenario's own remedy, as the peers are; `healer_untold` has one and the same policy for all"
    )
    print("that only says what there is.\n")
    best = {s: max([r["availability"] for r in results.values() if r["ok"]], default=0) for s, results in by.items()}
    rows = [standing(peer, [by[s][peer] for s in by if peer in by[s]], best) for peer in peers]
    print(
        "Availability is the share of half seconds with useful work. Many scenarios allow for little of it (an agent that"
    )
    print(
        "must be stopped, a server that is away), so it is also given as a share of the best with which any supervisor passed.\n"
    )
    table(
        [
            "supervisor",
            "passed",
            "failed",
            "cannot",
            "median time to repair of passed, s",
            "mean availability",
            "of the best",
        ],
        sorted(rows, key=lambda r: -int(r[1].split(" ")[0])),
    )
    print("Seconds to repair, or what stands in the way:\n")
    table(["scenario"] + peers, [[s] + [cell(by[s].get(p)) for p in peers] for s in sorted(by)])
    slower(by)
    reasons(by, peers)


def standing(peer, results, best):
    passed = [r for r in results if r["ok"]]
    verdicts = [r["verdict"] for r in results]
    return (
        peer,
        "%d of %d" % (len(passed), len(results)),
        verdicts.count("fail") + verdicts.count("error"),
        verdicts.count("cannot"),
        number(median([r.get("mttr_s") for r in passed]), 2),
        number(statistics.fmean(r.get("availability", 0) for r in results), 3),
        number(
            statistics.fmean(
                min(1, r.get("availability", 0) / best[r["scenario"]]) for r in results if best[r["scenario"]]
            ),
            3,
        ),
    )


def cell(r):
    if r is None:
        return "–"
    if r["ok"]:
        return number(r["mttr_s"]) if r.get("mttr_s") is not None else "well"
    return MARKS[r["verdict"]]


def slower(by):
    """Where a peer heals and we are slower than the fastest of them."""
    late = []
    for s, results in sorted(by.items()):
        others = [
            (r["mttr_s"], p)
            for p, r in results.items()
            if not p.startswith(OURS) and r["ok"] and r.get("mttr_s") is not None
        ]
        for ours in (OURS, OURS + "_untold"):
            r = results.get(ours)
            if others and r and r.get("mttr_s") is not None and r["mttr_s"] > min(others)[0] + 0.3:
                late.append("%s (%s): %.1f s, %s %.1f s" % (s, ours, r["mttr_s"], min(others)[1], min(others)[0]))
    print("Slower than the fastest peer that heals it by more than 0.3 s: %s.\n" % ("; ".join(late) or "none"))


def reasons(by, peers):
    print("What a peer has no means for, and why:\n")
    for p in peers:
        lacks = {}
        for results in by.values():
            for word, why in (results.get(p, {}).get("cannot") or {}).items():
                lacks.setdefault(why or "not offered", set()).add(word)
        if lacks:
            print("- **%s**: %s" % (p, "; ".join("%s: %s" % (", ".join(sorted(w)), why) for why, w in lacks.items())))
    print("\nWhere a peer has the means and fails:\n")
    for s in sorted(by):
        failed = [
            "%s: %s" % (p, "; ".join(r.get("fails") or ["error"]))
            for p, r in by[s].items()
            if r["verdict"] in ("fail", "error")
        ]
        if failed:
            print("- **%s** %s" % (s, " — ".join(failed)))
    print()


def latency(report):
    data = report.data("latency")
    if not data:
        return
    print("## Restart latency\n")
    print("From the end of a stable agent to the first statement of the next one, ms: least and median.\n")
    kinds = ("kill", "exit1", "segv")
    raw = {
        p: {k: [x for v in rounds for x in v.get(k, {}).get("raw_ms", [])] for k in kinds} for p, rounds in data.items()
    }
    ours = {k: median(raw.get(OURS, {}).get(k, [])) for k in kinds}
    rows = [
        [p] + ["%s / %s" % (number(min(r[k])), against(median(r[k]), ours[k])) if r[k] else "–" for k in kinds]
        for p, r in raw.items()
    ]
    table(["supervisor", "SIGKILL", "exit 1", "SIGSEGV"], rows)


def crash(report):
    data = report.data("crash")
    if not data:
        return
    print("## Crash loop\n")
    print("An agent that exits 1 at once, for 25 s, at the defaults of each supervisor.\n")
    rows = []
    for p, rounds in data.items():
        v = rounds[-1]
        rows.append(
            (p, v["starts"], v["gap_first_ms"], v["gap_max_ms"], number(v["cpu_s"], 2), "yes" if v["stopped"] else "no")
        )
    table(["supervisor", "starts", "first pause, ms", "longest pause, ms", "CPU of all, s", "gave up"], rows)


def scale(report):
    data = report.data("scale")
    if not data:
        return
    counts = sorted({v["n"] for rounds in data.values() for v in rounds})

    def figure(peer, n, key):
        return median([v.get(key) for v in data.get(peer, []) if v["n"] == n])

    parts = (
        ("Start: all agents are up after, ms", "all_ms", 1),
        ("Memory: RSS of the supervisor and its helpers, MiB", "rss_kb", 1024),
        ("Memory: PSS, MiB", "pss_kb", 1024),
        ("Idle CPU, ms a minute", "idle_cpu_s_per_min", 0.001),
    )
    print("## Cost\n")
    print("The agents themselves are left out.\n")
    for title, key, unit in parts:
        print("%s:\n" % title)
        rows = []
        for p in data:
            values = [(figure(p, n, key), figure(OURS, n, key)) for n in counts]
            rows.append([p] + [against(x and x / unit, o and o / unit) for x, o in values])
        table(["supervisor"] + ["%d agents" % n for n in counts], rows)


def logpath(report):
    data = report.data("logpath")
    if not data:
        return
    print("## Log path\n")
    print(
        "An agent writes lines of 120 bytes as fast as it can. healer-sidecar looks at every line; the others do not.\n"
    )
    file = median([v["mb_s"] for v in report.data("logref").get("file (no reader)", [])])
    cpu = median([v.get("sup_cpu_s_per_gib") for v in data.get(OURS, [])])
    rows = []
    for p, rounds in data.items():
        speed = median([v.get("mb_s") for v in rounds])
        rows.append(
            (
                p,
                number(speed, 0) if speed else rounds[-1].get("error", "–"),
                number(speed / file, 2) if speed and file else "–",
                against(median([v.get("sup_cpu_s_per_gib") for v in rounds]), cpu),
                median([v.get("rss_after_kb", 0) / 1024 for v in rounds]),
            )
        )
    table(
        [
            "supervisor",
            "MB/s seen by the agent",
            "of a plain file",
            "CPU of supervisor and logger, s per GiB",
            "RSS afterwards, MiB",
        ],
        rows,
    )
    print("For comparison, the same lines through other things:\n")
    refs = report.data("logref").items()
    table(
        ["what", "MB/s", "CPU, s per GiB"],
        [
            (k, median([x["mb_s"] for x in v]), number(median([x["total_cpu_s_per_gib"] for x in v]), 2))
            for k, v in refs
        ],
    )


def detect(report):
    data = report.data("detect")
    if not data:
        return
    print("## From the fault to the new instance\n")
    print("Milliseconds by source, least / median / most.\n")
    kinds = list(dict.fromkeys(v["kind"] for rounds in data.values() for v in rounds))
    rows = []
    for p, rounds in data.items():
        row = [p]
        for kind in kinds:
            found = [v for v in rounds if v["kind"] == kind]
            raw = [x for v in found for x in v.get("raw_ms", [])]
            if any("cannot" in v for v in found):
                row.append("cannot")
            else:
                missed = sum(v.get("of", 0) for v in found) - len(raw)
                row.append(
                    " / ".join(number(f(raw) if raw else None, 0) for f in (min, median, max))
                    + (", %d missed" % missed if missed else "")
                )
        rows.append(row)
    table(["supervisor"] + kinds, rows)


def main():
    report = Report(sys.argv[1])
    for section in (machine, scenarios, latency, crash, scale, logpath, detect):
        section(report)


if __name__ == "__main__":
    main()
