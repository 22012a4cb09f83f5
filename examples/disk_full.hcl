agent "hoarder" {
  command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
    "mkdir -p scratch && mount -t tmpfs -o size=1m scratch scratch && exec python3 disk_full.py"]
  dir = "."
  heal {
    verify_for = "1s"
  }
}
