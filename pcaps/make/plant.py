"""A small plant out of network namespaces: hosts on one bridge that floods, so that a mirror port sees everything.

Needs root and iproute2. Every host is a namespace with one interface; the bridge stands in a namespace of its own.
"""

import os
import ssl
import subprocess

PREFIX = "bhpcap-"
BRIDGE = PREFIX + "switch"

# name -> (address, hardware address): the address plan of policies/plant
HOSTS = {
    "hmi-1": ("10.10.10.10", "00:0c:29:1a:10:10"),
    "plc-mixer": ("10.10.10.21", "00:80:f4:0a:10:21"),
    "plc-press": ("10.10.10.31", "00:1b:1b:0a:10:31"),
    "laptop": ("10.10.10.99", "3c:97:0e:0a:10:99"),
    "hmi-2": ("10.10.20.10", "00:0c:29:1a:20:10"),
    "gw-tank": ("10.10.20.41", "00:01:05:0a:20:41"),
    "eng-1": ("10.10.30.10", "00:50:56:1a:30:10"),
    "historian": ("10.10.30.20", "00:50:56:1a:30:20"),
}

# where the mixer's gateway puts a serial line on the network
SERIAL_PORT = 4001


def tls(folder, name, peer):
    """TLS 1.2 as MODBUS/TCP Security wants it: both sides show a certificate, each knows the other's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if name == "plc-mixer" else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / f"{name}.modbus.crt", folder / f"{name}.modbus.key")
    context.load_verify_locations(folder / f"{peer}.modbus.crt")
    return context


def run(*words):
    subprocess.run(words, check=True)


def inside(host, *words):
    """The command line that runs `words` within a host."""
    return ["ip", "netns", "exec", PREFIX + host, *words]


def build():
    """Builds the plant anew."""
    clear()
    run("ip", "netns", "add", BRIDGE)
    run(*_in_switch("ip", "link", "add", "br0", "type", "bridge", "ageing_time", "0", "mcast_snooping", "0"))
    run(*_in_switch("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"))
    run(*_in_switch("ip", "link", "set", "br0", "up"))
    _mirror()
    for place, (name, (address, mac)) in enumerate(HOSTS.items()):
        _host(place, name, address, mac)


def clear():
    """Removes what an earlier run has left."""
    for namespace in [BRIDGE, *(PREFIX + name for name in HOSTS)]:
        subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL)


def record(path):
    """Starts recording the mirror port; stop it with `finish`."""
    recorder = subprocess.Popen(
        _in_switch("tcpdump", "-i", "mirror", "-U", "--immediate-mode", "-Z", "root", "-w", os.fspath(path), "not", "igmp"),
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in recorder.stderr:
        if "listening on" in line:
            return recorder
    raise SystemExit("tcpdump did not start")


def finish(recorder):
    recorder.terminate()
    recorder.communicate()


def _mirror():
    # a port of the bridge whose far end is watched: with ageing 0 the bridge floods every frame to it
    run(*_in_switch("ip", "link", "add", "mirror", "type", "veth", "peer", "name", "mirrored"))
    run(*_in_switch("ip", "link", "set", "mirrored", "master", "br0", "up"))
    run(*_in_switch("ip", "link", "set", "mirror", "up"))


def _host(place, name, address, mac):
    namespace, port = PREFIX + name, f"p{place}"
    run("ip", "netns", "add", namespace)
    run(*_in_switch("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace))
    run(*_in_switch("ip", "link", "set", port, "master", "br0", "up"))
    run(*inside(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"))
    run(*inside(name, "ip", "link", "set", "lo", "up"))
    run(*inside(name, "ip", "link", "set", "eth0", "address", mac))
    run(*inside(name, "ip", "addr", "add", address + "/16", "dev", "eth0"))
    run(*inside(name, "ip", "link", "set", "eth0", "up"))
    subprocess.run(inside(name, "ethtool", "-K", "eth0", "tx", "off", "gso", "off", "tso", "off"), stdout=subprocess.DEVNULL)


def _in_switch(*words):
    return ["ip", "netns", "exec", BRIDGE, *words]
