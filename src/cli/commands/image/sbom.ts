import { Command, Option } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly format: 'cyclonedx' | 'spdx' | 'list'
}

export function sbomCommand(): Command {
  const command = new Command('sbom')
    .description(
      'print what is installed in an image: a software bill of materials, from the databases of dpkg, rpm, pacman and apk',
    )
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .addOption(
      new Option('--format <format>', 'CycloneDX 1.6 or SPDX 2.3, in JSON; or a line for each package')
        .choices(['cyclonedx', 'spdx', 'list'])
        .default('cyclonedx'),
    )
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: Flags) => {
    const { findServedImage } = await import('../../../store/find.ts')
    const { openStoredImage } = await import('../../../store/stored-image.ts')
    const { describeForSbom, sbomSubject } = await import('../../../store/sbom/describe.ts')
    const { cycloneDx } = await import('../../../store/sbom/cyclonedx.ts')
    const { spdx } = await import('../../../store/sbom/spdx.ts')
    const { packageList } = await import('../../../store/sbom/package-list.ts')
    const { warn } = await import('../../run-pour.ts')
    const { version } = await import('../../version.ts')
    await withStore(flags, async (store) => {
      const found = await findServedImage(await store.catalog(), name, flags)
      const described = await describeForSbom(sbomSubject(found.record), await openStoredImage(store, found), warn)
      if (flags.format === 'list') return void process.stdout.write(packageList(described))
      const document = flags.format === 'spdx' ? spdx(described, version()) : cycloneDx(described, version())
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    })
  })
}
