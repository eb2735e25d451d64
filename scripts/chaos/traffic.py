"""Traffic inside a guest, with every packet accounted for. Ends with its standard input.

  traffic.py ping ADDRESS MS        an echo request every MS milliseconds
  traffic.py tcp-serve PORT         counts the bytes of connections
  traffic.py tcp-send ADDRESS PORT  sends 1,000 bytes every 2 ms, and connects again when that ends
  traffic.py sniff JSON             {"sources": [MAC], "noise": [HEX], "every": S}: sends the frames of noise every S
                                    seconds, counts frames that come from any MAC address but these

ping and tcp-serve answer questions: a line [FROM, TO] in seconds of CLOCK_MONOTONIC in, a line with what was lost and the
longest gap in that time out. sniff answers once, at its end.
"""
import bisect
import json
import os
import select
import socket
import struct
import sys
import time
from array import array

PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33  # socket(7); Python has no name for it
ETH_P_ALL = 3
NOISE_EVERY_S = 0.05
BUFFER_BYTES = 4 << 20


def say(record):
    print(json.dumps(record), flush=True)


class Questions:
    """Lines of standard input, as far as they have come."""

    def __init__(self, answer):
        self.answer, self.rest = answer, b''

    def read(self):
        """False at the end."""
        data = os.read(0, 65536)
        *lines, self.rest = (self.rest + data).split(b'\n')
        for line in lines:
            say(self.answer(*json.loads(line)))
        return bool(data)


def longest_gap(times, begin, end):
    """Seconds without any of the ascending times, as far as they lie in the window."""
    inside = [begin, *times[bisect.bisect_left(times, begin):bisect.bisect_right(times, end)], end]
    return max(b - a for a, b in zip(inside, inside[1:]))


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping(address, interval):
    link = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    link.setblocking(False)
    ident = os.getpid() & 0xFFFF
    sent, answered, arrivals = array('d'), array('d'), array('d')

    def send():
        payload = struct.pack('!HHQ', ident, len(sent) & 0xFFFF, len(sent))
        header = struct.pack('!BBH', 8, 0, checksum(b'\x08\x00\x00\x00' + payload))
        sent.append(time.monotonic())
        answered.append(0)
        try:
            link.sendto(header + payload, (address, 0))
        except OSError:
            pass  # not sent is as good as lost

    def receive():
        while True:
            try:
                data = link.recv(2048)
            except BlockingIOError:
                return
            message = data[(data[0] & 15) * 4:]
            if message[0] == 0 and struct.unpack('!H', message[4:6])[0] == ident and len(message) >= 16:
                number = struct.unpack('!Q', message[8:16])[0]
                if number < len(answered) and not answered[number]:
                    answered[number] = time.monotonic()
                    arrivals.append(answered[number])

    def answer(begin, end):
        first, last = bisect.bisect_left(sent, begin), bisect.bisect_right(sent, end)
        lost = sum(1 for i in range(first, last) if not answered[i])
        gap = longest_gap(arrivals, begin, end)
        return {'sent': last - first, 'lost': lost, 'gapS': gap}

    questions = Questions(answer)
    due = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            send()
            due = max(due + interval, now)  # what was missed while we did not run is not caught up
            continue
        ready, _, _ = select.select([link, 0], [], [], due - now)
        if link in ready:
            receive()
        if 0 in ready and not questions.read():
            return


def tcp_serve(port):
    server = socket.create_server(('', port))
    server.setblocking(False)
    arrivals, sizes, clients, counts = array('d'), array('L'), [], {'connections': 0}

    def answer(begin, end):
        first, last = bisect.bisect_left(arrivals, begin), bisect.bisect_right(arrivals, end)
        gap = longest_gap(arrivals, begin, end)
        return {'bytes': sum(sizes[first:last]), 'gapS': gap, 'connections': counts['connections']}

    questions = Questions(answer)
    while True:
        ready, _, _ = select.select([server, 0, *clients], [], [])
        if server in ready:
            clients.append(server.accept()[0])
            counts['connections'] += 1
        for client in [each for each in clients if each in ready]:
            try:
                data = client.recv(65536)
            except OSError:
                data = b''
            if data:
                arrivals.append(time.monotonic())
                sizes.append(len(data))
            else:
                clients.remove(client)
        if 0 in ready and not questions.read():
            return


def tcp_send(address, port):
    while True:
        try:
            with socket.create_connection((address, port), timeout=2) as link:
                link.settimeout(120)
                while not ended(0.002):
                    link.send(bytes(1000))
                return
        except OSError:
            if ended(0.1):
                return


def ended(seconds):
    """Waits; true when standard input has ended."""
    return bool(select.select([0], [], [], seconds)[0])


def sniff(sources, noise, every=NOISE_EVERY_S):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    link.bind(('eth0', ETH_P_ALL))
    known = {bytes.fromhex(mac.replace(':', '')) for mac in sources}
    frames, strange = 0, []
    due = time.monotonic()
    while True:
        ready, _, _ = select.select([link, 0], [], [], max(due - time.monotonic(), 0))
        if link in ready:
            data, address = link.recvfrom(65536)
            if address[2] != PACKET_OUTGOING:
                frames += 1
                if data[6:12] not in known:
                    strange.append([time.monotonic(), data[:64].hex()])
        if 0 in ready:
            say({'frames': frames, 'strange': len(strange), 'samples': strange[:20]})
            return
        if time.monotonic() >= due:
            due = time.monotonic() + every
            for frame in noise:
                try:
                    link.send(bytes.fromhex(frame))
                except OSError:
                    pass  # the link is down for the moment


def main(arguments):
    mode, *rest = arguments
    if mode == 'ping':
        ping(rest[0], float(rest[1]) / 1000)
    elif mode == 'tcp-serve':
        tcp_serve(int(rest[0]))
    elif mode == 'tcp-send':
        tcp_send(rest[0], int(rest[1]))
    else:
        sniff(**json.loads(rest[0]))


if __name__ == '__main__':
    main(sys.argv[1:])
