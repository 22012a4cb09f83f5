package web

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"healer-sidecar/internal/heal"
)

// watcher is what a browser complains of, and whom it asks.
type watcher struct {
	mu               sync.Mutex
	complaints, asks []string
}

func (w *watcher) note(list *[]string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, text)
}

// browse opens the page in a real browser of some size.
func browse(t *testing.T, address string, width, height int64) (context.Context, *watcher) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium to open the page with")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(int(width), int(height)), chromedp.Flag("disable-quic", true))
	allocator, end := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(end)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	w := &watcher{}
	chromedp.ListenTarget(ctx, func(e any) {
		switch e := e.(type) {
		case *page.EventJavascriptDialogOpening:
			w.note(&w.complaints, "dialog: "+e.Message)
		case *runtime.EventExceptionThrown:
			w.note(&w.complaints, "exception: "+e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				w.note(&w.complaints, "console: "+e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			w.note(&w.asks, e.Request.URL)
		}
	})
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.EmulateViewport(width, height), chromedp.Navigate("http://"+address+"/#token="+secret), chromedp.WaitVisible(".card svg path", chromedp.ByQuery))
	if err != nil {
		t.Fatalf("the page does not show: %v; %v", err, w.complaints)
	}
	return ctx, w
}

// TestThePageShowsHostileWordsAsWords in every view, without a dialog, a request elsewhere or
// a complaint of the browser (FAULTS.md P41).
func TestThePageShowsHostileWordsAsWords(t *testing.T) {
	address := served(t, &backend{}, true)
	ctx, w := browse(t, address, 1280, 900)
	var texts [4]string
	err := chromedp.Run(ctx,
		chromedp.Text("main", &texts[0], chromedp.ByQuery),
		chromedp.Click(`[data-view="incidents"]`, chromedp.ByQuery), chromedp.WaitVisible("#list button", chromedp.ByQuery),
		chromedp.Click("#list li:nth-child(3) button", chromedp.ByQuery), chromedp.WaitVisible("#story h4", chromedp.ByQuery), chromedp.Text("#story", &texts[1], chromedp.ByQuery),
		chromedp.Click(`[data-view="patterns"]`, chromedp.ByQuery), chromedp.WaitVisible("#learned table", chromedp.ByQuery), chromedp.Text("#learned", &texts[2], chromedp.ByQuery),
		chromedp.Click(`[data-view="policy"]`, chromedp.ByQuery), chromedp.WaitVisible("#inforce .card", chromedp.ByQuery), chromedp.Text("#inforce", &texts[3], chromedp.ByQuery),
	)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if !strings.Contains(text, "<img src=x onerror=alert(1)>") {
			t.Errorf("view %d does not show the words as they are: %.200s", i, text)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.complaints) > 0 {
		t.Errorf("the browser complains: %v", w.complaints)
	}
	for _, url := range w.asks {
		if !strings.HasPrefix(url, "http://"+address+"/") {
			t.Errorf("it asks %s", url)
		}
	}
}

// TestThePageWorksByKeyboardOnAPhone, and an order is given only after it was confirmed.
func TestThePageWorksByKeyboardOnAPhone(t *testing.T) {
	b := &backend{}
	ctx, _ := browse(t, served(t, b, true), 390, 844)
	var wide bool
	err := chromedp.Run(ctx,
		chromedp.Evaluate("document.documentElement.scrollWidth > innerWidth", &wide),
		chromedp.Evaluate(`[...document.querySelectorAll('.card button')].find(b => b.textContent === 'release').focus()`, nil),
		chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("dialog[open]", chromedp.ByQuery),
		chromedp.KeyEvent(kb.Escape), chromedp.WaitNotPresent("dialog[open]", chromedp.ByQuery),
	)
	if err != nil || wide {
		t.Fatalf("%v; wider than the phone: %v", err, wide)
	}
	if all := b.given(); len(all) != 0 {
		t.Errorf("an order was given that was called off: %+v", all)
	}
	err = chromedp.Run(ctx,
		chromedp.Evaluate(`[...document.querySelectorAll('.card button')].find(b => b.textContent === 'release').focus()`, nil),
		chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("dialog[open]", chromedp.ByQuery),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitNotPresent("dialog[open]", chromedp.ByQuery),
	)
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); len(b.given()) == 0 && time.Since(begun) < 10*time.Second; time.Sleep(time.Millisecond) {
	}
	if all := b.given(); len(all) != 1 || all[0].Command != heal.CommandRelease {
		t.Errorf("orders %+v", all)
	}
}

// judged is what the page is held to: contrast, names, landmarks, and how soon it is seen.
const judged = `(() => {
  const faults = [];
  const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0.99) return c.rgb; } return [255, 255, 255]; };
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.className === 'skip') continue;
    const a = light(parse(getComputedStyle(e).color).rgb), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faults.push(e.tagName + ' ' + e.textContent.slice(0, 20) + ' has contrast ' + ratio.toFixed(2));
  }
  for (const b of document.querySelectorAll('button')) if (!b.textContent.trim()) faults.push('a button without a name');
  for (const s of document.querySelectorAll('svg[role=img]')) if (!s.getAttribute('aria-label')) faults.push('a chart without a name');
  for (const l of ['header', 'nav[aria-label]', 'main', 'h1']) if (document.querySelectorAll(l).length !== 1) faults.push('not one ' + l);
  if (!document.documentElement.lang || !document.title) faults.push('no language or no title');
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  if (new Set(ids).size !== ids.length) faults.push('an id twice');
  return faults;
})()`

func TestThePageCanBeReadByEverybody(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		ctx, _ := browse(t, served(t, &backend{}, true), 1280, 900)
		var faults []string
		var paint float64
		err := chromedp.Run(ctx,
			chromedp.ActionFunc(func(ctx context.Context) error { return emulate(ctx, scheme) }),
			chromedp.Evaluate(judged, &faults),
			chromedp.Evaluate(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`, &paint),
		)
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: %v, %v", scheme, err, faults)
		}
		t.Logf("%s: first paint after %.0f ms (wanted 300)", scheme, paint)
	}
}

func emulate(ctx context.Context, scheme string) error {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}).Do(ctx)
}
