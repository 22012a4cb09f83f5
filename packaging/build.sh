#!/bin/sh
# Builds the packages for one architecture into dist/: static and, from the same source and
# tools, the same bytes each time.
set -eu
ARCH=$1
VERSION=${VERSION:-$(git describe --tags --always 2>/dev/null | sed 's/^v//' || echo 0)}
case $VERSION in [0-9]*.[0-9]*) ;; *) VERSION=0.0.0~$VERSION ;; esac
NFPM=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4
BOM=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
DIST=dist/$ARCH
export ARCH VERSION DIST
rm -rf "$DIST"
mkdir -p "$DIST/man" "$DIST/completions"
flags="-s -w -buildid= -X main.version=$VERSION"
CGO_ENABLED=0 GOOS=linux GOARCH=$ARCH go build -trimpath -buildvcs=false -ldflags="$flags" -o "$DIST/healer-sidecar" ./cmd/healer-sidecar
# Pages and completions come from the program itself, built for the machine that we are on.
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="$flags" -o "$DIST/native" ./cmd/healer-sidecar
"$DIST/native" man "$DIST/man"
"$DIST/native" completion bash >"$DIST/completions/healer-sidecar.bash"
"$DIST/native" completion zsh >"$DIST/completions/_healer-sidecar"
"$DIST/native" completion fish >"$DIST/completions/healer-sidecar.fish"
rm "$DIST/native"
go run "$BOM" mod -licenses=false -noserial -json -output "$DIST/sbom.cdx.json" . 2>/dev/null
# The time at which it was made is no part of what it is made of.
sed -i '/"timestamp":/d' "$DIST/sbom.cdx.json"
sed "s|\${ARCH}|$ARCH|; s|\${VERSION}|$VERSION|; s|\${DIST}|$DIST|" packaging/nfpm.yaml >"$DIST/nfpm.yaml"
for kind in deb rpm; do
  go run "$NFPM" package --config "$DIST/nfpm.yaml" --packager "$kind" --target dist/
done
