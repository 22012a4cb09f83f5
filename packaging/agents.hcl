# The agents of this host. Write yours here, or in other .hcl files of this directory, as in
#
#   agent "researcher" {
#     command = ["/usr/bin/python3", "/srv/researcher/agent.py"]
#     dir     = "/srv/researcher"
#   }
#
# healer-sidecar init --pid N proposes one for a program that is running;
# /usr/share/doc/healer-sidecar/example.hcl shows everything there is. Then:
#
#   healer-sidecar validate /etc/healer-sidecar && systemctl enable --now healer-sidecar
