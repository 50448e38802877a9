"""How the gateway is run as several replicas: compose, Kubernetes, and the same on one machine."""
