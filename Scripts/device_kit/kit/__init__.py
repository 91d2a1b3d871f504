"""The machinery of device-run: the unpacked kit, its child processes, and the reports of parts."""
