#!/bin/sh
# install_peers.sh DIR: installs the supervisors that the comparison runs, and names in
# DIR/env where they are. What cannot be had is left out, with the reason.
set -u
dir=$1
mkdir -p "$dir"
: >"$dir/env"

apt-get install -y --no-install-recommends runit s6 daemontools supervisor monit ripgrep gcc libc6-dev python3 >"$dir/apt.log" 2>&1 ||
	echo "peers: apt-get could not install everything: see $dir/apt.log"

if ! command -v npm >/dev/null; then
	echo 'peers: pm2 is left out: no npm'
elif (mkdir -p "$dir/pm2" && cd "$dir/pm2" && echo '{}' >package.json && npm install pm2@7.0.4) >"$dir/npm.log" 2>&1; then
	echo "export HB_PM2=$dir/pm2/node_modules/.bin/pm2" >>"$dir/env"
else
	echo "peers: pm2 is left out: see $dir/npm.log"
fi

# go_peer NAME MODULE VERSION PACKAGE builds a peer of Go from its module.
go_peer() {
	mkdir -p "$dir/$1.src"
	printf 'module peers\n\ngo 1.24\n\nrequire %s %s\n' "$2" "$3" >"$dir/$1.src/go.mod"
	printf '//go:build tools\n\npackage peers\n\nimport _ "%s"\n' "$4" >"$dir/$1.src/tools.go"
	if (cd "$dir/$1.src" && GOFLAGS=-mod=mod go build -o "$dir/$1" "$4") >"$dir/$1.log" 2>&1; then
		name=$(echo "$1" | tr 'a-z-' 'A-Z_')
		echo "export HB_$name=$dir/$1 HB_${name}_VERSION=$3" >>"$dir/env"
	else
		echo "peers: $1 is left out: see $dir/$1.log"
	fi
}
go_peer process-compose github.com/f1bonacc1/process-compose v1.64.1 github.com/f1bonacc1/process-compose/src
go_peer pebble github.com/canonical/pebble v1.17.0 github.com/canonical/pebble/cmd/pebble
