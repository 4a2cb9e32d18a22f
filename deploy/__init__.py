"""How the system is deployed: containers, a cluster, or one machine."""
