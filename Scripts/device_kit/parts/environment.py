"""Versions, devices and the loader: what this machine has, and whether the kit's programs load here."""
import json
import platform

from kit.measurement import Skip

LIMIT = 45


def measure(part):
    report = part.report
    report.add("Python", platform.python_version())
    report.add("glibc", platform.libc_ver()[1])
    kind = "with CUDA" if part.kit.built["cuda"] else "CPU only"
    report.add("torch of the kit", part.kit.built["torch"], beside=kind)
    if reason := part.kit.mismatch(part.device):
        report.fail(reason)
    with part.attempt("versions"):
        for name, value in part.script("versions", part.device, limit=35).items():
            report.add(name, value)
    with part.attempt("contraflow doctor"):
        doctor = json.loads(part.program("contraflow", "doctor", "--format", "json", limit=15).output)
        report.details["doctor"] = doctor
        for name in ("libtorch", "cuda", "training"):
            report.add(f"doctor: {name}", doctor.get(name, "-"))
        if doctor["training"] != "ready":
            report.fail(doctor["training"])
    with part.attempt("contraflow-worker devices"):
        if part.device == "cpu":
            raise Skip("for CUDA devices")
        devices = json.loads(part.program("contraflow-worker", "devices", limit=15).output)
        report.add("contraflow-worker devices", len(devices), beside=f"{devices[0]['total'] / 2**30:.1f} GiB")
    with part.attempt("libContraflowNCCL.so"):
        if not part.kit.built["cuda"]:
            raise Skip("the kit was built without CUDA")
        library = part.kit.program("libContraflowNCCL.so")
        part.script("load", library, limit=15, environment=part.kit.environment(part.device))
        report.add("libContraflowNCCL.so", "loads")
