"""The devices of the small plant: real protocol stacks as servers. usage: devices.py mixer|press|tank FOLDER"""

import asyncio
import ctypes
import logging
import pathlib
import sys
import time

import plant


async def mixer(folder):
    """A Modbus controller: 200 registers and 64 coils per table, unit 1; also with serial framing, and in TLS."""
    from pymodbus import FramerType, ModbusDeviceIdentification
    from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
    from pymodbus.server import ModbusTcpServer, ModbusTlsServer, ModbusUdpServer

    block = lambda count, value: ModbusSequentialDataBlock(1, [value] * count)
    device = ModbusDeviceContext(di=block(64, 0), co=block(64, 0), hr=block(200, 17), ir=block(200, 41))
    identity = ModbusDeviceIdentification(
        info_name={"VendorName": "Mixwell", "ProductCode": "MX-200", "MajorMinorRevision": "3.4.1", "ProductName": "Mixer controller"}
    )
    context = ModbusServerContext(devices={1: device}, single=False)
    host = plant.HOSTS["plc-mixer"][0]
    serial = {"framer": FramerType.RTU, "identity": identity, "address": (host, plant.SERIAL_PORT)}
    servers = [
        ModbusTcpServer(context, **serial),
        ModbusUdpServer(context, **serial),
        ModbusTlsServer(context, identity=identity, address=(host, 802), sslctx=plant.tls(folder, "plc-mixer", "hmi-1")),
        ModbusTcpServer(context, identity=identity, address=(host, 502)),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def press():
    """An S7 controller with data blocks 1 and 10."""
    from snap7.server import Server
    from snap7.type import SrvArea

    server = Server()
    blocks = {number: (ctypes.c_uint8 * 256)(*range(256)) for number in (1, 10)}
    for number, data in blocks.items():
        server.register_area(SrvArea.DB, number, data)
    server.start(tcp_port=102)
    while True:
        time.sleep(60)


async def tank(folder):
    """An OPC UA gateway of a tank: level, setpoint, pump, and a method that empties it."""
    from asyncua import Server, ua, uamethod
    from asyncua.server.user_managers import UserManager
    from asyncua.crypto.permission_rules import User, UserRole

    class Everyone(UserManager):
        def get_user(self, iserver, username=None, password=None, certificate=None):
            return User(role=UserRole.Admin, name=username or "anonymous")

    server = Server(user_manager=Everyone())
    await server.init()
    server.set_endpoint(f"opc.tcp://{plant.HOSTS['gw-tank'][0]}:4840/tank")
    server.set_server_name("Tank gateway")
    await server.set_application_uri("urn:plant:gw-tank")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_Sign])
    await server.load_certificate(folder / "gw-tank.der")
    await server.load_private_key(folder / "gw-tank.pem")
    space = await server.register_namespace("urn:plant:tank")
    object = await server.nodes.objects.add_object(ua.NodeId("Tank", space), "Tank")
    level = await object.add_variable(ua.NodeId("Tank.Level", space), "Level", 12.5)
    setpoint = await object.add_variable(ua.NodeId("Tank.Setpoint", space), "Setpoint", 40.0)
    pump = await object.add_variable(ua.NodeId("Tank.Pump", space), "Pump", False)
    for node in (setpoint, pump):
        await node.set_writable()

    @uamethod
    async def empty(parent):
        await level.write_value(0.0)

    await object.add_method(ua.NodeId("Tank.Empty", space), "Empty", empty, [], [])
    async with server:
        while True:
            await asyncio.sleep(0.5)
            await level.write_value(await level.read_value() + 0.1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    device, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if device == "press":
        press()
    else:
        asyncio.run({"mixer": mixer, "tank": tank}[device](folder))
