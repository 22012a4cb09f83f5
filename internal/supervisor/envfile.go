package supervisor

import (
	"bytes"
	"fmt"
	"io"

	"github.com/joho/godotenv"

	"healer-sidecar/internal/host/fsys"
)

// maxEnvFile is the largest file of variables, in bytes: an environment may not be larger than
// some megabytes anyway.
const maxEnvFile = 1 << 20

// readEnvFiles reads variables from files of lines NAME=VALUE; a later file goes over an earlier
// one. Errors never say what a file holds: it may hold secrets.
func readEnvFiles(paths []string) (map[string]string, error) {
	all := map[string]string{}
	for _, path := range paths {
		f, err := fsys.OpenRegular(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read env_file: %w", err)
		}
		b, err := io.ReadAll(io.LimitReader(f, maxEnvFile+1))
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot read env_file: %w", err)
		}
		if len(b) > maxEnvFile {
			return nil, fmt.Errorf("cannot read env_file %s: it is larger than 1 MiB", path)
		}
		found, err := godotenv.Parse(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("cannot read env_file %s: a line is not NAME=VALUE", path)
		}
		for name, value := range found {
			all[name] = value
		}
	}
	return all, nil
}
