state_dir = "/tmp/w/st"
agent "a" {
  command = ["sh", "-c", "for i in 1 2 3 4; do date +%s%N >> /tmp/w/t; /tmp/pour; date +%s%N >> /tmp/w/t; sleep 2; done; sleep 100"]
  
}
