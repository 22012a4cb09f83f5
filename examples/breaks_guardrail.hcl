agent "rogue" {
  command = ["python3", "breaks_guardrail.py"]
  dir     = "."
  detect "log" "stdout" {
    rule "guardrail" {
      match = "GUARDRAIL VIOLATION"
      type  = "safety_violation"
    }
  }
  heal {
    verify_for = "1s"
  }
}
