package detect

import (
	"path/filepath"
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/session"
)

// mostSessions bounds how many sessions are kept in mind; the one that was written to longest ago goes.
const mostSessions = 256

// sessions follows the transcripts of one agent. It belongs to its goroutine.
type sessions struct {
	Sessions
	trees []*follow.Tree
	all   map[string]*session.Session
	// begun is when the first process of the run was started: it may have written before we hear of it.
	begun time.Time
	// limited is until when it was said to wait.
	limited time.Time
	// tree of processes: whether it works.
	activity activity
	// usual is what sessions of earlier runs took.
	usual session.Session
}

// openSessions follows the transcripts, when the policy wants it.
func (a *Agent) openSessions(spec *Sessions) {
	if spec == nil {
		return
	}
	s := &sessions{Sessions: *spec, begun: a.since, all: map[string]*session.Session{}}
	for _, pattern := range spec.Paths {
		s.trees = append(s.trees, follow.OpenTree(pattern))
	}
	a.sessions = s
}

func (s *sessions) watch(w *follow.Watcher, changed chan<- struct{}) {
	if s == nil || w == nil {
		return
	}
	for _, t := range s.trees {
		t.Subscribe(w, changed)
	}
}

func (s *sessions) close() {
	if s == nil {
		return
	}
	for _, t := range s.trees {
		t.Close()
	}
}

// readSessions takes in what the transcripts have to offer, and judges it at once.
func (a *Agent) readSessions(drain bool) {
	if a.sessions == nil {
		return
	}
	if a.sessions.read(drain) && a.running && !drain {
		a.lookSessions()
	}
}

// read reports whether anything was new.
func (s *sessions) read(drain bool) (news bool) {
	each := func(path string, block []byte) {
		news = true
		now := time.Now()
		for line := range follow.Split(block) {
			s.of(path).Line(&s.Adapter, line, now)
		}
	}
	for _, t := range s.trees {
		how := t.Read
		if drain {
			how = t.Drain
		}
		_ = how(each) // what cannot be read now is tried again at the next change
	}
	return news
}

// of is the session of a transcript.
func (s *sessions) of(path string) *session.Session {
	if known := s.all[path]; known != nil {
		return known
	}
	if len(s.all) >= mostSessions {
		oldest := ""
		for p, had := range s.all {
			if oldest == "" || had.Last().Before(s.all[oldest].Last()) {
				oldest = p
			}
		}
		s.usual.Absorb(s.all[oldest])
		delete(s.all, oldest)
	}
	fresh := &session.Session{}
	fresh.Absorb(&s.usual)
	s.all[path] = fresh
	return fresh
}

// findings are what is wrong with the sessions of this run: those that were written to since it began, and
// work in the folder of the agent where they name one.
func (s *sessions) findings(f session.Facts, begun time.Time) (all []session.Finding) {
	for _, one := range s.all {
		elsewhere := one.Folder != "" && s.Folder != "" && !inside(s.Folder, one.Folder)
		if elsewhere || one.Last().Before(begun) {
			continue
		}
		all = append(all, one.Judge(f, s.Limits)...)
	}
	for i := range all {
		v := &all[i].Vote
		v.Why = redact.Kept([]byte(v.Why), textWidth)
	}
	return all
}

// inside reports that a path is a folder, or below it.
func inside(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && (rel == "." || filepath.IsLocal(rel))
}

// began notes the start of a run.
func (s *sessions) began(run heal.RunFact, now time.Time) {
	if s == nil {
		return
	}
	s.begun, s.activity = now, activity{}
	if up := kernel.SinceBoot() - kernel.StartedAt(run.StartTicks); run.StartTicks > 0 && up > 0 {
		s.begun = now.Add(-up)
	}
}

// seen adds what the sessions show to a look.
func (s *sessions) seen(m *sample) {
	if s == nil {
		return
	}
	s.activity.see(*m)
	m.sessions = s.findings(session.Facts{Now: time.Now(), Works: lasts(s.activity.idle, m.at) < idleTool}, s.begun)
}

// idleTool is how long the processes of a tool must do nothing for it to hang.
const idleTool = time.Minute

// lookSessions judges a record as soon as it is there. What only time tells is for the samples.
func (a *Agent) lookSessions() {
	found := a.sessions.findings(session.Facts{Now: time.Now(), Works: true}, a.sessions.begun)
	a.noteLimit(found)
	for _, w := range a.watches {
		if w.session && w.Witness == heal.WitnessSession {
			a.tell(w, sample{sessions: found})
		}
	}
}

// noteLimit tells once until when a living agent waits for a limit to end. Nothing is done about it, and
// nothing is spent: it is no failure.
func (a *Agent) noteLimit(found []session.Finding) {
	for _, f := range found {
		until := time.Now().Add(f.Vote.Wait).Round(time.Second)
		if f.Situation != session.SituationLimited || f.Vote.Wait == 0 || until.Sub(a.sessions.limited).Abs() <= time.Second {
			continue
		}
		a.sessions.limited = until
		a.sink.Noted(a.spec.Agent, "session_limited: waits until "+until.Format(time.RFC3339)+": "+f.Vote.Why)
	}
}

// lastFinding is what the sessions say about the end of a run; false for nothing.
func (a *Agent) lastFinding(exit heal.Exit) (session.Finding, bool) {
	if a.sessions == nil {
		return session.Finding{}, false
	}
	found := a.sessions.findings(session.Facts{Now: time.Now(), Over: true}, a.sessions.begun)
	for _, situation := range session.Situations {
		for _, f := range found {
			// Of a run that says itself why it failed, an open turn tells nothing more.
			says := f.Situation == session.SituationUnfinished && exit.Failed() && exit.Signal == ""
			if f.Situation == situation && !says {
				return f, true
			}
		}
	}
	return session.Finding{}, false
}
