// Where in a YAML document the value behind a JSON pointer stands: the way there may lead through aliases and merge keys,
// which the value itself no longer shows.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { segmentsOf } from './pointer.js'

export interface Place {
  /** The key, for the value of a mapping. */
  readonly key: Node | undefined
  readonly value: Node | undefined
}

const MERGE = '<<'

/** The place of a JSON pointer, or of its nearest ancestor that is there. */
export function placeOf(document: Document, pointer: string): Place {
  let place: Place = { key: undefined, value: document.contents ?? undefined }
  for (const segment of segmentsOf(pointer)) {
    const next = childOf(document, place.value, segment)
    if (!next) return place
    place = next
  }
  return place
}

function childOf(document: Document, parent: Node | undefined, segment: string): Place | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent
  if (isSeq(node)) {
    const item = node.items[Number(segment)]
    return isNode(item) ? { key: undefined, value: item } : undefined
  }
  return isMap(node) ? (ownChild(node, segment) ?? mergedChild(document, node, segment)) : undefined
}

/** A key given twice is reported elsewhere; the last one is the one that counts in the value. */
function ownChild(map: YAMLMap, segment: string): Place | undefined {
  const pair = map.items.findLast((item) => keyText(item) === segment)
  if (!pair) return undefined
  return { key: isNode(pair.key) ? pair.key : undefined, value: isNode(pair.value) ? pair.value : undefined }
}

function mergedChild(document: Document, map: YAMLMap, segment: string): Place | undefined {
  for (const { value } of map.items.filter((item) => keyText(item) === MERGE)) {
    for (const source of isSeq(value) ? value.items : [value]) {
      const place = isNode(source) ? childOf(document, source, segment) : undefined
      if (place) return place
    }
  }
  return undefined
}

function keyText({ key }: Pair): string {
  const text: unknown = isScalar(key) ? key.value : key
  // The YAML library turns a merge key into a symbol.
  if (typeof text === 'symbol') return MERGE
  return typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean' ? String(text) : ''
}
