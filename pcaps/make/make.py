#!/usr/bin/env python3
"""Makes the captures of this folder anew: a small plant in network namespaces, real stacks, a mirror port.

usage: python3 pcaps/make/make.py [SCENARIO …]      (as root; needs iproute2, ethtool, tcpdump, and
       pip install pymodbus==3.16.1 python-snap7==3.3.0 asyncua==2.1.0)

Captures made again differ in times, ports and sequence numbers, not in what is to be found in them.
"""

import asyncio
import datetime
import importlib.metadata
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import plant

HERE = pathlib.Path(__file__).parent
DEVICES = [("plc-mixer", "mixer"), ("plc-press", "press"), ("gw-tank", "tank")]

# capture -> (host, deed) in the order that they begin; deeds of one list run side by side
SCENARIOS = {
    "normal": [
        ("hmi-1", "operate_mixer"), ("historian", "archive_mixer"), ("hmi-1", "operate_press"), ("historian", "archive_press"),
        ("hmi-2", "operate_tank"), ("historian", "archive_tank"), ("eng-1", "identify_mixer"), ("eng-1", "identify_press"),
    ],
    "foreign-laptop-writes": [("hmi-1", "operate_mixer"), ("laptop", "write_registers")],
    "plc-stop": [("hmi-1", "operate_press"), ("laptop", "stop_press")],
    "program-download": [("eng-1", "download_press")],
    "register-scan": [("laptop", "scan_registers")],
    "exception-storm": [("historian", "storm_exceptions")],
    "opcua-no-security": [("laptop", "open_tank")],
    "browse-walk": [("laptop", "walk_tank")],
    "modbus-rtu": [("hmi-1", "operate_mixer_serially")],
    "modbus-tls": [("hmi-1", "operate_mixer_securely")],
    "opcua-pubsub": [("gw-tank", "publish_tank"), ("plc-mixer", "publish_frames")],
}


def certificates(folder):
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    for name in ("gw-tank", "hmi-2", "historian"):
        use = [ExtendedKeyUsageOID.SERVER_AUTH if name == "gw-tank" else ExtendedKeyUsageOID.CLIENT_AUTH]
        subject = {"organizationName": "Small plant", "commonName": name}
        asyncio.run(setup_self_signed_certificate(
            folder / f"{name}.pem", folder / f"{name}.der", f"urn:plant:{name}", socket.gethostname(), use, subject))


def modbus_certificates(folder):
    """Certificates of MODBUS/TCP Security: the client's names its role in an extension."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    role = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.50316.802.1"), b"\x0c\x08Operator")
    for name in ("hmi-1", "plc-mixer"):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Small plant"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=3650))
        )
        if name == "hmi-1":
            builder = builder.add_extension(role, critical=False)
        certificate = builder.sign(key, hashes.SHA256())
        (folder / f"{name}.modbus.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.modbus.key").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def start_devices(folder):
    words = [sys.executable, str(HERE / "devices.py")]
    devices = [subprocess.Popen(plant.inside(host, *words, device, str(folder))) for host, device in DEVICES]
    for (host, _), device in zip(DEVICES, devices):
        wait_for(host, device)
    return devices


def wait_for(host, device):
    """Waits until a device listens."""
    for _ in range(300):
        if device.poll() is not None:
            raise SystemExit(f"{host} ended at once")
        if subprocess.run(plant.inside(host, "ss", "-ltnH"), capture_output=True, check=True).stdout.strip():
            return
        time.sleep(0.2)
    raise SystemExit(f"{host} does not listen")


def make(name, folder):
    devices = start_devices(folder)
    path = HERE.parent / f"{name}.pcap"
    recorder = plant.record(path)
    try:
        deeds = [
            subprocess.Popen(plant.inside(host, sys.executable, str(HERE / "people.py"), deed, str(folder)))
            for host, deed in SCENARIOS[name]
        ]
        failed = [deed.args[-2] for deed in deeds if deed.wait(60)]
        if failed:
            raise SystemExit(f"{name}: failed: {failed}")
        time.sleep(1.5)
    finally:
        plant.finish(recorder)
        for device in devices:
            device.kill()
            device.wait()
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    versions = {package: importlib.metadata.version(package) for package in ("pymodbus", "python-snap7", "asyncua")}
    print(versions)
    names = sys.argv[1:] or list(SCENARIOS)
    plant.build()
    try:
        with tempfile.TemporaryDirectory() as folder:
            certificates(pathlib.Path(folder))
            modbus_certificates(pathlib.Path(folder))
            for name in names:
                make(name, pathlib.Path(folder))
    finally:
        plant.clear()


if __name__ == "__main__":
    main()
