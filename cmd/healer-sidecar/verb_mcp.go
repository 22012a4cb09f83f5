package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/mcp"
	"healer-sidecar/internal/offline"
)

// mcpFlags are those of mcp.
type mcpFlags struct {
	clientFlags
	allow, listen, tokenFile string
	self                     bool
}

func verbMCP(std streams) *cobra.Command {
	var f mcpFlags
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Serve the Model Context Protocol for assistants, or for an agent itself",
		Long: `Serve the Model Context Protocol on standard input and output, or over HTTP on loopback.
An assistant can ask for status, explanations, events, logs, patterns and statistics, and check
policies. With --allow act it may also give orders, each with a reason, within the access classes of
the policy; it can never answer an approval question. With --self an agent asks about its own
restarts and reports; it runs under healer-sidecar and has HEALER_AGENT in its environment.`,
		Example: `  claude mcp add healer -- healer-sidecar mcp
  healer-sidecar mcp --allow act
  healer-sidecar mcp --http 127.0.0.1:7070`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), std) },
	}
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "state directory of the sidecar (default: the only one that is running)")
	cmd.Flags().StringVar(&f.config, "config", "", "policy that the sidecar was started with")
	cmd.Flags().StringVar(&f.socket, "socket", "", "socket that the access block of the policy opens for you")
	cmd.Flags().StringVar(&f.allow, "allow", "", `"act": also offer the tools that give orders`)
	cmd.Flags().BoolVar(&f.self, "self", false, "serve the agent that runs this, as HEALER_AGENT names it")
	cmd.Flags().StringVar(&f.listen, "http", "", "serve HTTP on this loopback address instead of standard input and output")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "file that holds the token for --http (default: a new token, printed at the start)")
	return cmd
}

func (f *mcpFlags) run(ctx context.Context, std streams) error {
	if f.allow != "" && f.allow != "act" {
		return badInput{fmt.Errorf("unknown value %q for --allow", f.allow), "the only value is act"}
	}
	if f.self && f.allow != "" {
		return badInput{errors.New("cannot combine --self and --allow"), "an agent reports and asks; it gives no orders"}
	}
	if mcp.ClearDebug() {
		return restartSelf()
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := mcp.New(o)
	if f.listen != "" {
		return f.serveHTTP(ctx, std, server)
	}
	err = server.Run(ctx, &sdk.StdioTransport{})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// restartSelf runs this program again in this process, without the variable that was cleared.
func restartSelf() error {
	path, err := os.Executable()
	if err == nil {
		err = syscall.Exec(path, os.Args, os.Environ())
	}
	return fmt.Errorf("cannot restart without MCPGODEBUG: %w", err)
}

func (f *mcpFlags) options() (mcp.Options, error) {
	o := mcp.Options{Version: version}
	if f.self {
		return f.selfOptions(o)
	}
	c, err := f.dial()
	if err != nil {
		return o, err
	}
	o.Reader, o.Policies = c, offlinePolicies{stateDir: offline.DirOf(c.Path())}
	if f.allow == "act" {
		o.Orders, o.User = c, userName()
	}
	return o, nil
}

// selfOptions are those of an agent's own server: its reports go to the socket in its environment,
// and its questions to the sidecar that gave it that socket.
func (f *mcpFlags) selfOptions(o mcp.Options) (mcp.Options, error) {
	agent, reports := os.Getenv("HEALER_AGENT"), os.Getenv("HEALER_SOCKET")
	if agent == "" || reports == "" {
		return o, badInput{errors.New("cannot serve an agent: HEALER_AGENT and HEALER_SOCKET are not set"),
			"start the agent under healer-sidecar, and pass its environment on to its MCP servers"}
	}
	o.Self = &mcp.Self{Agent: agent, RunID: os.Getenv("HEALER_RUN_ID"), Reporter: inbox.Dial(reports)}
	if f.stateDir == "" && f.socket == "" && f.config == "" {
		f.stateDir = stateDirOf(reports)
	}
	if c, err := f.dial(); err == nil { // without it the reports still work
		o.Reader = c
	}
	return o, nil
}

// stateDirOf is the state directory above an agent's report socket; empty when no sidecar answers.
func stateDirOf(socket string) string {
	for dir := filepath.Dir(socket); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := daemon.FindSockets(dir); err == nil {
			return dir
		}
	}
	return ""
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

// serveHTTP answers on a loopback address until the context ends.
func (f *mcpFlags) serveHTTP(ctx context.Context, std streams, server *sdk.Server) error {
	host, _, err := net.SplitHostPort(f.listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return badInput{fmt.Errorf("cannot listen on %q: it is not a loopback address", f.listen), "use 127.0.0.1:PORT"}
	}
	token, err := f.token()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fmt.Errorf("cannot serve MCP: %w", err)
	}
	fmt.Fprintf(std.err, "healer-sidecar: MCP at http://%s\n", listener.Addr())
	if f.tokenFile == "" {
		fmt.Fprintf(std.err, "healer-sidecar: send the header Authorization: Bearer %s\n", token)
	}
	s := &http.Server{Handler: mcp.Handler(server, token), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve MCP: %w", err)
	}
	return nil
}

func (f *mcpFlags) token() (string, error) {
	if f.tokenFile == "" {
		return rand.Text(), nil
	}
	text, err := os.ReadFile(f.tokenFile)
	if err != nil {
		return "", fmt.Errorf("cannot read token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return "", badInput{fmt.Errorf("cannot use the token in %s: it has fewer than 16 characters", f.tokenFile), "write a long random token there"}
	}
	return token, nil
}
