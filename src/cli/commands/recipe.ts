import { Command } from 'commander'

export function recipeCommand(): Command {
  const command = new Command('recipe').description('work on recipes')
  command
    .command('check')
    .description('check a recipe without building it')
    .argument('[recipe]', 'recipe file', 'ingot.yaml')
    .action(async (path: string) => {
      const { loadRecipe } = await import('../../recipe/load.ts')
      const recipe = await loadRecipe(path)
      process.stdout.write(`${path}: ${recipe.name} is a valid recipe\n`)
    })
  command
    .command('schema')
    .description('print the JSON Schema of recipes, for editors')
    .action(async () => {
      const { recipeJsonSchema } = await import('../../recipe/json-schema.ts')
      process.stdout.write(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`)
    })
  return command
}
