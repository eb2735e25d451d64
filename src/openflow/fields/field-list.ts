// Match fields one after the other, with no header around them: in packet-ins, properties and monitors.
import { list } from '../wire/layout.js'
import { type MatchField, readField, writeField } from './match.js'

export const fieldList = list<MatchField>({
  read: (reader, version) => readField(reader, version),
  write: (writer, field, version) => writeField(writer, field, version),
})
