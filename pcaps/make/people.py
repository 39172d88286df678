"""What the people of the small plant do, and what an intruder does: real protocol stacks as clients.

usage: people.py DEED FOLDER   (each deed is run within the host that the scenario names)
"""

import asyncio
import logging
import pathlib
import sys
import time

import plant

MIXER, PRESS, TANK = (plant.HOSTS[name][0] for name in ("plc-mixer", "plc-press", "gw-tank"))
TANK_URL = f"opc.tcp://{TANK}:4840/tank"


# --- Modbus -------------------------------------------------------------------------------------

def modbus():
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(MIXER, port=502, retries=0, timeout=2)
    assert client.connect()
    return client


def operate_mixer():
    """The HMI polls the mixer and now and then moves a setpoint."""
    client = modbus()
    for turn in range(12):
        client.read_holding_registers(0, count=10, device_id=1)
        client.read_input_registers(0, count=8, device_id=1)
        client.read_coils(0, count=8, device_id=1)
        if turn % 6 == 3:
            client.write_register(100, 40 + turn, device_id=1)
            client.write_coil(3, True, device_id=1)
        time.sleep(0.2)
    client.close()


def work_the_mixer(client):
    """Polls and a setpoint."""
    assert client.connect()
    for turn in range(6):
        client.read_holding_registers(0, count=10, device_id=1)
        client.read_coils(0, count=8, device_id=1)
        if turn == 3:
            client.write_register(100, 43, device_id=1)
        time.sleep(0.1)
    client.close()


def operate_mixer_serially():
    """The HMI reaches the mixer through a gateway that only carries the serial line, over TCP and UDP."""
    from pymodbus import FramerType
    from pymodbus.client import ModbusTcpClient, ModbusUdpClient

    for kind in (ModbusTcpClient, ModbusUdpClient):
        work_the_mixer(kind(MIXER, port=plant.SERIAL_PORT, framer=FramerType.RTU, retries=0, timeout=2))


def operate_mixer_securely(folder):
    """The HMI polls the mixer in TLS; its certificate names its role."""
    from pymodbus.client import ModbusTlsClient

    work_the_mixer(ModbusTlsClient(MIXER, port=802, sslctx=plant.tls(folder, "hmi-1", "plc-mixer"), retries=0, timeout=2))


def archive_mixer():
    """The historian reads the mixer."""
    client = modbus()
    for _ in range(6):
        client.read_holding_registers(0, count=50, device_id=1)
        time.sleep(0.4)
    client.close()


def identify_mixer():
    """The engineering station asks the mixer who it is."""
    client = modbus()
    client.read_device_information(read_code=1, object_id=0, device_id=1)
    client.close()


def write_registers():
    """Somebody overwrites setpoints."""
    client = modbus()
    for turn in range(20):
        client.write_registers(100, [900 + turn] * 4, device_id=1)
        client.write_register(40, 999, device_id=1)
        time.sleep(0.05)
    client.close()


def scan_registers():
    """Somebody walks the address space to learn what there is."""
    client = modbus()
    for address in range(0, 6000, 50):
        client.read_holding_registers(address, count=1, device_id=1)
    client.close()


def storm_exceptions():
    """A master asks again and again for what the mixer does not have."""
    client = modbus()
    for turn in range(60):
        client.read_holding_registers(5000 + turn % 3, count=4, device_id=1)
        time.sleep(0.01)
    client.close()


# --- S7 -----------------------------------------------------------------------------------------

def s7():
    from snap7.client import Client

    client = Client()
    client.connect(PRESS, 0, 1)
    return client


def operate_press():
    """The HMI polls the press and now and then moves a setpoint."""
    client = s7()
    for turn in range(10):
        client.db_read(1, 0, 16)
        if turn % 5 == 2:
            client.db_write(1, 4, bytearray([turn, 0]))
        time.sleep(0.2)
    client.disconnect()


def archive_press():
    """The historian reads the press."""
    client = s7()
    for _ in range(5):
        client.db_read(1, 0, 32)
        time.sleep(0.4)
    client.disconnect()


def identify_press():
    """The engineering station asks the press who it is."""
    client = s7()
    for ask in (client.get_cpu_info, client.get_order_code):
        try:
            ask()
        except Exception as problem:  # some stacks answer with less than others: the asking is what is recorded
            print("press:", problem)
    client.disconnect()


def stop_press():
    """Somebody stops the controller."""
    client = s7()
    client.plc_stop()
    client.disconnect()


