  detect "probe_http" "health" {
    url     = "http://127.0.0.1:11434/"
    startup = "30s"
    every   = "10s"
  }
  compensate "port" {
    port = "127.0.0.1:11434"
  }
  # Fewer requests at a time need less memory.
  env = { OLLAMA_NUM_PARALLEL = "2" }
  tunable "OLLAMA_NUM_PARALLEL" {
    value = 2
    min   = 1
  }
  stop {
    grace = "20s"
  }
  heal {
    verify_for = "1m"
  }
