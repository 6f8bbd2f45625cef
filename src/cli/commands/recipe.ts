import { Command, Option } from 'commander'
import { formatNames } from '../../formats/names.ts'
import { shellWord } from '../../image/shell-word.ts'
import type { GivenAnswers } from '../init-recipe.ts'

interface InitFlags extends Omit<GivenAnswers, 'outputs'> {
  readonly to?: readonly string[]
  readonly yes?: boolean
  readonly force?: boolean
}

export function recipeCommand(): Command {
  const command = new Command('recipe').description('work on recipes')
  command
    .command('check')
    .description('check a recipe without building it')
    .argument('[recipe]', 'recipe file', 'ingot.yaml')
    .action(async (path: string) => {
      const { loadRecipe } = await import('../../recipe/load.ts')
      const recipe = loadRecipe(path)
      process.stdout.write(`${path}: ${recipe.name} is a valid recipe\n`)
    })
  command
    .command('init')
    .description('write a recipe to begin with; what is not said is asked for')
    .argument('[recipe]', 'file to write', 'ingot.yaml')
    .option('--name <name>', 'name of the image, like debian/12')
    .option('--from <base>', 'what it starts from, like debootstrap:debian/bookworm')
    .option('--system', 'it is to boot: systemd, network, SSH')
    .option('--no-system', 'it is not')
    .option('--packages <name...>', 'more packages')
    .option('--user <name>', 'a user who may become root')
    .addOption(new Option('--to <format...>', 'formats to write').choices(formatNames))
    .option('--yes', 'ask nothing: the defaults count for what is not said')
    .option('--force', 'replace a file that is there')
    .action(async (file: string, { to: outputs, yes, force = false, ...given }: InitFlags) => {
      const { initRecipe } = await import('../init-recipe.ts')
      await initRecipe(file, { ...given, outputs }, { force, questions: !yes && process.stdin.isTTY === true })
      process.stdout.write(`${file}: next is \`ingot build ${shellWord(file)}\`\n`)
    })
  command
    .command('fmt')
    .description('write a recipe in the form that all of them have; comments stay')
    .argument('[recipe...]', 'recipe files (default: ingot.yaml)')
    .option('--check', 'write nothing; exit status 1 when one has another form')
    .action(async (paths: readonly string[], flags: { check?: boolean }) => {
      const { formatFiles } = await import('../format-recipes.ts')
      const others = formatFiles(paths.length > 0 ? paths : ['ingot.yaml'], flags.check ?? false)
      if (flags.check && others > 0) process.exitCode = 1
    })
  command
    .command('schema')
    .description('print the JSON Schema of recipes, for editors')
    .option('--feature', 'that of a feature.yaml')
    .action(async (flags: { feature?: boolean }) => {
      const { featureJsonSchema, recipeJsonSchema } = await import('../../recipe/json-schema.ts')
      const schema = flags.feature ? featureJsonSchema() : recipeJsonSchema()
      process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
    })
  return command
}
