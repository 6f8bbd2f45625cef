import type { DataRun } from '../image/entry.ts'
import { blockSize } from './block.ts'
import { parseDecimal, readNumber } from './numbers.ts'
import type { PaxRecords } from './pax.ts'
import type { TarScanner } from './scan.ts'
import { checkRuns, gnuSparse, maxRuns, parseRunList, readGnuRuns, SparseMapReader } from './sparse.ts'

/** A sparse file's sizes and map. */
interface SparseFile {
  /** Bytes with holes. */
  readonly size: number
  /** Bytes of data that follow. */
  readonly stored: number
  /** Absent when the map leaves no holes. */
  readonly sparse: readonly DataRun[] | undefined
}

/**
 * Reads a sparse file's map in any of GNU tar's forms: the old one in and after the header, 0.0 and 0.1 in records,
 * 1.0 before the data. The scanner's cursor stands on the header block and is left on the first byte of data.
 */
export async function readSparse(
  scanner: TarScanner,
  isOldGnu: boolean,
  records: PaxRecords,
  stored: number,
): Promise<SparseFile> {
  if (records.has('SCHILY.realsize')) throw scanner.fail('unsupported', "a sparse file in star's own form")
  if (isOldGnu) {
    const size = readNumber(scanner.cursor.chunk, scanner.cursor.position + gnuSparse.realSize, 12)
    return finish(scanner, await readOldMap(scanner), size, stored)
  }
  scanner.cursor.position += blockSize
  const version = `${records.get('GNU.sparse.major') || '0'}.${records.get('GNU.sparse.minor') || '0'}`
  if (version === '1.0') {
    const { runs, blocks } = await readMapBlocks(scanner, stored)
    return finish(scanner, runs, parseDecimal(records.get('GNU.sparse.realsize') ?? ''), stored - blocks * blockSize)
  }
  if (version !== '0.0' && version !== '0.1') throw scanner.fail('unsupported', `a sparse file of version ${version}`)
  const size = parseDecimal(records.get('GNU.sparse.size') || records.get('GNU.sparse.realsize') || '')
  const runs = parseRunList(records.get('GNU.sparse.map') ?? '')
  const count = records.get('GNU.sparse.numblocks')
  if (count && parseDecimal(count) !== runs.length) {
    throw scanner.fail('bad-input', `a sparse map of ${runs.length} runs where ${count} are announced`)
  }
  return finish(scanner, runs, size, stored)
}

function finish(scanner: TarScanner, runs: readonly DataRun[], size: number, stored: number): SparseFile {
  if (!(size >= 0)) throw scanner.fail('bad-input', "the sparse file's size is not a number from 0 to 2^53")
  const checked = checkRuns(runs, size, stored)
  if (typeof checked === 'string') throw scanner.fail('bad-input', checked)
  return { size, stored, sparse: stored === size ? undefined : checked }
}

async function readOldMap(scanner: TarScanner): Promise<DataRun[]> {
  const { cursor } = scanner
  const runs: DataRun[] = []
  readGnuRuns(cursor.chunk, cursor.position + gnuSparse.first, gnuSparse.slots, runs)
  let more = cursor.chunk[cursor.position + gnuSparse.extended] !== 0
  cursor.position += blockSize
  while (more) {
    if (runs.length > maxRuns) throw tooManyRuns(scanner)
    if (!(await cursor.fill(blockSize))) throw scanner.truncated()
    readGnuRuns(cursor.chunk, cursor.position, gnuSparse.moreSlots, runs)
    more = cursor.chunk[cursor.position + gnuSparse.moreExtended] !== 0
    cursor.position += blockSize
  }
  return runs
}

async function readMapBlocks(scanner: TarScanner, stored: number): Promise<{ runs: DataRun[]; blocks: number }> {
  const { cursor } = scanner
  const map = new SparseMapReader()
  let blocks = 0
  while (!map.complete) {
    if ((blocks + 1) * blockSize > stored) throw scanner.fail('bad-input', 'the sparse map does not end')
    if (!(await cursor.fill(blockSize))) throw scanner.truncated()
    const block = cursor.chunk.subarray(cursor.position, cursor.position + blockSize)
    cursor.position += blockSize
    blocks++
    if (!map.add(block)) throw scanner.fail('bad-input', 'the sparse map holds something that is not a number')
    if (map.tooMany) throw tooManyRuns(scanner)
  }
  return { runs: map.runs, blocks }
}

function tooManyRuns(scanner: TarScanner): Error {
  return scanner.fail('limit', `a sparse file of more than ${maxRuns} data runs`)
}
