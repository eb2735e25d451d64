// The same network by OVN and by this program, each on one switch of its own: from the declaration of a port whose interface
// is there already until the last flow of it is.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderMac } from '../src/values/mac.js'
import type { Port } from '../src/manifest/model.js'
import type { Ipv4 } from '../src/values/ipv4.js'
import { watchFlows, type FlowEvents } from '../test/support/flow-events.js'
import { createLab, type Lab } from '../test/support/lab.js'
import { HERE, regionOf, regionText } from '../test/support/region.js'
import { startWatch } from '../test/support/scene.js'
import { lastChange, openDesk } from './cluster/desk.js'
import { printFigure, printHeading } from './figures.js'
import { addPort, Ovn } from './ovn/ovn.js'
import { isThere, residentMb } from './packet-in/controllers.js'

const SIZE = { nodes: 10, networks: 100, ports: 1_000, ownPorts: 20 }
const ROUNDS = 20
