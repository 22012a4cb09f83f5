package supervisor

// state is where a unit stands.
type state int

const (
	down state = iota
	running
	// draining: it was told to bring its work to an end, and has time for that.
	draining
	// stopping: the stop signal was sent, the grace runs.
	stopping
	// killing: KILL was sent, the set is not empty yet.
	killing
	// stuck: something survived KILL; no second copy may be started.
	stuck
	states
)

var stateNames = [states]string{"down", "running", "draining", "stopping", "killing", "unkillable"}

func (s state) String() string { return stateNames[s] }

// event is what can happen to a unit.
type event int

const (
	// wantStart, wantStop and wantDrain are commands; the last is a stop that lets the agent
	// bring its work to an end.
	wantStart event = iota
	wantStop
	wantDrain
	// leaderEnded: the process that was started has ended.
	leaderEnded
	// graceOver: the time of the present rung of the stop ladder is over.
	graceOver
	// setEmpty: no process of the run is left.
	setEmpty
	events
)

// action is what a cell of the table does.
type action int

const (
	ignore action = iota
	// launch starts a run and answers the command.
	launch
	// already answers the command: it is so.
	already
	// queue answers the command when the set is empty.
	queue
	// refuse answers the command with ErrUnkillable.
	refuse
	// terminate sends the stop signal and queues the command.
	terminate
	// drain asks the leader to bring its work to an end, and queues the command; press sends
	// the stop signal when that has taken too long, finish when it is done, to what is left.
	drain
	press
	finish
	// kill sends KILL; killAgain queues the command too.
	kill
	killAgain
	// sweep ends what the leader left behind.
	sweep
	// note keeps the exit.
	note
	// giveUp tells everybody who waits that the set will not become empty.
	giveUp
	// settle closes the run and serves everybody who waits.
	settle
)

type cell struct {
	next state
	do   action
}

// table says for every state and event what follows. Cells that cannot occur are
// written out as ignored.
var table = [states][events]cell{
	down:     {wantStart: {running, launch}, wantStop: {down, already}, wantDrain: {down, already}, leaderEnded: {down, ignore}, graceOver: {down, ignore}, setEmpty: {down, ignore}},
	running:  {wantStart: {running, already}, wantStop: {stopping, terminate}, wantDrain: {draining, drain}, leaderEnded: {stopping, sweep}, graceOver: {running, ignore}, setEmpty: {running, ignore}},
	draining: {wantStart: {draining, queue}, wantStop: {stopping, terminate}, wantDrain: {draining, queue}, leaderEnded: {stopping, finish}, graceOver: {stopping, press}, setEmpty: {down, settle}},
	stopping: {wantStart: {stopping, queue}, wantStop: {stopping, queue}, wantDrain: {stopping, queue}, leaderEnded: {stopping, note}, graceOver: {killing, kill}, setEmpty: {down, settle}},
	killing:  {wantStart: {killing, queue}, wantStop: {killing, queue}, wantDrain: {killing, queue}, leaderEnded: {killing, note}, graceOver: {stuck, giveUp}, setEmpty: {down, settle}},
	stuck:    {wantStart: {stuck, refuse}, wantStop: {killing, killAgain}, wantDrain: {killing, killAgain}, leaderEnded: {stuck, note}, graceOver: {stuck, ignore}, setEmpty: {down, settle}},
}
