import { Command } from 'commander'

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
