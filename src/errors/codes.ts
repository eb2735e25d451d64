// The closed list of what can go wrong, with what it does to the exit code and whether trying again can help.

/** Exit codes of every command. One number, one meaning. */
export const EXIT = {
  done: 0,
  runtimeError: 1,
  differences: 2,
  invalidManifests: 3,
  assertionFailed: 4,
  unsafePlan: 5,
  stalePlan: 6,
  partlyApplied: 7,
  usage: 64,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

interface ErrorKind {
  readonly exit: ExitCode
  /** May the same call succeed later, with no edit by a person? */
  readonly retriable: boolean
  /** One line for docs/errors.md. */
  readonly meaning: string
}

const manifest = (meaning: string): ErrorKind => ({ exit: EXIT.invalidManifests, retriable: false, meaning })
const runtime = (meaning: string): ErrorKind => ({ exit: EXIT.runtimeError, retriable: true, meaning })
const usage = (meaning: string): ErrorKind => ({ exit: EXIT.usage, retriable: false, meaning })

export const ERROR_KINDS = {
  // Manifests: text and shape
  YAML_SYNTAX: manifest('The file is not valid YAML 1.2.'),
  NOT_UTF8: manifest('The file is not UTF-8 text, or holds control characters.'),
  NOT_A_MANIFEST: manifest('A document is not a mapping with apiVersion, kind, metadata and spec.'),
  UNKNOWN_API_VERSION: manifest('apiVersion is not reconcile/v1.'),
  UNKNOWN_KIND: manifest('kind is not one of Network, Subnet, Router, Port, Node.'),
  UNKNOWN_FIELD: manifest('A field that its kind does not have.'),
  MISSING_FIELD: manifest('A required field is absent.'),
  WRONG_TYPE: manifest('A field holds a value of another type.'),
  WRONG_VALUE: manifest('A field holds a value outside the allowed set or range.'),
  INVALID_NAME: manifest('A name is not an RFC 1123 label.'),
  // Manifests: addresses
  INVALID_MAC: manifest('A MAC address is malformed, a group address, or all zeros.'),
  INVALID_IPV4: manifest('An IPv4 address is malformed or ambiguous (octal).'),
  IPV6_UNSUPPORTED: manifest('IPv6 addresses are not supported in manifests yet.'),
  INVALID_CIDR: manifest('A CIDR is malformed or cannot serve as a subnet.'),
  CIDR_HOST_BITS: manifest('A CIDR has host bits set.'),
  // Manifests: between objects
  DUPLICATE_NAME: manifest('Two objects of one kind have the same name.'),
  UNRESOLVED_REFERENCE: manifest('A name refers to no object.'),
  DUPLICATE_SEGMENTATION_ID: manifest('Two networks have the same segmentation id.'),
  DUPLICATE_MAC: manifest('Two interfaces of one network have the same MAC address.'),
  DUPLICATE_IP: manifest('Two interfaces of one network have the same IP address.'),
  DUPLICATE_INTERFACE: manifest('Two ports claim the same OVS interface.'),
  RESERVED_INTERFACE: manifest('A port claims an interface that this program uses itself.'),
  DUPLICATE_SUBNET: manifest('A router names one subnet twice.'),
  DUPLICATE_TUNNEL_IP: manifest('Two nodes have the same tunnel address.'),
  ENCAPSULATION_MISMATCH: manifest('Not all nodes use the same encapsulation.'),
  SUBNET_OVERLAP: manifest('Two subnets of one network or router overlap.'),
  IP_OUTSIDE_SUBNET: manifest('An address lies outside its subnet, or is its network or broadcast address.'),
  GATEWAY_CONFLICT: manifest('A port has the address of a gateway or router interface.'),
  SUBNET_OF_OTHER_NETWORK: manifest('A port has an address of a subnet of another network.'),
  NEXT_HOP_UNREACHABLE: manifest('The next hop of a static route is no host of a subnet of its router.'),
  ROUTE_CONFLICT: manifest('A static route leads where another route of its router leads already.'),
  HASH_COLLISION: manifest('Two object names have the same hash; one must be renamed.'),
  // Reading
  NO_MANIFESTS: usage('No path was given and there is no ./manifests.'),
  PATH_UNREADABLE: {
    exit: EXIT.runtimeError,
    retriable: true,
    meaning: 'A path does not exist or cannot be read.',
  },
  MANIFESTS_CHANGING: {
    exit: EXIT.runtimeError,
    retriable: true,
    meaning: 'The files of the manifests never stayed as they were while they were read.',
  },
  OUTPUT_UNWRITABLE: {
    exit: EXIT.runtimeError,
    retriable: true,
    meaning: 'The file of --output or --pcap cannot be written.',
  },
  INVALID_DUMP: manifest('A flow dump or flow text is malformed.'),
  INVALID_CONFIG: { exit: EXIT.usage, retriable: false, meaning: 'The configuration file is invalid.' },
  USAGE: usage('The command line is wrong.'),
  // The switch
  OVSDB_UNREACHABLE: runtime('The OVSDB socket does not answer.'),
  OVSDB_ERROR: runtime('ovsdb-server refused a request.'),
  OVSDB_MALFORMED: runtime('Bytes from the OVSDB socket are not what RFC 7047 says.'),
  PORT_TAKEN: runtime('A port of the tunnel bridge has the name of a port that is there for something else.'),
  SWITCH_UNREACHABLE: runtime('The bridge has no answering OpenFlow management socket.'),
  VERSION_MISMATCH: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning: 'The bridge allows none of OpenFlow 1.5, 1.4 and 1.3.',
  },
  OPENFLOW_MALFORMED: runtime('Bytes from the switch are not OpenFlow.'),
  MESSAGE_TOO_LONG: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning: 'What shall be sent does not fit one OpenFlow message of 65535 bytes.',
  },
  REPLY_TOO_LONG: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning: 'The parts of one reply of the switch are together more than the limit.',
  },
  UNKNOWN_NODE: usage(
    'No Node is named as this host is, and ports have a host or it had a Node; nothing was applied.',
  ),
  NODE_CHANGED: usage('The bridge has the flows of a node of another name; nothing was applied.'),
  OPENFLOW_TIMEOUT: runtime('The switch did not answer in time.'),
  OPENFLOW_REFUSED: runtime('The switch refused a request other than a change of flows.'),
  CONNECTION_LOST: runtime('The connection to the switch was closed.'),
  FLOW_REFUSED: {
    exit: EXIT.partlyApplied,
    retriable: false,
    meaning:
      'The switch refused a flow; its object was left out, or, where half of it would be there, nothing was applied.',
  },
  DELETIONS_HELD: {
    exit: EXIT.unsafePlan,
    retriable: false,
    meaning: 'The manifests lack so many objects that these were not deleted; all else was applied.',
  },
  LOCK_HELD: {
    exit: EXIT.stalePlan,
    retriable: true,
    meaning: 'Another reconciler works on the bridge, and holds its lock in OVSDB.',
  },
  SUSPENDED: {
    exit: EXIT.stalePlan,
    retriable: false,
    meaning: 'The bridge is suspended; nothing was applied.',
  },
  FOREIGN_FLOW: {
    exit: EXIT.partlyApplied,
    retriable: false,
    meaning: 'A flow of somebody else stands where ours should be.',
  },
  FOREIGN_METER: {
    exit: EXIT.partlyApplied,
    retriable: false,
    meaning: 'A meter of somebody else has the number that one of ours should have.',
  },
  NOT_VERIFIED: {
    exit: EXIT.partlyApplied,
    retriable: true,
    meaning: 'After applying, the switch does not hold what was sent.',
  },
  // The daemon's socket
  UNKNOWN_OBJECT: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning: 'The daemon was asked about an object that its manifests do not have.',
  },
  NO_DAEMON: runtime('No running daemon answers on its socket.'),
  SOCKET_UNUSABLE: runtime('The daemon cannot serve its status at the path of its socket.'),
  LISTEN_FAILED: runtime('The daemon cannot listen for switches at the place that --listen names.'),
  // The cluster
  ETCD_UNREACHABLE: runtime('No member of etcd answers, or the connection to it ended.'),
  ETCD_REFUSED: runtime('etcd does not let this user in, or not do what an agent has to do.'),
  ETCD_PACKAGE_MISSING: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning: 'The optional package etcd3, which --etcd needs, is not installed.',
  },
  NODE_NAME_TAKEN: {
    exit: EXIT.runtimeError,
    retriable: false,
    meaning:
      'Another agent of the cluster runs under the name of this node; on another switch nothing is written.',
  },
  // Tests
  FAILPOINT: runtime('A failpoint that RECONCILE_FAILPOINT names was passed (docs/reliability.md).'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERROR_KINDS
