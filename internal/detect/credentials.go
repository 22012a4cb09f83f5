package detect

import (
	"context"
	"os"
	"time"

	"healer-sidecar/internal/detect/follow"
)

// Credentials tells when one of the files has changed, until the context ends. Nothing is
// ever written to them.
func Credentials(ctx context.Context, paths []string, w *follow.Watcher, changed func()) {
	if len(paths) == 0 {
		return
	}
	news := make(chan struct{}, 1)
	before := map[string]stamp{}
	for _, path := range paths {
		before[path] = stampOf(path)
		w.Subscribe(path, news)
		defer w.Unsubscribe(path, news)
	}
	for {
		select {
		case <-news:
		case <-ctx.Done():
			return
		}
		fresh := false
		for _, path := range paths {
			now := stampOf(path)
			fresh = fresh || now != before[path] && now != stamp{}
			before[path] = now
		}
		if fresh {
			changed()
		}
	}
}

// stamp tells one content of a file from another, cheaply.
type stamp struct {
	size int64
	at   time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}
