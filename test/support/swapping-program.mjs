// Exchanges a path for `<path>.link` and back until it is killed, or whoever began it would be long gone.
import { renameSync } from 'node:fs'

const place = process.argv[2]
process.send('begun')
const end = Date.now() + 150_000
while (Date.now() < end) {
  renameSync(place, `${place}.aside`)
  renameSync(`${place}.link`, place)
  renameSync(place, `${place}.link`)
  renameSync(`${place}.aside`, place)
}
