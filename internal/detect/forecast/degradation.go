package forecast

import (
	"math"
	"time"
)

const (
	// slack and threshold are k and h of the CUSUM: one false alarm a week over 50
	// metrics at a sample every ten seconds (ENGINE.md 2.10).
	slack, threshold = 0.5, 13.1
	// halfLife of the baseline, learnFor how many readings it takes to have one.
	halfLife = time.Hour
	learnFor = 60
	// surprise caps one reading: a single spike is no trend.
	surprise = 4
	// leastSpread keeps a constant metric from alarming on its last digit.
	leastSpread = 0.01
	// material is the share of the baseline by which the last readings must be worse, over about
	// lately of them: what follows the hours of the day is less. What is a jump of so many
	// spreads over about earlier of them does not follow these.
	material, lately, earlier, jump = 0.2, 8, 80, 1
)

// Degradation judges whether something that should stay as it is gets worse, that is,
// larger. What follows from one another is taken out first (an autoregression of one
// step), or the alarms of a smooth metric would be fiction.
type Degradation struct {
	count            int
	last             time.Duration
	mean, variance   float64
	covariance, past float64
	sum              float64
	// recent and longer are fading means of the deviation over lately and earlier readings.
	recent, longer float64
	jumped, alarm  bool
}

// Add takes a reading and reports whether it is alarmed, and whether that changed.
func (d *Degradation) Add(at time.Duration, value float64) (alarm, changed bool) {
	d.count++
	if d.count == 1 {
		d.mean, d.last, d.past = value, at, 0
		return false, false
	}
	deviation := value - d.mean
	spread := max(math.Sqrt(d.variance), leastSpread*math.Abs(d.mean))
	follow := 0.0
	if d.variance > 0 {
		follow = min(max(d.covariance/d.variance, 0), 0.95)
	}
	if d.count > learnFor && spread > 0 {
		residual := (deviation - follow*d.past) / (spread * math.Sqrt(1-follow*follow))
		d.sum = max(d.sum+min(residual, surprise)-slack, 0)
		d.sum = min(d.sum, 2*threshold)
	}
	matters := d.matters(min(deviation, surprise*spread), spread)
	was := d.alarm
	switch {
	case d.sum > threshold && matters:
		d.alarm = true
	case d.sum == 0:
		d.alarm, d.jumped = false, false
	}
	if !d.alarm && (d.sum < threshold/2 || !matters) {
		d.learn(at, deviation)
	}
	d.past, d.last = deviation, at
	return d.alarm, d.alarm != was
}

// matters reports that the last readings are so much worse, or so suddenly, that it is more than
// a day's ups and downs.
func (d *Degradation) matters(deviation, spread float64) bool {
	d.recent += (deviation - d.recent) / lately
	d.longer += (deviation - d.longer) / earlier
	d.jumped = d.jumped || d.recent-d.longer > jump*spread
	return d.jumped || d.recent > material*math.Abs(d.mean)
}

// Usual is the baseline.
func (d *Degradation) Usual() float64 { return d.mean }

// learn fades the baseline towards the reading. While what is suspicious matters it is frozen.
func (d *Degradation) learn(at time.Duration, deviation float64) {
	weight := 1 - math.Exp2(-float64(at-d.last)/float64(halfLife))
	weight = max(weight, 1/float64(d.count))
	d.mean += weight * deviation
	d.variance += weight * (deviation*deviation - d.variance)
	d.covariance += weight * (deviation*d.past - d.covariance)
}
