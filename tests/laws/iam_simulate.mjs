// Decides simulations by @cloud-copilot/iam-simulate: one a line of the standard input, one verdict a line of the output.
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

for await (const line of createInterface({ input: process.stdin })) {
  const simulation = JSON.parse(line)
  if (simulation.request.principal === '*') simulation.request.principal = anonymousPrincipal
  const found = await runSimulation(simulation, {}).catch((error) => ({ errors: { message: `thrown: ${error.message}` } }))
  process.stdout.write(`${JSON.stringify(found.overallResult ?? found.errors)}\n`)
}
