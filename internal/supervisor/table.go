package supervisor

// state is where a unit stands.
type state int

const (
	down state = iota
	running
	// stopping: the stop signal was sent, the grace runs.
	stopping
	// killing: KILL was sent, the set is not empty yet.
	killing
	// stuck: something survived KILL; no second copy may be started.
	stuck
	states
)

var stateNames = [states]string{"down", "running", "stopping", "killing", "unkillable"}

func (s state) String() string { return stateNames[s] }

// event is what can happen to a unit.
type event int

const (
	// wantStart and wantStop are commands.
	wantStart event = iota
	wantStop
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
	down:     {wantStart: {running, launch}, wantStop: {down, already}, leaderEnded: {down, ignore}, graceOver: {down, ignore}, setEmpty: {down, ignore}},
	running:  {wantStart: {running, already}, wantStop: {stopping, terminate}, leaderEnded: {stopping, sweep}, graceOver: {running, ignore}, setEmpty: {running, ignore}},
	stopping: {wantStart: {stopping, queue}, wantStop: {stopping, queue}, leaderEnded: {stopping, note}, graceOver: {killing, kill}, setEmpty: {down, settle}},
	killing:  {wantStart: {killing, queue}, wantStop: {killing, queue}, leaderEnded: {killing, note}, graceOver: {stuck, giveUp}, setEmpty: {down, settle}},
	stuck:    {wantStart: {stuck, refuse}, wantStop: {killing, killAgain}, leaderEnded: {stuck, note}, graceOver: {stuck, ignore}, setEmpty: {down, settle}},
}