def download_press():
    """Somebody loads a block into the controller."""
    client = s7()
    try:
        client.download(bytearray(range(200)), block_num=10)
    except Exception as problem:  # a refusal is recorded as well
        print("press:", problem)
    client.disconnect()


# --- OPC UA -------------------------------------------------------------------------------------

async def signed_client(folder, name, user):
    from asyncua import Client
    from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
    from asyncua.ua import MessageSecurityMode

    client = Client(TANK_URL, timeout=5)
    client.application_uri = f"urn:plant:{name}"
    client.set_user(user)
    client.set_password("not-a-secret-of-any-plant")
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        certificate=str(folder / f"{name}.der"),
        private_key=str(folder / f"{name}.pem"),
        server_certificate=str(folder / "gw-tank.der"),
        mode=MessageSecurityMode.Sign,
    )
    return client


def nodes(client):
    return [client.get_node(f"ns=2;s=Tank.{name}") for name in ("Level", "Setpoint", "Pump")]


async def operate_tank(folder):
    """The HMI reads the tank, subscribes to its level, and moves the setpoint."""
    async with await signed_client(folder, "hmi-2", "operator") as client:
        level, setpoint, pump = nodes(client)
        subscription = await client.create_subscription(200, Ignored())
        await subscription.subscribe_data_change(level)
        for turn in range(6):
            await client.read_values([level, setpoint, pump])
            if turn == 3:
                await setpoint.write_value(41.0)
            await asyncio.sleep(0.3)
        await subscription.delete()


async def archive_tank(folder):
    """The historian reads the tank."""
    async with await signed_client(folder, "historian", "archive") as client:
        for _ in range(4):
            await client.read_values(nodes(client))
            await asyncio.sleep(0.4)


async def open_tank(folder):
    """Somebody opens an anonymous session without security, writes, and calls the method that empties the tank."""
    from asyncua import Client, ua

    async with Client(TANK_URL, timeout=5) as client:
        _, setpoint, pump = nodes(client)
        await setpoint.write_value(99.0)
        await pump.write_value(True)
        await client.get_node("ns=2;s=Tank").call_method(ua.NodeId("Tank.Empty", 2))


async def walk_tank(folder):
    """Somebody walks everything that the gateway offers."""
    from asyncua import Client

    async with Client(TANK_URL, timeout=5) as client:
        waiting, seen = [client.nodes.objects], 0
        while waiting and seen < 120:
            node = waiting.pop(0)
            waiting += await node.get_children()
            seen += 1


def network_message(publisher, group, sequence, writers):
    """A UADP network message with one key frame for each writer, by its values."""
    from asyncua import ua
    from asyncua.pubsub import uadp

    return uadp.UadpNetworkMessage(
        uadp.UadpHeader(ua.UInt16(publisher)),
        uadp.UadpGroupHeader(ua.UInt16(group), ua.UInt32(1), ua.UInt16(1), ua.UInt16(sequence)),
        [ua.UInt16(writer) for writer in writers],
        Payload=[
            uadp.UadpDataSetVariant(uadp.UadpDataSetMessageHeader(SequenceNo=ua.UInt16(sequence)), [ua.Variant(value) for value in values])
            for values in writers.values()
        ],
    ).to_binary()


def publish_tank():
    """The gateway publishes level and pump to the group of all subscribers."""
    import socket

    address = plant.HOSTS["gw-tank"][0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        port.bind((address, 4840))
        for turn in range(10):
            message = network_message(2041, 100, turn, {1: [12.5 + turn, True], 2: [turn]})
            port.sendto(message, ("224.0.2.14", 4840))
            time.sleep(0.1)


def publish_frames():
    """The mixer publishes its speed in bare Ethernet frames, some of them in VLAN 20."""
    import socket

    mac = bytes.fromhex(plant.HOSTS["plc-mixer"][1].replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as port:
        port.bind(("eth0", 0))
        for turn in range(10):
            tag = b"\x81\x00\x00\x14" if turn % 2 else b""
            message = network_message(1021, 7, turn, {5: [1450.0 + turn]})
            port.send(b"\x01\x1b\x19\x00\x00\x01" + mac + tag + b"\xb6\x2c" + message)
            time.sleep(0.1)


class Ignored:
    def datachange_notification(self, node, value, data):
        pass


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    deed, folder = globals()[sys.argv[1]], pathlib.Path(sys.argv[2])
    if asyncio.iscoroutinefunction(deed):
        asyncio.run(deed(folder))
    elif deed is operate_mixer_securely:
        deed(folder)
    else:
        deed()
