# Reads a pcapng file by the text of draft-ietf-opsawg-pcapng, and prints its packets with their comments as JSON: a second
# reader beside tcpdump, which does not show comments. Fails on anything that is not whole.
import json, struct, sys

data = open(sys.argv[1], 'rb').read()
at, packets, interfaces = 0, [], []


def options(body):
    found = []
    while body:
        code, length = struct.unpack('<HH', body[:4])
        value, body = body[4:4 + length], body[4 + (length + 3) // 4 * 4:]
        assert len(value) == length
        if code == 0:
            assert not body and length == 0
            return found
        found.append((code, value.decode()))
    raise AssertionError('no end of options')


while at < len(data):
    kind, length = struct.unpack('<II', data[at:at + 8])
    assert length % 4 == 0 and struct.unpack('<I', data[at + length - 4:at + length])[0] == length, at
    body = data[at + 8:at + length - 4]
    if kind == 0x0A0D0D0A:
        assert at == 0 and struct.unpack('<IHHq', body[:16]) == (0x1A2B3C4D, 1, 0, -1)
        options(body[16:])
    elif kind == 1:
        assert struct.unpack('<HHI', body[:8]) == (1, 0, 0)
        interfaces.append(dict(options(body[8:])))
    elif kind == 6:
        interface, high, low, captured, original = struct.unpack('<IIIII', body[:20])
        assert interface == 0 and original >= captured
        comments = [text for code, text in options(body[20 + (captured + 3) // 4 * 4:]) if code == 1]
        time = ((high << 32) | low) / 1e6
        packets.append({'time': time, 'frame': body[20:20 + captured].hex(), 'original': original, 'comments': comments})
    else:
        raise AssertionError(f'block type {kind}')
    at += length

print(json.dumps({'interfaces': [known[2] for known in interfaces], 'packets': packets}))
