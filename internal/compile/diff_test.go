package compile

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
)

// TestReloadSeesEveryField changes each field of an agent, however deep it lies: a reload that
// overlooks one leaves the old policy in force and says nothing.
func TestReloadSeesEveryField(t *testing.T) {
	base := reflect.ValueOf(config.Agent{Name: "a"})
	walkFields(base.Type(), nil, func(path []int, name string) {
		if slices.ContainsFunc(elsewhere, func(skip string) bool { return name == skip || strings.HasPrefix(name, skip+".") }) {
			return
		}
		changed := reflect.New(base.Type()).Elem()
		changed.Set(base)
		field := changed.FieldByIndex(path)
		if !alter(field) {
			t.Errorf("nobody knows how to change %s, a %s", name, field.Type())
			return
		}
		d := Compare([]Agent{{Agent: base.Interface().(config.Agent)}}, []Agent{{Agent: changed.Interface().(config.Agent)}})
		if d.Empty() {
			t.Errorf("a change of %s is not seen", name)
		}
	})
}

// walkFields visits all fields that are no structs of our own.
func walkFields(t reflect.Type, path []int, visit func(path []int, name string)) {
	walkNamed(t, path, "", visit)
}

func walkNamed(t reflect.Type, path []int, prefix string, visit func(path []int, name string)) {
	for i := range t.NumField() {
		f, at := t.Field(i), append(slices.Clone(path), i)
		if f.Type.Kind() == reflect.Struct {
			walkNamed(f.Type, at, prefix+f.Name+".", visit)
			continue
		}
		visit(at, prefix+f.Name)
	}
}

// alter makes a value different from what it was.
func alter(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + int64(time.Second))
	case reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	default:
		return false
	}
	return true
}

// TestReloadKnowsEveryPartOfThePolicy: what is added to a policy must be compared somewhere.
func TestReloadKnowsEveryPartOfThePolicy(t *testing.T) {
	known := []string{"Agents", "Dependencies", "Host", "Served", "Notify", "StateDir", "Fleet", "Prices"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.Policy]()) {
		if len(f.Index) == 1 && !slices.Contains(known, f.Name) {
			t.Errorf("reread does not compare %s", f.Name)
		}
	}
}

// TestReloadSeesWhatADetectorSays: every attribute of a block counts, not only those that somebody
// thought of.
func TestReloadSeesWhatADetectorSays(t *testing.T) {
	table := [][2]string{
		{"limits { cpu = \"50%\" }\n  detect \"spin\" \"x\" {}", "limits { cpu = \"90%\" }\n  detect \"spin\" \"x\" {}"},
		{`detect "silence" "x" { for = "1m" }`, `detect "silence" "x" { for = "2m" }`},
		{`detect "heartbeat" "x" { missing_for = "1m" }`, `detect "heartbeat" "x" { missing_for = "2m" }`},
		{`detect "reading" "x" { 
  command = ["true"] 
  above = 3 
 }`, `detect "reading" "x" { 
  command = ["false"] 
  above = 3 
 }`},
	}
	for _, row := range table {
		if specOf(t, row[0]).Same(specOf(t, row[1])) {
			t.Errorf("%s and %s are taken for the same", row[0], row[1])
		}
		if !specOf(t, row[0]).Same(specOf(t, row[0])) {
			t.Errorf("%s differs from itself", row[0])
		}
	}
}

func specOf(t *testing.T, block string) detect.Spec {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte("agent \"a\" {\n  command = [\"true\"]\n  "+block+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, diags := detect.Decode(p.Agents[0])
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return s
}
