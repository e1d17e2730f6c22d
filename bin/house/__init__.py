"""The house around the rooms: finding or starting the engine and the broker, running the processes, testing it all.

Run by `bin/up`, `bin/dev` and `bin/test` once `bin/lib/setup.sh` has made the Python environment. No room imports this.
"""
