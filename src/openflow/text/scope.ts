// What the reading of an action can depend on besides its own text.
import type { Hex } from '../../values/hex.js'
import type { Action } from '../actions/actions.js'
import { portTo16 } from '../ports.js'
import type { Call } from './call.js'
import { parsePort, type PortNames } from './port-names.js'
import { syntaxError, type Word } from './scan.js'

export interface Scope {
  readonly names: PortNames
  readonly packets: Packets
  /** The 802.1Q tag as it is where the word at hand stands. */
  readonly tag: { isThere: boolean }
  /** Reads the list of actions inside an action. */
  readonly nested: (list: Word) => readonly Action[]
}

/** All that the reading of an action may know of the match of its flow: equal text beside equal packets reads alike. */
export interface Packets {
  /** Are they 802.1Q frames, all of them? */
  readonly isTagged: boolean
  /** Their IP protocol, where it is one. */
  readonly ipProtocol: Hex | undefined
}

/** One word to the actions it stands for; old words stand for several. */
export type ActionReader = (call: Call, scope: Scope) => Action | readonly Action[]

export type ActionReaders = Readonly<Record<string, ActionReader>>

export function readPort(word: Word, { names }: Scope): number {
  const port = parsePort(word.text, names)
  if (port === undefined) throw syntaxError(word, 'a port number or the name of a port')
  return port
}

/** A port as Nicira's actions have it. */
export function readPort16(word: Word, scope: Scope): number {
  const port = portTo16(readPort(word, scope))
  if (port === undefined) throw syntaxError(word, 'a port of 16 bits')
  return port
}
