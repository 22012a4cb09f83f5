"""What became of a scenario, as somebody outside sees it."""

import os

from .core import is_agent, schedns, stamps

SLOT = 5e8  # ns; availability counts the slots with useful work
LATELY = 3e9  # ns before the end in which useful work shows that it is well again


def judge(ctx, sup, res, begun, ended):
    scenario = ctx.m.SCENARIO
    measure(ctx, res, begun, ended)
    res["fails"] = failures(scenario, res)
    if hasattr(ctx.m, "check"):
        res["fails"] += ctx.m.check(ctx, res) or []
    res["ok"] = not res["fails"]
    lacks = any(need in sup.cannot for need in scenario.get("needs", []))
    res["verdict"] = "pass" if res["ok"] else "cannot" if lacks else "fail"


def measure(ctx, res, begun, ended):
    starts, work = ctx.starts(), ctx.work()
    faults = [s[1] for s in stamps(ctx.path("agent.stamps")) if s[0] == "fault"]
    own = {p for p in ctx.cell.pids() if not is_agent(p)}
    res.update(starts=len(starts), faults=len(faults), work=len(work), seconds=(ended - begun) / 1e9)
    res["sup_cpu_s"] = sum(schedns(p) for p in own) / 1e9
    if faults:
        after = [x for x in work if x > faults[0]]
        res["mttr_s"] = (after[0] - faults[0]) / 1e9 if after else None
    base = starts[0][1] if starts else begun
    slots = max(1, int((ended - base) / SLOT))
    res["availability"] = len({int((x - base) / SLOT) for x in work if base <= x < base + slots * SLOT}) / slots
    res["recovered"] = any(x > ended - LATELY for x in work)
    res["notified"] = os.path.exists(ctx.path("notified"))
    beside = ctx.work("bystander")
    res["bystander_starts"] = len(ctx.starts("bystander"))
    res["bystander_max_gap_s"] = max([(b - a) / 1e9 for a, b in zip(beside, beside[1:])] or [99])
    res["bystander_well"] = any(x > ended - LATELY for x in beside)


def failures(scenario, res):
    """Everything in which the success criterion was missed."""
    fails, want = [], scenario["success"]
    gap, starts, mttr = res["bystander_max_gap_s"], res["bystander_starts"], res.get("mttr_s")
    if scenario.get("uses_bystander", True) and (
        starts != 1 or not res["bystander_well"] or gap > scenario.get("bystander_gap_s", 8)
    ):
        fails.append("another agent was disturbed (starts %d, longest gap %.1f s)" % (starts, gap))
    if scenario.get("fault_needed", True) and not res["faults"]:
        fails.append("INVALID: the fault never happened")
    if want.get("recovered", True) and not res["recovered"]:
        fails.append("no useful work at the end")
    if want.get("mttr_s") and (mttr is None or mttr > want["mttr_s"]):
        fails.append("time to repair %s over %s s" % (mttr and round(mttr, 1), want["mttr_s"]))
    if res["availability"] < want.get("availability", 0):
        fails.append("availability %.2f under %.2f" % (res["availability"], want["availability"]))
    if res["starts"] > want.get("max_starts", res["starts"]):
        fails.append("%d starts, over %d" % (res["starts"], want["max_starts"]))
    if res["starts"] < want.get("min_starts", 0):
        fails.append("%d starts, under %d" % (res["starts"], want["min_starts"]))
    if want.get("notified") and not res["notified"]:
        fails.append("nobody was notified")
    return fails
