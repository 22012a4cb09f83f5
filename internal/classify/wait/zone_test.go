package wait

import (
	"archive/zip"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the whole database, to compare with
)

var update = flag.Bool("update", false, "write zones.txt out of the Go tree's time zone database")

// TestZonesAreWritten writes zones.txt when asked.
func TestZonesAreWritten(t *testing.T) {
	if !*update {
		t.Skip("without -update")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("cannot find the Go tree: %v", err)
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatalf("cannot read the time zone database: %v", err)
	}
	defer archive.Close()
	var lines []string
	for _, f := range archive.File {
		file, err := f.Open()
		if err != nil {
			t.Fatalf("cannot open %s: %v", f.Name, err)
		}
		data, _ := io.ReadAll(file)
		file.Close()
		parts := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		if rule := parts[len(parts)-1]; strings.Contains(f.Name, "/") && rule != "" && len(parts) > 1 && !strings.ContainsAny(rule, "\x00 ") {
			lines = append(lines, f.Name+" "+rule)
		}
	}
	slices.Sort(lines)
	if err := os.WriteFile("zones.txt", []byte("\n"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lunar are the zones whose summer time follows the moon: no rule can say that, and they are an
// hour off for some weeks of a year.
var lunar = []string{"Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"}

// TestZonesAgreeWithTheDatabase compares each rule with the whole database over a year to come.
func TestZonesAgreeWithTheDatabase(t *testing.T) {
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(zoneRules, "\n")) {
		name, _, _ := strings.Cut(line, " ")
		whole, err := time.LoadLocation(name)
		if err != nil || slices.Contains(lunar, name) {
			continue // this Go has another edition of the database
		}
		n++
		ours := Zone(name)
		if ours == nil {
			t.Errorf("%s is not read", name)
			continue
		}
		for at := time.Date(2038, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() == 2038; at = at.Add(6 * time.Hour) {
			if _, want := at.In(whole).Zone(); want != offsetOf(at.In(ours)) {
				t.Errorf("%s at %s: %d, want %d", name, at, offsetOf(at.In(ours)), want)
				break
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d zones were compared", n)
	}
}

func offsetOf(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

func TestUnknownZones(t *testing.T) {
	for _, name := range []string{"", "Europe", "Europe/Nowhere", "CET-1", "\n", "Europe/Berlin CET"} {
		if Zone(name) != nil {
			t.Errorf("%q is taken for a zone", name)
		}
	}
}
