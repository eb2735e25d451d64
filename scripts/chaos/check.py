"""Does the switch hold what the manifests say? An opinion independent of the program.

  check.py FOLDER...      looks once; exit code 0 when one of the folders is on the switch, 2 when none is
  check.py --serve        the same again and again: a line with folders (JSON array) in, a line with the result out
  check.py --snapshots    looks at generation marks all the time; a line in, a line out: how many looks saw two generations

A generation mark is a MAC address 02:67:GG:xx:xx:xx; one commit gives all of them another GG. A dump is one look at one
moment, so two generations in one dump are a state that never was in the manifests. OVS_RUNDIR says which switch.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

from expected import OWNER, CONNECTION, Expected, Manifests

BRIDGE = 'br-int'
MARK = re.compile(r'02:67:([0-9a-f]{2}):[0-9a-f:]{8}')
SHOWN = 20
SNAPSHOT_EVERY_S = 0.05


def run(*command, rundir=None):
    env = os.environ | {'OVS_RUNDIR': rundir} if rundir else None
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30, env=env).stdout


def dump(bridge=BRIDGE, rundir=None):
    return run('ovs-ofctl', '-O', 'OpenFlow15', '--no-names', '--no-stats', 'dump-flows', bridge, rundir=rundir)


def plugged():
    """OpenFlow port numbers of the bridge's interfaces."""
    interfaces = ['--columns=name,ofport', 'list', 'Interface']
    text = run('ovs-vsctl', '--timeout=10', '-f', 'json', *interfaces, '--', 'list-ports', BRIDGE)
    table, _, names = text.partition('\n')
    bridge = {*names.split(), BRIDGE}
    # A number that is not there is an empty set; -1 says that the device could not be opened.
    rows = json.loads(table)['data']
    return {name: ofport for name, ofport in rows if name in bridge and isinstance(ofport, int) and ofport > 0}


def split_outside(text, separators):
    """Cuts at separators that stand in no brackets."""
    if '(' not in text:  # what stands in [] holds none
        return [part for part in re.split(f'[{separators}]', text) if part]
    parts, depth, begin = [], 0, 0
    for i, character in enumerate(text):
        if character == '(':
            depth += 1
        elif character == ')':
            depth -= 1
        elif depth == 0 and character in separators:
            parts.append(text[begin:i])
            begin = i + 1
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def parse_flow(line):
    """A line of ovs-ofctl dump-flows: key and (cookie, attributes, actions)."""
    head, actions = line.strip().split(' actions=', 1)
    before, found, match = head.rpartition('priority=')
    if not found:  # 32768 is not printed
        before, _, rest = head.rpartition(' ')
        match = f'32768,{rest}' if '=' in rest and 'table=' not in rest else '32768'
    priority, *words = split_outside(match, ', ')
    attributes, flow_cookie, table = set(), 0, 0
    for word in split_outside(before, ', '):
        if word.startswith('cookie='):
            flow_cookie = int(word[7:], 16)
        elif word.startswith('table='):
            table = int(word[6:])
        else:
            attributes.add(word)
    sequence = tuple(split_outside(actions, ','))
    return (table, int(priority), frozenset(words)), (flow_cookie, frozenset(attributes), sequence)


def parse_dump(text):
    return dict(parse_flow(line) for line in text.splitlines() if ' actions=' in line)


def describe(key, flow):
    table, priority, match = key
    flow_cookie, attributes, actions = flow
    words = ','.join([f'priority={priority}', *sorted(attributes), *sorted(match)])
    return f"cookie={flow_cookie:#x}, table={table}, {words} actions={','.join(actions)}"


def compare(expected, installed):
    """Lists of flows that are missing, too many, or not as they should be."""
    missing, extra, different = [], [], []
    for key, flow in expected.flows.items():
        there = installed.get(key)
        if there is None:
            missing.append(describe(key, flow))
        elif there != flow:
            different.append(describe(key, there))
    for key, flow in installed.items():
        if flow[0] >> 48 != OWNER or key in expected.flows:
            continue
        if not is_connection(expected, key, flow) and not expected.tolerates(key, flow):
            extra.append(describe(key, flow))
    return {'missing': missing, 'extra': extra, 'different': different}


def is_connection(expected, key, flow):
    flow_cookie, attributes, actions = flow
    if flow_cookie >> 46 & 3 != CONNECTION:
        return False
    limits = {word for word in attributes if re.fullmatch(r'(idle|hard)_timeout=\d+', word)}
    return expected.connection(key) == (flow_cookie, actions) and attributes - limits == {'send_flow_rem'}


def generations(text):
    return sorted(set(MARK.findall(text)))


known = {}


def expected_of(folder, ofports):
    """Worked out anew only when a file or a port has changed."""
    files = [(str(path), path.stat().st_mtime_ns) for path in sorted(pathlib.Path(folder).rglob('*.yaml'))]
    state = (files, ofports)
    if known.get(folder, (None, None))[0] != state:
        known[folder] = (state, Expected(Manifests(folder), ofports))
    return known[folder][1]


def look(folders):
    """One dump, held against each folder."""
    text, ofports = dump(), plugged()
    expectations = {folder: expected_of(folder, ofports) for folder in folders}
    fingerprint = hashlib.sha256('\n'.join(sorted(text.splitlines())).encode()).digest()
    for expected in expectations.values():
        if fingerprint in expected.found_right:
            return expected.found_right[fingerprint]
    result = judge(text, expectations)
    if result['right']:
        expectations[result['right']].found_right = {fingerprint: result}
    return result


def judge(text, expectations):
    installed = parse_dump(text)
    results = []
    for folder, expected in expectations.items():
        wrong = compare(expected, installed)
        counts = {name: len(flows) for name, flows in wrong.items()}
        samples = {name: flows[:SHOWN] for name, flows in wrong.items()}
        results.append({'folder': folder, 'wrong': sum(counts.values()), **counts, 'flows': samples})
    ours = sum(1 for flow in installed.values() if flow[0] >> 48 == OWNER)
    return {
        'right': next((each['folder'] for each in results if each['wrong'] == 0), None),
        'ours': ours,
        'foreign': len(installed) - ours,
        'generations': generations(text),
        'candidates': results,
    }


def attempt(folders):
    """A switch that does not answer is a result as well."""
    try:
        return look(folders)
    except (subprocess.SubprocessError, json.JSONDecodeError) as error:
        return {'right': None, 'failed': f"{error} {getattr(error, 'stderr', '') or ''}".strip()}


def serve():
    for line in sys.stdin:
        print(json.dumps(attempt(json.loads(line))), flush=True)


def snapshots():
    counts, ended = {'looks': 0, 'mixed': 0, 'samples': []}, threading.Event()

    def answer():
        for _ in sys.stdin:
            print(json.dumps(counts), flush=True)
        ended.set()

    threading.Thread(target=answer, daemon=True).start()
    while not ended.is_set():
        try:
            seen = generations(dump())
            counts['looks'] += 1
            if len(seen) > 1:
                counts['mixed'] += 1
                counts['samples'] = [*counts['samples'], seen][:SHOWN]
        except subprocess.SubprocessError:
            pass  # the switch is away
        time.sleep(SNAPSHOT_EVERY_S)


def main(arguments):
    if arguments == ['--serve']:
        serve()
    elif arguments == ['--snapshots']:
        snapshots()
    elif arguments and not arguments[0].startswith('-'):
        result = attempt(arguments)
        print(json.dumps(result, indent=2))
        return 0 if result['right'] else 2
    else:
        print(__doc__, file=sys.stderr)
        return 64
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
