import type { ImageMetadata, LxdTemplate } from '../../image/metadata.ts'
import { emptyMetadata } from '../../image/metadata.ts'
import { architectures, findArchitecture } from '../../image/platform.ts'
import { readYaml, type YamlReader } from './yaml-reader.ts'

/**
 * What a metadata.yaml says, by LXD's rules: `architecture` and `creation_date` are mandatory, other keys are not,
 * unknown keys are ignored, properties are text. Template files are not looked for: `templateFiles` is empty.
 * Throws 'bad-input' naming line and key.
 */
export function parseLxdMetadata(bytes: Buffer, subject: string): ImageMetadata {
  const { root, reader } = readYaml(bytes, subject)
  const keys = reader.members(root, 'the document')
  const expires = reader.integer(keys.get('expiry_date'), 'expiry_date')
  return {
    ...emptyMetadata(readArchitecture(keys.get('architecture'), root, reader)),
    created: readCreationDate(keys.get('creation_date'), root, reader),
    ...(expires ? { expires } : {}),
    properties: readTexts(keys.get('properties'), 'properties', reader),
    templates: [...reader.members(keys.get('templates'), 'templates')].map(([target, node]) =>
      readTemplate(target, node, reader),
    ),
  }
}

function readArchitecture(node: unknown, root: unknown, reader: YamlReader) {
  const name = reader.text(node, 'architecture')
  if (name === '') throw reader.fail(root, 'architecture is missing', 'LXD needs it: architecture: x86_64')
  const found = findArchitecture(name)
  if (found) return found
  throw reader.fail(
    node,
    `architecture ${JSON.stringify(name)} is not known`,
    `LXD's names: ${architectures.join(', ')}.`,
  )
}

function readCreationDate(node: unknown, root: unknown, reader: YamlReader): number {
  const created = reader.integer(node, 'creation_date')
  if (created) return created
  const hint = 'LXD needs it, in seconds since 1970: creation_date: 1700000000'
  throw reader.fail(node ?? root, 'creation_date is missing or 0', hint)
}

function readTemplate(target: string, node: unknown, reader: YamlReader): LxdTemplate {
  const where = `templates: ${target}`
  const keys = reader.members(node, where)
  const template = reader.text(keys.get('template'), `${where}: template`)
  if (!isBareName(template)) {
    throw reader.fail(node, `${where}: template ${JSON.stringify(template)} is not the name of a file in templates/`)
  }
  const createOnly = reader.boolean(keys.get('create_only'), `${where}: create_only`)
  const properties = readTexts(keys.get('properties'), `${where}: properties`, reader)
  const when = reader.items(keys.get('when'), `${where}: when`).map((item) => reader.text(item, `${where}: when`))
  const optional = (key: 'uid' | 'gid' | 'mode') => {
    const text = reader.text(keys.get(key), `${where}: ${key}`)
    return text === '' ? {} : { [key]: text }
  }
  return {
    target,
    when,
    template,
    ...(createOnly === undefined ? {} : { createOnly }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...optional('uid'),
    ...optional('gid'),
    ...optional('mode'),
  }
}

/** A file name without a path: the only form of `template` that LXD and Incus both take. */
export function isBareName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
}

function readTexts(node: unknown, where: string, reader: YamlReader): Readonly<Record<string, string>> {
  const members = [...reader.members(node, where)]
  return Object.fromEntries(members.map(([key, value]) => [key, reader.text(value, `${where}: ${key}`)]))
}
