package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// asked are the metrics that are true at the moment of a scrape.
type asked struct{ source Source }

func of(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
}

var (
	info     = of("sidecar_info", "The sidecar itself.", "version", "containment")
	paused   = of("sidecar_paused", "1 while healing is switched off.")
	storm    = of("sidecar_storm", "1 while so many agents fail that attempts are spread out.")
	lag      = of("sidecar_lag_seconds", "By how much the sidecar itself was late recently.")
	degraded = of("journal_degraded", "1 while the disk takes no events.")
	unused   = of("policy_refused", "1 while the policy on the disk is not the one in force.")

	running    = of("agent_running", "1 while the agent runs.", "agent")
	ready      = of("agent_ready", "1 while those that depend on it may use it.", "agent")
	health     = of("agent_health", "1 for the health that the agent has: healthy, held, acting and so on.", "agent", "health")
	open       = of("agent_incident_open", "1 while an incident of the agent is open.", "agent")
	severity   = of("agent_incident_severity", "Severity of the open incident, from 0 to 1.", "agent", "type")
	held       = of("agent_held", "1 while the agent is held for a person.", "agent")
	alarm      = of("agent_alarm", "1 while the agent is unwell and nothing is done.", "agent")
	runs       = of("agent_runs_total", "How often the agent was started.", "agent")
	uptime     = of("agent_uptime_seconds", "How long the agent runs.", "agent")
	budget     = of("agent_budget_left", "Automatic attempts that are left in the window.", "agent")
	foreseen   = of("agent_foreseen", "How many resources are foretold to run out.", "agent")
	processes  = of("agent_processes", "Processes of the agent's tree.", "agent")
	memory     = of("agent_memory_bytes", "Resident memory of the agent's tree.", "agent")
	processor  = of("agent_cpu_percent", "Processor use of the agent's tree, in percent of a core.", "agent")
	files      = of("agent_open_fds", "Open descriptors of the agent's tree.", "agent")
	threads    = of("agent_threads", "Threads of the agent's tree.", "agent")
	tokens     = of("agent_tokens_total", "Tokens that the present run of the agent used, by kind.", "agent", "kind")
	cost       = of("agent_cost_dollars_total", "What all runs of the agent cost, in US dollars.", "agent")
	share      = of("agent_spend_share", "Which part of a spending limit is used; 1 is all of it.", "agent", "window")
	everything = []*prometheus.Desc{
		info, paused, storm, lag, degraded, unused, running, ready, health, open, severity, held, alarm, runs, uptime, budget, foreseen, processes,
		memory, processor, files, threads, tokens, cost, share,
	}
)

func (a *asked) Describe(all chan<- *prometheus.Desc) {
	for _, d := range everything {
		all <- d
	}
}

func (a *asked) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	s, err := a.source.Status(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(info, err)
		return
	}
	say := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	say(info, 1, s.Version, s.Containment)
	say(paused, one(s.Paused))
	say(storm, one(s.Storm != ""))
	say(lag, s.Lag.Seconds())
	say(degraded, one(s.Journal != ""))
	say(unused, one(s.Policy != ""))
	for _, agent := range s.Agents {
		agentNow(agent, out, say)
		if use, known := a.source.Usage(agent.Agent); known {
			usageNow(agent.Agent, use, say)
		}
	}
}

func agentNow(a heal.AgentStatus, out chan<- prometheus.Metric, say func(*prometheus.Desc, float64, ...string)) {
	say(running, one(a.Running), a.Agent)
	say(ready, one(a.Ready), a.Agent)
	say(health, 1, a.Agent, a.Health)
	say(open, one(a.Incident != ""), a.Agent)
	if a.Incident != "" && a.Type != "" {
		say(severity, a.Severity, a.Agent, string(a.Type))
	}
	say(held, one(a.Hold != ""), a.Agent)
	say(alarm, one(a.Alarm), a.Agent)
	out <- prometheus.MustNewConstMetric(runs, prometheus.CounterValue, float64(a.Runs), a.Agent)
	say(uptime, a.Uptime.Seconds(), a.Agent)
	say(budget, float64(a.BudgetLeft), a.Agent)
	say(foreseen, float64(len(a.Foreseen)), a.Agent)
	say(processes, float64(a.Process.Members), a.Agent)
	spendNow(a, out, say)
}

// spendNow tells what an agent spends; nothing of one that nothing is known of.
func spendNow(a heal.AgentStatus, out chan<- prometheus.Metric, say func(*prometheus.Desc, float64, ...string)) {
	s := a.Spend
	if s == nil {
		return
	}
	count := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	count(cost, s.Total.Cost, a.Agent)
	for kind, n := range map[string]int64{"input": s.Run.Input, "output": s.Run.Output, "cache_read": s.Run.CacheRead, "cache_write": s.Run.CacheWrite} {
		count(tokens, max(float64(n), 0), a.Agent, kind)
	}
	for _, l := range s.Limits {
		say(share, l.Share, a.Agent, string(l.Window))
	}
}

func usageNow(agent string, u sampling.Usage, say func(*prometheus.Desc, float64, ...string)) {
	for d, v := range map[*prometheus.Desc]*float64{memory: u.Memory, processor: u.CPU, files: u.FDs, threads: u.Threads} {
		if v != nil {
			say(d, *v, agent)
		}
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
